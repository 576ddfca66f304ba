/**
 * What this phone did with the vouchers of its leases: handed out, given up. A mark binds at once; the disk has it with the change
 * that it belongs to.
 * @module
 */
import { markKey } from "./lease.js";

/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./manifest.js").Manifest} Manifest */

export class Marks {
  /** @type {Map<string, Mark>} */
  #all;
  /** The keys of a manifest's rows. @type {{ of: Manifest | null, keys: Set<string> }} */
  #named = { of: null, keys: new Set() };

  /** @param {Mark[]} kept */
  constructor(kept) {
    this.#all = new Map(kept.map((mark) => [mark.key, mark]));
  }

  /** @param {string} key */
  get(key) {
    return this.#all.get(key);
  }

  /** @param {Mark[]} marks */
  put(marks) {
    for (const mark of marks) this.#all.set(mark.key, mark);
  }

  /**
   * Units are handed out.
   * @param {string} key
   * @param {number} units
   * @param {number} at
   * @returns {{ now: Mark, back: () => void }} The mark, and how to take it back when the disk refuses it.
   */
  out(key, units, at) {
    const before = this.#all.get(key);
    const now = { key, out: (before?.out ?? 0) + units, given: before?.given ?? false, at };
    this.#all.set(key, now);
    return { now, back: () => (before ? this.#all.set(key, before) : this.#all.delete(key)) };
  }

  /**
   * Vouchers are let go, for good under their lease.
   * @param {string[]} keys
   * @param {number} at
   * @returns {Mark[]}
   */
  giveUp(keys, at) {
    const marks = keys.map((key) => {
      const before = this.#all.get(key);
      return { key, out: before?.out ?? 0, given: true, at: before?.at ?? at };
    });
    this.put(marks);
    return marks;
  }

  /** @param {string} leaseId A lease that was dropped. */
  forget(leaseId) {
    for (const key of [...this.#all.keys()]) if (key.startsWith(`${leaseId}/`)) this.#all.delete(key);
  }

  /**
   * How many rows of a lease's manifest this phone may not hand out whole any more.
   * @param {string} leaseId
   * @param {Manifest} manifest
   */
  gone(leaseId, manifest) {
    const gone = [...this.#all.values()].filter((mark) => mark.key.startsWith(`${leaseId}/`) && (mark.given || mark.out > 0));
    if (gone.length === 0) return 0;
    // Asked every second: the keys of all rows are put together once a manifest.
    if (this.#named.of !== manifest) {
      const keys = manifest.vouchers().map(({ round, serial }) => markKey(leaseId, round, serial));
      this.#named = { of: manifest, keys: new Set(keys) };
    }
    return gone.filter((mark) => this.#named.keys.has(mark.key)).length;
  }
}
