/**
 * Whether the server can be heard. Told by every call; asks by itself, seldom, while nobody answers.
 * @module
 */

const FIRST_MS = 2_000;
const MOST_MS = 15_000;

export class Link {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #delay = FIRST_MS;

  /**
   * @param {() => Promise<unknown>} probe A small call that tells {@link Link.heard} of its answer.
   * @param {() => void} changed
   */
  constructor(probe, changed) {
    this.probe = probe;
    this.changed = changed;
    this.online = true;
  }

  /** @param {boolean} answered */
  heard(answered) {
    const before = this.online;
    this.online = answered;
    if (answered) {
      this.#delay = FIRST_MS;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else {
      this.#askLater();
    }
    if (before !== answered) this.changed();
  }

  #askLater() {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#delay = Math.min(MOST_MS, this.#delay * 2);
      this.ask();
    }, this.#delay);
  }

  /** Asks now: the browser says that there is a network again, or the page came back to the front. */
  ask() {
    this.probe().catch(() => {});
  }
}
