/**
 * What the phone keeps for work without a network: rows that only a voucher's own code opens. See
 * `docs/phone-protocol.md`, §4.
 * @module
 */
import { concat, fromBase64, read, utf8, xor } from "./bytes.js";

/** @typedef {import("./types.js").Row} Row */
/** @typedef {import("./types.js").ManifestBody} ManifestBody */

const HEAD = 35;
const LOOKUP = 6;
const KEY = 16;
const KNOWN = 11;
const MINUTE_MS = 60_000;

/** The manifest, indexed. Nothing of it names a person before a code opens its row. */
export class Manifest {
  /** @param {ManifestBody} body As it was received, or as it was kept. */
  constructor(body) {
    this.body = body;
    this.rows = fromBase64(body.rows);
    this.salt = fromBase64(body.salt);
    /** @type {Map<number, number[]>} */
    this.bySigned = new Map();
    /** @type {Map<number, number[]>} */
    this.byTyped = new Map();
    this.#index();
    this.known = fromBase64(body.known);
  }

  #index() {
    for (let at = 0; at + HEAD <= this.rows.length; at += HEAD + read(this.rows, at + 33, 2)) {
      add(this.bySigned, read(this.rows, at + 5, LOOKUP), at);
      add(this.byTyped, read(this.rows, at + 11, LOOKUP), at);
    }
  }

  /**
   * The rounds and serials of all rows.
   * @returns {{ round: number, serial: number }[]}
   */
  vouchers() {
    const all = [];
    for (let at = 0; at + HEAD <= this.rows.length; at += HEAD + read(this.rows, at + 33, 2)) {
      const round = this.body.rounds[read(this.rows, at, 1)];
      if (round) all.push({ round: round.number, serial: read(this.rows, at + 1, 4) });
    }
    return all;
  }

  /**
   * The row of a signed code. That it opens proves the code genuine.
   * @param {Uint8Array<ArrayBuffer>} code All 84 bytes.
   * @returns {Promise<Row | null>}
   */
  async bySignedCode(code) {
    const derived = await hkdf(code, this.salt, "lalanh-row-v1");
    return this.#open(this.bySigned, derived, () => derived.subarray(LOOKUP));
  }

  /**
   * The row of a typed code.
   * @param {string} symbols All ten.
   * @returns {Promise<Row | null>}
   */
  async byTypedCode(symbols) {
    if (this.rows.length === 0) return null;
    const password = await crypto.subtle.importKey("raw", utf8(symbols), "PBKDF2", false, ["deriveBits"]);
    const stretch = { name: "PBKDF2", hash: "SHA-256", salt: this.salt, iterations: this.body.iterations };
    const stretched = new Uint8Array(await crypto.subtle.deriveBits(stretch, password, 256));
    const derived = await hkdf(stretched, this.salt, "lalanh-typed-v1");
    return this.#open(this.byTyped, derived, (at) => xor(this.rows.subarray(at + 17, at + 17 + KEY), derived.subarray(LOOKUP)));
  }

  /**
   * @param {Map<number, number[]>} index
   * @param {Uint8Array} derived
   * @param {(at: number) => Uint8Array} keyOf
   */
  async #open(index, derived, keyOf) {
    for (const at of index.get(read(derived, 0, LOOKUP)) ?? []) {
      const body = await unseal(this.rows.slice(at, at + HEAD + read(this.rows, at + 33, 2)), keyOf(at).slice());
      const round = this.body.rounds[read(this.rows, at, 1)];
      if (body !== null && round !== undefined) return row(round, read(this.rows, at + 1, 4), body);
    }
    return null;
  }

  /**
   * Why a signed code is no longer to be handed out here, if the phone was told.
   * @param {Uint8Array<ArrayBuffer>} code All 84 bytes.
   * @returns {Promise<{ why: "handed_out" | "void" | "held", at: number } | null>} `at` in ms since 1970.
   */
  async knownOf(code) {
    const lookup = read(await hkdf(code, this.salt, "lalanh-row-v1"), 0, LOOKUP);
    for (let at = 0; at + KNOWN <= this.known.length; at += KNOWN) {
      if (read(this.known, at, LOOKUP) !== lookup) continue;
      const why = (/** @type {const} */ (["handed_out", "void", "held"]))[read(this.known, at + 6, 1) - 1];
      if (why) return { why, at: read(this.known, at + 7, 4) * 1000 };
    }
    return null;
  }
}

/**
 * @param {Map<number, number[]>} index
 * @param {number} lookup
 * @param {number} at
 */
function add(index, lookup, at) {
  const others = index.get(lookup);
  if (others) others.push(at);
  else index.set(lookup, [at]);
}

/**
 * @param {Uint8Array<ArrayBuffer>} secret
 * @param {Uint8Array<ArrayBuffer>} salt
 * @param {string} info
 */
async function hkdf(secret, salt, info) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: utf8(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 8 * (LOOKUP + KEY)));
}

/**
 * @param {Uint8Array<ArrayBuffer>} whole One row.
 * @param {Uint8Array<ArrayBuffer>} bytes The body key.
 * @returns {Promise<Uint8Array | null>} The body; nothing when this is not its key.
 */
async function unseal(whole, bytes) {
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["decrypt"]);
  const how = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: whole.subarray(0, 5) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(how, key, concat(whole.subarray(HEAD))));
  } catch {
    return null;
  }
}

/**
 * @param {import("./types.js").Round} round
 * @param {number} serial
 * @param {Uint8Array} body
 * @returns {Row}
 */
function row(round, serial, body) {
  const from = read(body, 6, 4) * MINUTE_MS;
  return {
    round,
    serial,
    issue: read(body, 0, 1),
    units: read(body, 1, 1),
    members: read(body, 2, 1),
    next_on: read(body, 4, 2),
    slot: from === 0 ? null : { from, until: from + read(body, 10, 2) * MINUTE_MS },
    name: new TextDecoder().decode(body.subarray(12)),
  };
}
