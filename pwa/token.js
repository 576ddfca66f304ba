/**
 * The phone's token, which moves on while it is in use: the server tells the next one, and the one before ends once that was
 * used. Kept beside the identity, so that another tab's older memory never overwrites it.
 * @module
 */

/** @typedef {{ now: string, earlier: string[] }} Kept */

/** Earlier tokens that are kept: a server that was restored from a back-up knows one of them. */
const EARLIER = 60;

export class Token {
  /** @type {Promise<void>} */
  #storing = Promise.resolve();

  /** @param {import("./phone.js").Phone} phone */
  constructor(phone) {
    this.phone = phone;
  }

  /** @returns {string | null} */
  now() {
    return this.phone.token?.now ?? this.phone.identity?.token ?? null;
  }

  /**
   * The server told the token that follows. It is used once it is on the disk; a phone that can't store it goes on with the one it has,
   * which stays good until then.
   * @param {string} from The token that asked.
   * @param {string} to
   */
  follow(from, to) {
    this.#storing = this.#storing.then(async () => {
      if (this.now() !== from || to === from) return;
      await this.#keep({ now: to, earlier: [...(this.phone.token?.earlier ?? []), from].slice(-EARLIER) });
    }).catch(() => {});
    return this.#storing;
  }

  /**
   * Another token to try, after these were refused: what another tab stored; else, when the server does not know the token at all, one
   * from before, the latest first.
   * @param {readonly string[]} refused
   * @param {string} code
   * @returns {Promise<string | null>}
   */
  async other(refused, code) {
    if (code !== "token_ended" && code !== "unauthenticated") return null;
    const { meta } = await this.phone.store.load();
    /** @type {Kept | null} */
    const kept = meta["token"] ?? null;
    const stored = kept?.now ?? meta["identity"]?.token ?? null;
    if (stored === null) return null;
    if (!refused.includes(stored)) {
      this.phone.token = kept;
      return stored;
    }
    if (code !== "unauthenticated") return null;
    const before = [meta["identity"]?.token, ...(kept?.earlier ?? [])].filter((token) => token && !refused.includes(token));
    return before.at(-1) ?? null;
  }

  /**
   * A token from before was taken: the server was put back to its time, and tells the next ones again.
   * @param {string} token
   */
  async back(token) {
    if (token === this.now()) return;
    const earlier = this.phone.token?.earlier ?? [];
    const at = earlier.indexOf(token);
    await this.#keep({ now: token, earlier: earlier.slice(0, Math.max(0, at)) }).catch(() => {});
  }

  /** @param {Kept} kept */
  async #keep(kept) {
    await this.phone.write({ meta: { token: kept } });
    this.phone.token = kept;
  }
}
