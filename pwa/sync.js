/**
 * Tells the server what this phone did: records in batches, oldest first, each deleted only after its own answer; then
 * undos; then scans whose answer was lost; then a closing report that is owed.
 * @module
 */
import { NoAnswer, Refused } from "./api.js";
import { heard } from "./step.js";

/** @typedef {import("./phone.js").Phone} Phone */
/** @typedef {import("./types.js").Waiting} Waiting */

const BATCH = 200;
const FIRST_MS = 1_000;
const MOST_MS = 60_000;
/** A scan that nobody waits for any more is asked after; before that its answer may still be on its way. */
const FORGOTTEN_MS = 10_000;
/** A request that the server has never heard of after so long will not arrive any more. */
const LOST_MS = 120_000;

/**
 * @typedef {object} Notices What a person should see.
 * @property {(attempt: import("./types.js").Attempt, answer: import("./types.js").Answer) => void} unclear The server says
 *   redeemed to a scan whose answer nobody saw.
 * @property {() => void} changed
 */

export class Sync {
  #delay = FIRST_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Promise<boolean> | null} */
  #running = null;
  /** Nonces that somebody waits for right now. */
  busy = new Set();

  /**
   * @param {Phone} phone
   * @param {import("./api.js").Api} api
   * @param {Notices} notices
   * @param {<T>(work: () => Promise<T>) => Promise<T>} alone Runs the work while no other tab does.
   * @param {(work: () => void, ms: number) => ReturnType<typeof setTimeout> | undefined} later
   */
  constructor(phone, api, notices, alone = (work) => work(), later = (work, ms) => setTimeout(work, ms)) {
    this.phone = phone;
    this.api = api;
    this.notices = notices;
    this.alone = alone;
    this.later = later;
  }

  /** Whether anything is owed to the server. */
  owes() {
    const { phone } = this;
    const asks = phone.undos.size > 0 || phone.attempts.size > 0;
    return phone.waiting().length > 0 || phone.closing !== null || (asks && !phone.revoked);
  }

  /**
   * Sends what waits, now. While one run is under way, its outcome is everybody's.
   * @returns {Promise<boolean>} Whether all was answered.
   */
  run() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.alone(() => this.#all()).finally(() => {
      this.#running = null;
      this.notices.changed();
    });
    return this.#running;
  }

  async #all() {
    try {
      await this.#records();
      // From a revoked phone only records and its report are taken: the rest must not keep the report back.
      if (!this.phone.revoked) {
        await this.#undos();
        await this.#attempts();
      }
      await this.#closing();
      this.#delay = FIRST_MS;
      return true;
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        if (error.code === "device_revoked") await this.phone.wasRevoked();
      } else if (!(error instanceof NoAnswer) && !(error instanceof Refused)) {
        throw error;
      }
      this.#later();
      return false;
    }
  }

  #later() {
    if (this.#timer !== undefined) return;
    this.#timer = this.later(() => {
      this.#timer = undefined;
      this.run();
    }, this.#delay);
    this.#delay = Math.min(MOST_MS, this.#delay * 2);
  }

  async #records() {
    for (;;) {
      const batch = this.phone.waiting().slice(0, BATCH);
      if (batch.length === 0) return;
      const items = batch.map(({ record }) => record);
      const { results } = await this.api.call("POST", "/redemptions/batch", { body: { items }, timeoutMs: 30_000 });
      const { taken, rejected, undone } = sort(batch, results);
      // An answer that fits nothing is as good as none.
      if (taken.length + rejected.length === 0) throw new NoAnswer("answers of other records");
      await this.phone.uploaded(taken, rejected, undone);
      this.notices.changed();
    }
  }

  async #undos() {
    const waits = new Set(this.phone.waiting().map(({ record }) => record.nonce));
    for (const undo of [...this.phone.undos.values()]) {
      if (waits.has(undo.nonce)) continue;
      await this.#finally(() => this.api.call("POST", `/redemptions/${undo.nonce}/reversal`, { body: { reason: undo.reason } }));
      await this.phone.undone(undo.nonce);
    }
  }

  /**
   * A refusal is final too: there is nothing to be undone, or only a coordinator may.
   * @param {() => Promise<unknown>} call
   */
  async #finally(call) {
    try {
      await call();
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 401) throw error;
    }
  }

  async #attempts() {
    const now = this.phone.chance.wall();
    for (const attempt of [...this.phone.attempts.values()]) {
      const age = now - attempt.asked_at;
      if (this.busy.has(attempt.nonce) || (age >= 0 && age < FORGOTTEN_MS)) continue;
      try {
        const answer = await this.api.call("GET", `/redemptions/${attempt.nonce}`);
        const { does } = heard(answer);
        if (does === "hand_out") this.notices.unclear(attempt, answer);
        else if (does === "give_up") await this.phone.takenBack(attempt, answer);
        else await this.phone.answered(attempt, false);
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 401) throw error;
        if (age < 0 || age > LOST_MS) await this.phone.answered(attempt, false);
      }
    }
  }

  async #closing() {
    const { closing } = this.phone;
    if (!closing || this.phone.waiting().length > 0) return;
    const { lease, ...report } = closing;
    try {
      await this.api.call("POST", `/leases/${lease}/report`, { body: report });
    } catch (error) {
      // The lease is a coordinator's to release: reporting again would never be taken.
      if (!(error instanceof Refused) || error.code !== "phone_rolled_back") throw error;
      await this.phone.wasRolledBack();
    }
    await this.phone.reported();
  }
}

/**
 * Which records were answered, and how. Results come in the order of the items; each must name its nonce.
 * @param {readonly Waiting[]} batch
 * @param {readonly any[]} results
 */
export function sort(batch, results) {
  /** @type {number[]} */
  const taken = [];
  /** @type {Waiting[]} */
  const rejected = [];
  /** @type {Waiting[]} */
  const undone = [];
  batch.forEach((waiting, i) => {
    const result = results[i];
    if (result?.nonce !== waiting.record.nonce) return;
    if (result.error) rejected.push({ ...waiting, error: { code: result.error.code, message: result.error.message } });
    else if (result.outcome) taken.push(waiting.sequence);
    if (result.outcome && heard(result).does === "give_up") undone.push(waiting);
  });
  return { taken, rejected, undone };
}
