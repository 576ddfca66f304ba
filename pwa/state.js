/**
 * What this phone knows, as its storage had it, and what follows from it. Changed durably by the verbs of `phone.js` alone.
 * @module
 */
import { dayOf } from "./days.js";
import { amberKey, looseKey, nameOf, usable } from "./lease.js";
import { Manifest } from "./manifest.js";
import { Marks } from "./marks.js";
import { EMPTY } from "./queue.js";

/** @typedef {import("./types.js").Waiting} Waiting */
/** @typedef {import("./types.js").Lease} Lease */

/** @typedef {{ wall: () => number, mono: () => number, uuid: () => string }} Chance Time and chance. */

export class State {
  /**
   * @param {import("./db.js").Kept} kept
   * @param {Chance} chance
   */
  constructor(kept, chance) {
    const { meta } = kept;
    this.chance = chance;

    // Whose phone it is, how it is used, and whether it still may be.
    /** @type {import("./types.js").Identity | null} */
    this.identity = meta["identity"] ?? null;
    /** @type {import("./token.js").Kept | null} */
    this.token = meta["token"] ?? null;
    /** @type {import("./types.js").Settings} */
    this.settings = { lang: null, camera: null, zoom: null, sound: true, delivery: false, ...meta["settings"] };
    /** @type {boolean} */
    this.revoked = meta["revoked"] ?? false;
    /** @type {boolean} */
    this.rolledBack = meta["rolled_back"] ?? false;

    // On duty: where, under which lease, and what is still to be said of that.
    /** @type {import("./types.js").Post | null} */
    this.post = meta["post"] ?? null;
    /** @type {Lease | null} */
    this.lease = meta["lease"] ? { ...meta["lease"], asked_mono: undefined } : null;
    /** @type {Manifest | null} */
    this.manifest = meta["manifest"] ? new Manifest(meta["manifest"]) : null;
    /** @type {{ at: number } | null} */
    this.fetched = meta["fetched"] ?? null;
    /** @type {{ key: string, body: string, sent_wall: number } | null} */
    this.intention = meta["intention"] ?? null;
    /** @type {string[]} */
    this.dropped = meta["dropped"] ?? [];
    /** @type {{ lease: string, last_sequence: number, last_record_hash: string, rejected: number[] } | null} */
    this.closing = meta["closing"] ?? null;

    // What was done, and what of it the server has yet to answer.
    /** @type {import("./types.js").ChainHead} */
    this.head = meta["head"] ?? EMPTY;
    this.records = kept.records;
    this.attempts = new Map(kept.attempts.map((attempt) => [attempt.nonce, attempt]));
    this.undos = new Map(kept.undos.map((undo) => [undo.nonce, undo]));
    this.marks = new Marks(kept.marks);
    /** @type {{ day: number, count: number }} */
    this.tally = meta["tally"] ?? { day: 0, count: 0 };

    // What every contact changes, and the next write takes along.
    /** @type {{ inARow: number, contactAt: number }} */
    this.amber = meta["amber"] ?? { inARow: 0, contactAt: 0 };
    /** @type {number} */
    this.latest = meta["latest"] ?? 0;
  }

  /** The wall clock. @returns {number} Ms since 1970. */
  now() {
    const wall = this.chance.wall();
    // A clock that was set back must still look set back until the lease is refreshed.
    this.latest = Math.max(this.latest, wall);
    return wall;
  }

  /** Whether this phone hands out nothing more, until it joins anew. */
  stopped() {
    return this.revoked || this.rolledBack;
  }

  /** Whether the lease may be used now. */
  usable() {
    if (this.lease === null || this.manifest === null || this.stopped()) return false;
    const { latest } = this;
    return usable(this.lease, { wall: this.now(), mono: this.chance.mono(), latest });
  }

  /** @returns {Waiting[]} Records that the server has not answered. */
  waiting() {
    return this.records.filter((waiting) => !waiting.error);
  }

  /** Handovers of this phone today. */
  today() {
    return this.tally.day === dayOf(this.chance.wall()) ? this.tally.count : 0;
  }

  /** Vouchers that this phone may still hand out without a network. */
  left() {
    const { lease, manifest } = this;
    if (!lease || !manifest) return 0;
    return Math.max(0, manifest.body.row_count - this.marks.gone(lease.id, manifest));
  }

  /** @returns {number[]} Sequences that the server will never take. */
  rejected() {
    return this.records.filter((waiting) => waiting.error).map(({ sequence }) => sequence);
  }

  /** @param {boolean} answered */
  heard(answered) {
    if (answered) this.amber = { inARow: 0, contactAt: this.chance.wall() };
  }

  /**
   * Today's handovers, when there are so many more.
   * @param {number} by
   */
  counted(by) {
    const day = dayOf(this.chance.wall());
    return { day, count: Math.max(0, (this.tally.day === day ? this.tally.count : 0) + by) };
  }

  /**
   * Under which name a voucher is marked now: not under a lease that was dropped.
   * @param {string | null} key
   * @param {import("./types.js").Answer} [answer]
   */
  keyOf(key, answer) {
    const name = nameOf(key);
    if (name !== null) return this.lease && key?.startsWith(`${this.lease.id}/`) ? key : looseKey(name);
    const rounds = this.manifest?.body.rounds.filter((round) => round.name === answer?.voucher?.round) ?? [];
    return rounds.length === 1 && rounds[0] && answer?.voucher ? amberKey(rounds[0].number, answer.voucher.serial) : null;
  }

  /**
   * The marks that must outlive their lease: of vouchers whose handover the server has not answered, or whose undo. The next lease may
   * hold them again, and a list that was made before the server knew.
   * @param {string} leaseId
   * @returns {import("./types.js").Mark[]}
   */
  outliving(leaseId) {
    const keys = [...this.records, ...this.undos.values(), ...this.attempts.values()].map(({ voucher }) => voucher);
    return [...new Set(keys)].flatMap((key) => {
      const mark = key?.startsWith(`${leaseId}/`) ? this.marks.get(key) : undefined;
      return mark ? [{ ...mark, key: looseKey(nameOf(mark.key) ?? "") }] : [];
    });
  }
}
