/**
 * Bytes and their spellings. No state, no network.
 * @module
 */

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** @param {string} text */
export const utf8 = (text) => new TextEncoder().encode(text);

/** @param {Uint8Array} bytes */
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * @param {string} text An even number of hex digits.
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromHex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/**
 * @param {string} text Standard base64.
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i += 1) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

/**
 * @param {string} text Base32 without padding, upper case.
 * @returns {Uint8Array<ArrayBuffer> | null} Nothing when a sign is foreign, the length impossible, or a trailing bit not zero: one
 *   sequence of bytes has one spelling.
 */
export function fromBase32(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const sign of text) {
    const digit = BASE32.indexOf(sign);
    if (digit < 0) return null;
    value = (value << 5) | digit;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = value >> bits;
    at += 1;
    value &= (1 << bits) - 1;
  }
  return bits < 5 && value === 0 ? bytes : null;
}

/** @param {Uint8Array} bytes */
export function toBase32(bytes) {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32.charAt(value >> bits);
      value &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + BASE32.charAt(value << (5 - bits)) : text;
}

/**
 * @param {...Uint8Array} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * A number as bytes, the highest first.
 * @param {number} value Below 2⁵³.
 * @param {number} length In bytes.
 */
export function number(value, length) {
  const bytes = new Uint8Array(length);
  for (let i = length - 1, rest = value; i >= 0; i -= 1, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  return bytes;
}

/**
 * Bytes as a number, the highest first.
 * @param {Uint8Array} bytes Whence.
 * @param {number} from Its first byte.
 * @param {number} length At most 6.
 */
export function read(bytes, from, length) {
  let value = 0;
  for (let i = from; i < from + length; i += 1) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

/** @param {string} uuid */
export const uuidBytes = (uuid) => fromHex(uuid.replaceAll("-", ""));

/** @param {Uint8Array<ArrayBuffer>} bytes */
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function xor(one, other) {
  return one.map((byte, i) => byte ^ (other[i] ?? 0));
}
