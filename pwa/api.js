/**
 * Calls of the server. Tells "nobody answered" from "somebody refused"; every call ends in time.
 * @module
 */

/** Tells a phone the token that follows its own. */
const NEXT_TOKEN = "lalanh-next-token";
/** Tokens that one call tries at most. */
const TRIES = 70;

/** How long a call may take, in ms. */
export const TIMEOUT_MS = 8_000;

/** Nobody answered: no network, a time-out, or a server that can't now (429, 5xx). Trying again helps. */
export class NoAnswer extends Error {
  /**
   * @param {string} why
   * @param {number} [status]
   */
  constructor(why, status) {
    super(why);
    this.status = status;
  }
}

/** The server understood and refused. Trying again with the same does not help. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {{ code?: string, detail?: string, [more: string]: unknown }} problem
   */
  constructor(status, problem) {
    super(problem.detail ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code ?? "refused";
    this.problem = problem;
  }
}

/**
 * @typedef {object} Call
 * @property {unknown} [body] JSON.
 * @property {Blob} [blob] Another body.
 * @property {number} [timeoutMs]
 * @property {AbortSignal} [signal]
 * @property {string} [once] An Idempotency-Key.
 */

/**
 * @typedef {object} Tokens
 * @property {() => string | null} now
 * @property {(from: string, to: string) => Promise<void>} follow The server told the next one.
 * @property {(refused: readonly string[], code: string) => Promise<string | null>} other Another one to try.
 * @property {(token: string) => Promise<void>} back An earlier one was taken.
 */

/** The API with this phone's token. */
export class Api {
  /**
   * @param {Tokens} token
   * @param {() => string} lang
   * @param {(answered: boolean) => void} heard Told after every call whether anybody answered.
   */
  constructor(token, lang, heard = () => {}) {
    this.token = token;
    this.lang = lang;
    this.heard = heard;
  }

  /**
   * @param {string} method
   * @param {string} path Below `/api/v1`.
   * @param {Call} [call]
   * @returns {Promise<any>}
   */
  async call(method, path, call = {}) {
    let token = this.token.now();
    /** @type {string[]} */
    const refused = [];
    for (;;) {
      try {
        const answer = await this.#once(method, path, call, token);
        if (token && refused.length > 0) await this.token.back(token);
        return answer;
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 401 || !token || refused.length >= TRIES) {
          if (error instanceof Refused && token && refused.length > 0 && error.status !== 401) await this.token.back(token);
          throw error;
        }
        refused.push(token);
        token = await this.token.other(refused, error.code);
        if (token === null) throw error;
      }
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Call} call
   * @param {string | null} token
   * @returns {Promise<any>}
   */
  async #once(method, path, call, token) {
    /** @type {Record<string, string>} */
    const headers = { "accept-language": this.lang() };
    if (token) headers["authorization"] = `Bearer ${token}`;
    if (call.body !== undefined) headers["content-type"] = "application/json";
    if (call.once) headers["idempotency-key"] = call.once;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), call.timeoutMs ?? TIMEOUT_MS);
    const stop = () => late.abort();
    call.signal?.addEventListener("abort", stop);
    try {
      const response = await fetch(`/api/v1${path}`, {
        method,
        headers,
        credentials: "omit",
        cache: "no-store",
        signal: late.signal,
        ...(call.blob ? { body: call.blob } : {}),
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
      const text = await response.text();
      const next = response.headers.get(NEXT_TOKEN);
      if (token && next) this.token.follow(token, next);
      return this.#read(response.status, text);
    } catch (error) {
      if (error instanceof Refused) throw error;
      if (!call.signal?.aborted) this.heard(false);
      throw error instanceof NoAnswer ? error : new NoAnswer(String(error));
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", stop);
    }
  }

  /**
   * @param {number} status
   * @param {string} text
   */
  #read(status, text) {
    let json;
    try {
      json = text === "" ? null : JSON.parse(text);
    } catch {
      // A hotspot's log-in page, or a proxy's own words.
      throw new NoAnswer("not our server", status);
    }
    if (status >= 200 && status < 300) {
      this.heard(true);
      return json;
    }
    if (status === 408 || status === 429 || status >= 500) throw new NoAnswer(`HTTP ${status}`, status);
    this.heard(true);
    throw new Refused(status, json ?? {});
  }
}
