/**
 * What this phone does that must outlast it. Each verb is one durable change of the state; memory follows only what the disk
 * has, except marks, which bind at once and are taken back when the disk refuses.
 * @module
 */
import { Manifest } from "./manifest.js";
import { append } from "./queue.js";
import { State } from "./state.js";

/** @typedef {import("./types.js").ScanBody} ScanBody */
/** @typedef {import("./types.js").Waiting} Waiting */
/** @typedef {import("./types.js").Lease} Lease */
/** @typedef {import("./types.js").Attempt} Attempt */

/** Leases that were dropped and are remembered, so that a late answer can't bring one back. */
const DROPPED_MAX = 200;

export class Phone extends State {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {import("./db.js").Store} store
   * @param {import("./db.js").Kept} kept
   * @param {import("./state.js").Chance} chance
   */
  constructor(store, kept, chance) {
    super(kept, chance);
    this.store = store;
  }

  /**
   * @param {import("./db.js").Store} store
   * @param {import("./state.js").Chance} chance
   */
  static async open(store, chance) {
    return new Phone(store, await store.load(), chance);
  }

  /**
   * One durable change after the other.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  one(work) {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => {});
    return next;
  }

  /** @param {import("./db.js").Change} change */
  write(change) {
    const { lease } = this;
    return this.store.write({ ...change, meta: { latest: this.latest, amber: this.amber, lease: lease ?? undefined, ...change.meta } });
  }

  /** @param {import("./types.js").Identity} identity */
  async enrolled(identity) {
    await this.write({ meta: { identity } });
    this.identity = identity;
  }

  /** @param {Partial<import("./types.js").Settings>} change */
  async set(change) {
    this.settings = { ...this.settings, ...change };
    await this.write({ meta: { settings: this.settings } });
  }

  /** The server said that this phone was revoked: it hands out nothing more, but still tells what it did. */
  async wasRevoked() {
    if (this.revoked) return;
    this.revoked = true;
    await this.write({ meta: { revoked: true } });
  }

  /** The server knows records of this phone that it does not: it may have handed out what it believes it holds. */
  async wasRolledBack() {
    if (this.rolledBack) return;
    this.rolledBack = true;
    await this.write({ meta: { rolled_back: true } });
  }

  /** @param {Attempt} attempt Kept before it is sent. */
  async asked(attempt) {
    await this.write({ attempts: [attempt] });
    this.attempts.set(attempt.nonce, attempt);
  }

  /**
   * A scan was answered by the server.
   * @param {Attempt} attempt
   * @param {boolean} redeemed Whether it was handed out: marked durably before it is shown.
   * @param {import("./types.js").Answer} [answer] What names the voucher of a typed code that opened no row.
   */
  async answered(attempt, redeemed, answer) {
    const mark = redeemed ? this.#markOut(this.keyOf(attempt.voucher, answer), attempt.body.units) : null;
    const tally = redeemed ? this.counted(1) : this.tally;
    await this.write({ doneAttempts: [attempt.nonce], marks: mark ? [mark.now] : [], meta: { tally } });
    this.attempts.delete(attempt.nonce);
    this.tally = tally;
  }

  /**
   * A scan was answered by the server, and undone since: nothing left, and the voucher is handed out again only online.
   * @param {Attempt} attempt
   * @param {import("./types.js").Answer} answer
   */
  async takenBack(attempt, answer) {
    const key = this.keyOf(attempt.voucher, answer);
    const marks = key === null ? [] : this.marks.giveUp([key], this.chance.wall());
    await this.write({ doneAttempts: [attempt.nonce], marks });
    this.attempts.delete(attempt.nonce);
  }

  /**
   * A handover that the phone decided by itself: on the disk before anybody sees green.
   * @param {ScanBody} body
   * @param {string | null} voucher The mark's key, when it is held.
   * @param {number | null} epoch The lease's, nothing for amber.
   * @returns {Promise<void>}
   */
  record(body, voucher, epoch) {
    const mark = this.#markOut(voucher, body.units);
    return this.one(async () => {
      const { record, head } = await append(this.head, body, epoch, this.identity?.device_id ?? "");
      /** @type {Waiting} */
      const waiting = { sequence: record.sequence, record, hash: head.record_hash, voucher };
      const tally = this.counted(1);
      const amber = epoch === null ? { ...this.amber, inARow: this.amber.inARow + 1 } : this.amber;
      await this.write({
        records: [waiting],
        doneAttempts: [body.nonce],
        marks: mark ? [mark.now] : [],
        meta: { head, tally, amber },
      });
      Object.assign(this, { head, tally, amber });
      this.records.push(waiting);
      this.attempts.delete(body.nonce);
    }).catch((error) => {
      mark?.back();
      throw error;
    });
  }

  /**
   * @param {string | null} key
   * @param {number} units
   */
  #markOut(key, units) {
    return key === null ? null : this.marks.out(key, units, this.chance.wall());
  }

  /**
   * Vouchers are let go, for good under this lease. Binds at once.
   * @param {string[]} keys
   */
  async giveUp(keys) {
    const marks = this.marks.giveUp(keys, this.chance.wall());
    await this.write({ marks });
  }

  /**
   * A handover is taken back: kept until the server knows. The voucher is handed out again only online.
   * @param {string} nonce
   * @param {string | null} voucher
   */
  async undo(nonce, voucher) {
    const undo = { nonce, reason: "Hoàn tác trên máy quét", voucher };
    const key = this.keyOf(voucher);
    // Also of one that this phone never marked: the server lets go of its lease with the undo.
    const marks = key === null ? [] : this.marks.giveUp([key], this.chance.wall());
    const tally = this.counted(-1);
    await this.write({ undos: [undo], marks, meta: { tally } });
    this.undos.set(nonce, undo);
    this.tally = tally;
  }

  /** @param {string} nonce */
  async undone(nonce) {
    await this.write({ doneUndos: [nonce] });
    this.undos.delete(nonce);
  }

  /**
   * Records have their own answers.
   * @param {number[]} taken Sequences to forget.
   * @param {Waiting[]} rejected Records that will never be taken.
   * @param {Waiting[]} [undone] Records whose handover was undone since: handed out again only online.
   */
  async uploaded(taken, rejected, undone = []) {
    const keys = undone.flatMap(({ voucher }) => this.keyOf(voucher) ?? []);
    const marks = this.marks.giveUp(keys, this.chance.wall());
    await this.write({ doneRecords: taken, records: rejected, marks });
    const gone = new Set(taken);
    const other = new Map(rejected.map((waiting) => [waiting.sequence, waiting]));
    this.records = this.records.filter(({ sequence }) => !gone.has(sequence)).map((waiting) => other.get(waiting.sequence) ?? waiting);
  }

  /** @param {import("./types.js").Post | null} post Where the volunteer stands from now on. */
  async stand(post) {
    await this.write({ meta: { post: post ?? undefined } });
    this.post = post;
  }

  /** @param {{ key: string, body: string, sent_wall: number } | null} intention */
  async intends(intention) {
    await this.write({ meta: { intention: intention ?? undefined } });
    this.intention = intention;
  }

  /**
   * A lease with its manifest is installed. A lease that was dropped stays dropped; another one before it, of whose end the phone never
   * heard, ends with this.
   * @param {Lease} lease
   * @param {import("./types.js").ManifestBody} body
   */
  async install(lease, body) {
    if (this.dropped.includes(lease.id)) return false;
    const manifest = new Manifest(body);
    const fetched = { at: this.chance.wall() };
    // The server's word on the time is newer than anything the phone has seen.
    this.latest = this.chance.wall();
    const ended = this.lease && this.lease.id !== lease.id ? this.lease.id : null;
    const marks = ended ? this.outliving(ended) : [];
    const dropped = ended ? [...this.dropped, ended].slice(-DROPPED_MAX) : this.dropped;
    this.marks.put(marks);
    await this.write({ ...(ended ? { forgetLease: ended, marks } : {}), meta: { lease, manifest: body, fetched, dropped, intention: undefined } });
    if (ended) this.marks.forget(ended);
    Object.assign(this, { lease, manifest, fetched, dropped, intention: null });
    return true;
  }

  /**
   * The lease is let go, durably, before anybody is told.
   * @param {boolean} report Whether a closing report is owed.
   */
  async drop(report) {
    const { lease } = this;
    if (!lease) return;
    const dropped = [...this.dropped, lease.id].slice(-DROPPED_MAX);
    const closing = report
      ? { lease: lease.id, last_sequence: this.head.sequence, last_record_hash: this.head.record_hash, rejected: this.rejected() }
      : this.closing;
    const marks = this.outliving(lease.id);
    this.lease = null;
    this.manifest = null;
    this.dropped = dropped;
    if (report) this.post = null;
    this.marks.put(marks);
    await this.write({
      forgetLease: lease.id,
      marks,
      meta: {
        lease: undefined,
        manifest: undefined,
        fetched: undefined,
        post: this.post ?? undefined,
        dropped,
        closing: closing ?? undefined,
      },
    });
    this.marks.forget(lease.id);
    this.closing = closing;
    this.fetched = null;
  }

  /** The closing report was answered. */
  async reported() {
    await this.write({ meta: { closing: undefined } });
    this.closing = null;
  }
}
