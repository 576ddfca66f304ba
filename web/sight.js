/**
 * The same code is taken once, and again only after it was out of sight for a while: a voucher that lies under the camera must not
 * be scanned twice.
 * @module
 */

/** How long a code must be out of sight, in ms. */
export const AWAY_MS = 4_000;

export class Sight {
  /** @type {Map<string, number>} When each code was last seen. */
  #seen = new Map();

  /**
   * Whether this sighting is a new one.
   * @param {string} code
   * @param {number} now Ms.
   */
  isNew(code, now) {
    for (const [other, at] of this.#seen) if (now - at > AWAY_MS) this.#seen.delete(other);
    const known = this.#seen.has(code);
    this.#seen.set(code, now);
    return !known;
  }

  /**
   * Nothing was looked at for a while (a result filled the screen): what was in sight then still is.
   * @param {number} now Ms.
   */
  resume(now) {
    for (const code of this.#seen.keys()) this.#seen.set(code, now);
  }
}
