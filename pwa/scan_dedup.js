/**
 * Which of the codes in the white frame is to be taken.
 *
 * One that lies there alone, seen so twice: of two papers one is often read a moment before the other. Two different ones: neither.
 * And the same one is taken once, and again only after it was out of the frame for a while: a voucher that lies under the camera
 * must not be scanned twice. Only what was taken is ever held back.
 * @module
 */
import { parseSigned } from "./code.js";

/** How long a taken code must be out of the frame, in ms. */
export const AWAY_MS = 4_000;
/** Two codes that were in the frame so shortly after each other, in ms, are in it together: not every picture shows both sharply. */
export const TOGETHER_MS = 600;
/** The second look at a code must come so soon, in ms, unless it is the very next one. */
export const AGAIN_MS = 1_000;

/**
 * @typedef {object} Look What a look into the frame means.
 * @property {string | null} take The code to be decided now.
 * @property {number} together How many vouchers lie in the frame, when that is more than one.
 * @property {boolean} again Whether another look soon will tell.
 */

/**
 * The papers in the frame, and whether they are none of ours. Two prints of one voucher, one of them as an address, are the same
 * paper. A code that is no voucher's (an advertisement, a way to pay) counts only when no voucher lies there.
 * @param {readonly string[]} codes
 * @returns {{ papers: Set<string>, foreign: boolean }}
 */
function papersOf(codes) {
  const ours = new Set();
  for (const code of codes) {
    const signed = parseSigned(code);
    if (signed !== "foreign") ours.add(signed === "malformed" ? code : signed.text);
  }
  return ours.size > 0 ? { papers: ours, foreign: false } : { papers: new Set(codes), foreign: codes.length > 0 };
}

export class Sight {
  /** When each taken code was last in the frame. @type {Map<string, number>} */
  #taken = new Map();
  /** When each code was last in the frame, whether taken or not, and whether it was alone there. @type {Map<string, { at: number, foreign: boolean, alone: boolean }>} */
  #near = new Map();
  /** When the frame was last looked at. */
  #last = -Infinity;
  /** When codes were last in the frame together. */
  #crowded = -Infinity;

  /**
   * @param {readonly string[]} codes What is in the frame now.
   * @param {number} now Ms.
   * @returns {Look}
   */
  look(codes, now) {
    const { papers, foreign } = papersOf(codes);
    this.#forget(now);
    const [only] = papers;
    const before = only === undefined ? undefined : this.#near.get(only);
    // Alone both times. However long a look takes: in the one before, or a moment ago.
    const twice = before?.alone && (before.at === this.#last || now - before.at <= AGAIN_MS);
    for (const paper of papers) {
      this.#near.set(paper, { at: now, foreign, alone: papers.size === 1 });
      if (this.#taken.has(paper)) this.#taken.set(paper, now);
    }
    this.#last = now;
    const lately = [...this.#near.values()].filter((near) => now - near.at <= TOGETHER_MS && near.foreign === foreign).length;
    if (papers.size > 1) this.#crowded = now;
    if (papers.size > 1 || (lately > 1 && now - this.#crowded <= TOGETHER_MS)) {
      // They lie there until somebody moves one: no hurry.
      return { take: null, together: lately, again: false };
    }
    if (only === undefined || this.#taken.has(only)) return { take: null, together: 0, again: false };
    // One that left a moment ago may only have been unreadable.
    if (!twice || lately > 1) return { take: null, together: 0, again: true };
    this.#taken.set(only, now);
    return { take: only, together: 0, again: false };
  }

  /** @param {number} now Ms. */
  #forget(now) {
    for (const [key, at] of this.#taken) if (now - at > AWAY_MS) this.#taken.delete(key);
    for (const [key, { at }] of this.#near) if (at !== this.#last && now - at > AGAIN_MS) this.#near.delete(key);
  }

  /**
   * Nothing was looked at for a while (a result filled the screen): what lay in the frame at the end still does. What had left it
   * before is not held back any longer for that.
   * @param {number} now Ms.
   */
  resume(now) {
    for (const [key, { at }] of this.#near) {
      if (this.#last - at <= TOGETHER_MS && this.#taken.has(key)) this.#taken.set(key, now);
    }
    this.#near.clear();
    this.#last = now;
    this.#crowded = -Infinity;
  }
}
