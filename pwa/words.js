/**
 * The language on screen: Vietnamese first, English for those who ask for it.
 * @module
 */

/** @type {"vi" | "en"} */
let current = "vi";

/** @param {"vi" | "en"} lang */
export function speak(lang) {
  current = lang;
  if (typeof document !== "undefined") document.documentElement.lang = lang;
}

export const language = () => current;

/**
 * One of two texts.
 * @param {string} vi
 * @param {string} en
 */
export const t = (vi, en) => (current === "vi" ? vi : en);

/** @param {import("./types.js").Say} say */
export const say = (say) => say[current];
