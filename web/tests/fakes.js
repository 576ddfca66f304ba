/**
 * What the unit tests put in the place of the browser: a storage in memory, clocks that are set by hand, a server that answers what
 * it is told to.
 */
import { NoAnswer } from "../api.js";
import { Desk } from "../desk.js";
import { Duty } from "../duty.js";
import { Link } from "../link.js";
import { Phone } from "../phone.js";
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
