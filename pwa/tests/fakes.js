/**
 * What the unit tests put in the place of the browser: a storage in memory, clocks that are set by hand, a server that answers what
 * it is told to.
 */
import { NoAnswer } from "../api.js";
import { concat, number, utf8, xor } from "../bytes.js";
import { Desk } from "../desk.js";
import { Duty } from "../shift.js";
import { Link } from "../link.js";
import { Phone } from "../phone.js";
import { hashOf } from "../queue.js";
import { Sync } from "../sync.js";

/** @typedef {import("../db.js").Kept} Kept */
/** @typedef {import("../types.js").Round} Round */

/** 05/08/2021, 07:00 in Asia/Ho_Chi_Minh. */
export const MORNING = Date.parse("2021-08-05T07:00:00+07:00");
export const DEVICE = "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90";
export const POINT = "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91";

/** A storage in memory that copies as a disk does, and can be full. */
export class Disk {
  full = false;
  /** @type {Kept} */
  kept = { meta: {}, records: [], attempts: [], undos: [], marks: [] };

  async load() {
    return structuredClone(this.kept);
  }

  /** @param {import("../db.js").Change} given */
  async write(given) {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    const change = structuredClone(given);
    const { kept } = this;
    for (const [key, value] of Object.entries(change.meta ?? {})) {
      if (value === undefined) delete kept.meta[key];
      else kept.meta[key] = value;
    }
    kept.records = merge(kept.records, change.records, change.doneRecords, (one) => one.sequence).sort((a, b) => a.sequence - b.sequence);
    kept.attempts = merge(kept.attempts, change.attempts, change.doneAttempts, (one) => one.nonce);
    kept.undos = merge(kept.undos, change.undos, change.doneUndos, (one) => one.nonce);
    kept.marks = merge(kept.marks, change.marks, [], (one) => one.key).filter(({ key }) => !change.forgetLease || !key.startsWith(`${change.forgetLease}/`));
  }

  async clear() {
    this.kept = { meta: {}, records: [], attempts: [], undos: [], marks: [] };
  }
}

/**
 * @template T, K
 * @param {T[]} before
 * @param {T[] | undefined} put
 * @param {K[] | undefined} gone
 * @param {(one: T) => K} key
 */
function merge(before, put, gone, key) {
  const other = new Map(before.map((one) => [key(one), one]));
  for (const one of put ?? []) other.set(key(one), one);
  for (const one of gone ?? []) other.delete(one);
  return [...other.values()];
}

/**
 * @typedef {object} Asked
 * @property {string} method
 * @property {string} path
 * @property {any} body
 */

/** A server that answers as each test says; nobody answers where a test says nothing. */
export class Server {
  /** @type {Asked[]} */
  asked = [];
  /** @type {(asked: Asked) => any} */
  answer = () => {
    throw new NoAnswer("no network");
  };

  /**
   * @param {string} method
   * @param {string} path
   * @param {{ body?: unknown }} [call]
   */
  async call(method, path, call = {}) {
    const asked = { method, path, body: structuredClone(call.body) };
    this.asked.push(asked);
    return this.answer(asked);
  }

  /** @param {string} path */
  to(path) {
    return this.asked.filter((asked) => asked.path === path);
  }
}

/**
 * A whole phone without a browser. `pause` never waits.
 * @param {Disk} [disk] What an earlier one left.
 */
export async function phoneOn(disk = new Disk()) {
  const clocks = { wall: MORNING, mono: 0 };
  let count = 0;
  const uuid = () => `00000000-0000-4000-8000-${String((count += 1)).padStart(8, "0")}${Math.floor(Math.random() * 10_000).toString().padStart(4, "0")}`;
  const chance = { wall: () => clocks.wall, mono: () => clocks.mono, uuid };
  const phone = await Phone.open(disk, chance);
  const server = new Server();
  const api = /** @type {import("../api.js").Api} */ (/** @type {unknown} */ (server));
  /** @type {import("../types.js").Attempt[]} */
  const unclear = [];
  const link = new Link(async () => {}, () => {});
  // The link asks by itself in the app; the tests say what it hears.
  link.heard = (answered) => {
    link.online = answered;
  };
  const sync = new Sync(phone, api, { changed: () => {}, unclear: (attempt) => unclear.push(attempt) }, undefined, () => undefined);
  const pause = async () => {};
  const desk = new Desk(phone, api, link, sync, (ms) => (ms >= 1_500 ? new Promise((later) => setTimeout(later, 5)) : pause()));
  const duty = new Duty(phone, api, sync, desk, () => {}, pause);
  return { disk, clocks, phone, server, link, sync, desk, duty, unclear };
}

/** @type {Round} */
export const ROUND = {
  id: "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92",
  number: 12,
  name: "Đợt 3",
  status: "open",
  starts_at: "2021-08-05T00:00:00Z",
  ends_at: "2021-08-06T10:00:00Z",
  valid_from: "2021-08-05",
  valid_until: "2021-08-06",
  enforce_slots: false,
  any_point: false,
  collector_required: false,
  offline: "strict",
  amber: null,
  package: { name: "Suất 1", contents: [{ name: "Gạo", quantity: 10_000, text: "10 kg" }] },
};

/**
 * Whether waiting records still form the chain that ends at `head`.
 * @param {readonly import("../types.js").QueueRecord[]} records In their order; those before them were uploaded.
 * @param {import("../types.js").ChainHead} head
 * @param {string} deviceId
 */
export async function intact(records, head, deviceId) {
  let previous = records[0];
  if (previous === undefined) return true;
  let hash = await hashOf(previous, deviceId);
  for (const record of records.slice(1)) {
    // Records between two that wait may have been uploaded: only neighbours can be checked.
    if (record.sequence === previous.sequence + 1 && record.previous_hash !== hash) return false;
    if (record.sequence <= previous.sequence) return false;
    hash = await hashOf(record, deviceId);
    previous = record;
  }
  return previous.sequence < head.sequence || (previous.sequence === head.sequence && hash === head.record_hash);
}

const SALT = new Uint8Array(16).fill(9);

/**
 * A manifest as the server makes it, after `docs/phone-protocol.md`, §4.
 * @param {{ code: Uint8Array<ArrayBuffer>, typed: string, serial: number, name: string, units?: number }[]} vouchers
 * @param {Partial<import("../types.js").ManifestBody>} [more]
 * @returns {Promise<import("../types.js").ManifestBody>}
 */
export async function manifestOf(vouchers, more = {}) {
  const rows = concat(...(await Promise.all(vouchers.map(sealed))));
  return {
    version: 1, instance_id: DEVICE, server_time: new Date(MORNING).toISOString(),
    point: { id: POINT, number: 5, name: "Nhà văn hóa", address: "120 Trần Cao Vân", desks: 1 },
    lease: null, rounds: [ROUND], keys: [], salt: toBase64(SALT), iterations: 10, rows: toBase64(rows), row_count: vouchers.length,
    known: "", known_count: 0, ...more,
  };
}

/** @param {{ code: Uint8Array<ArrayBuffer>, typed: string, serial: number, name: string, units?: number }} voucher */
async function sealed({ code, typed, serial, name, units = 1 }) {
  const signed = await derive(code, "lalanh-row-v1");
  const password = await crypto.subtle.importKey("raw", utf8(typed), "PBKDF2", false, ["deriveBits"]);
  const stretched = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: SALT, iterations: 10 }, password, 256);
  const byTyped = await derive(new Uint8Array(stretched), "lalanh-typed-v1");
  const head = concat(number(0, 1), number(serial, 4));
  const body = concat(number(1, 1), number(units, 1), number(4, 1), number(0, 1), number(0, 2), number(0, 4), number(0, 2), utf8(name));
  const key = await crypto.subtle.importKey("raw", signed.slice(6), "AES-GCM", false, ["encrypt"]);
  const seal = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12), additionalData: head }, key, body));
  return concat(head, signed.slice(0, 6), byTyped.slice(0, 6), xor(signed.slice(6), byTyped.slice(6)), number(seal.length, 2), seal);
}

/**
 * @param {Uint8Array<ArrayBuffer>} secret
 * @param {string} info
 */
async function derive(secret, info) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: SALT, info: utf8(info) }, key, 176));
}

/** @param {Uint8Array} bytes */
const toBase64 = (bytes) => Buffer.from(bytes).toString("base64");
