/**
 * The signed code on paper: reading what a camera or a person gave, and checking who signed it. The format is described
 * in `src/vouchers/code.rs`, which reads the same test vectors.
 * @module
 */
import { concat, fromBase32, fromBase64, read, toBase32, utf8, uuidBytes } from "./bytes.js";

const LENGTH = 84;
const BODY = 20;
const INPUT_MAX = 2000;
/** White space, controls, and the invisible marks that some readers and keyboards add. */
const INVISIBLE = /[\s\p{Cc}\ufeff\u200b-\u200f]/gu;

/**
 * @typedef {object} Claims What a code says; not to be believed before it was verified.
 * @property {number} kid
 * @property {number} round
 * @property {number} serial
 * @property {number} issue
 * @property {number} package
 * @property {number} point 0: any.
 * @property {number} validFrom Days since 2020-01-01.
 * @property {number} validUntil Inclusive.
 * @property {number} units
 */

/**
 * @typedef {object} Signed
 * @property {Uint8Array<ArrayBuffer>} bytes All 84.
 * @property {string} text As it is printed.
 * @property {Claims} claims
 */

/**
 * Reads a code in either case, with white space anywhere, or at the end of an address.
 * @param {string} input
 * @returns {Signed | "foreign" | "malformed"} Foreign: not ours at all. Malformed: cut short, damaged or newer.
 */
export function parseSigned(input) {
  if (utf8(input).length > INPUT_MAX) return "foreign";
  const text = input.replace(INVISIBLE, "").replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const segment = (text.split(/[?#]/)[0] ?? "").replace(/\/+$/, "").split("/").pop() ?? "";
  if (!segment.startsWith("LL1")) return "foreign";
  const rest = segment.slice(3);
  const marked = rest.startsWith(":") || rest.startsWith("%3A");
  const digits = marked ? rest.slice(rest.startsWith(":") ? 1 : 3) : rest;
  const wrong = marked || digits.length > 99 ? "malformed" : "foreign";
  const bytes = fromBase32(digits);
  if (bytes === null || bytes.length !== LENGTH || digits.length !== 135) return wrong;
  if (bytes[0] !== 1) return "malformed";
  return { bytes, text: `LL1:${toBase32(bytes)}`, claims: claims(bytes) };
}

/**
 * The number that a signed code gives its voucher, as it is printed on the paper.
 * @param {string} input
 * @returns {number | null} Nothing for a typed code, and for what is no voucher.
 */
export function serialOf(input) {
  const signed = parseSigned(input);
  return typeof signed === "string" ? null : signed.claims.serial;
}

/**
 * @param {Uint8Array} bytes
 * @returns {Claims}
 */
function claims(bytes) {
  return {
    kid: read(bytes, 1, 1),
    round: read(bytes, 2, 4),
    serial: read(bytes, 6, 4),
    issue: read(bytes, 10, 1),
    package: read(bytes, 11, 2),
    point: read(bytes, 13, 2),
    validFrom: read(bytes, 15, 2),
    validUntil: read(bytes, 17, 2),
    units: read(bytes, 19, 1),
  };
}

/**
 * Checks the signature.
 * @param {Signed} code
 * @param {readonly import("./types.js").PublishedKey[]} keys
 * @param {string} instanceId
 * @returns {Promise<"good" | "bad" | "unknown_key" | "withdrawn" | "unchecked">} Unchecked: this browser has no Ed25519.
 */
export async function verify(code, keys, instanceId) {
  const key = keys.find((known) => known.kid === code.claims.kid);
  if (key === undefined) return "unknown_key";
  const message = concat(utf8("lalanh-voucher-v1\0"), uuidBytes(instanceId), code.bytes.subarray(0, BODY));
  let good;
  try {
    const imported = await crypto.subtle.importKey("raw", fromBase64(key.public_key), { name: "Ed25519" }, false, ["verify"]);
    good = await crypto.subtle.verify({ name: "Ed25519" }, imported, code.bytes.subarray(BODY), message);
  } catch {
    return "unchecked";
  }
  if (!good) return "bad";
  return key.withdrawn ? "withdrawn" : "good";
}
