/**
 * The code a person types when a camera fails: ten symbols, the last two a check over GF(32). The mathematics is told in
 * `src/vouchers/typed_code.rs`; both read the same test vectors.
 * @module
 */

const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 10;
const SEPARATORS = /[\s\-_.\u2010-\u2015\u2212\u200b\ufeff]/g;

/** @param {number} value */
const double = (value) => (value << 1) ^ (value > 15 ? 37 : 0);

/**
 * Reads what was typed: either case, spaces and dashes anywhere, O for 0, I or L for 1.
 * @param {string} text
 * @returns {{ symbols: string } | "length" | "symbol" | "check"} The ten symbols, or what is wrong with them.
 */
export function parseTyped(text) {
  const symbols = plain(text);
  const values = Array.from(symbols, (symbol) => SYMBOLS.indexOf(symbol));
  if (values.includes(-1)) return "symbol";
  if (values.length !== LENGTH) return "length";
  let one = 0;
  let two = 0;
  for (const value of values) {
    one = double(one) ^ value;
    two = double(double(two)) ^ value;
  }
  return one === 0 && two === 0 ? { symbols } : "check";
}

/** @param {string} text */
function plain(text) {
  return text
    .replace(SEPARATORS, "")
    .replace(/[a-z]/g, (letter) => letter.toUpperCase())
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
}

/**
 * As it is printed, also while it is still being typed: `XXXXX-XXXXX`. What a reader with a keyboard's plug types, a signed code or
 * an address, is left alone.
 * @param {string} text
 */
export function grouped(text) {
  if (isSigned(text)) return text;
  const signs = text.replace(SEPARATORS, "").toUpperCase().slice(0, LENGTH);
  return signs.length > 5 ? `${signs.slice(0, 5)}-${signs.slice(5)}` : signs;
}

/**
 * Whether a text begins as a signed code or an address does.
 * @param {string} text
 */
export const isSigned = (text) => /^\s*(LL1|http)/i.test(text);
