/**
 * Going on duty (a lease, then its manifest), keeping both fresh, letting single vouchers go when another desk needs them, and
 * going off duty with a closing report.
 * @module
 */
import { NoAnswer, Refused } from "./api.js";
import { markKey, nameOf } from "./lease.js";

/** How long the server may hold a question for recalls, and how long the phone waits for it. */
const WAIT_SECS = 25;
const WAIT_MS = 35_000;
const REFRESH_MS = 15 * 60_000;
const CALM_MS = 3_000;

export class Duty {
  /** @type {AbortController | null} */
  #listening = null;
  /** @type {Promise<void> | null} */
  #refreshing = null;
  /** Other phones that hold vouchers of this post, as the server said last. @type {import("./types.js").Holder[]} */
  holders = [];

  /**
   * @param {import("./phone.js").Phone} phone
   * @param {import("./api.js").Api} api
   * @param {import("./sync.js").Sync} sync
   * @param {import("./desk.js").Desk} desk
   * @param {() => void} changed
   * @param {(ms: number) => Promise<void>} pause
   */
  constructor(phone, api, sync, desk, changed, pause = (ms) => new Promise((later) => setTimeout(later, ms))) {
    this.phone = phone;
    this.api = api;
    this.sync = sync;
    this.desk = desk;
    this.changed = changed;
    this.pause = pause;
  }

  /**
   * Takes or refreshes the lease of a post, and installs its manifest.
   * @param {import("./types.js").Post} post
   */
  async take(post) {
    const { phone } = this;
    await phone.stand(post);
    const chain = phone.head;
    const body = { point_id: post.point_id, desk: post.desk, ...(post.share ? { share: post.share } : {}), chain };
    const text = JSON.stringify(body);
    if (phone.intention?.body !== text) {
      await phone.intends({ key: phone.chance.uuid(), body: text, sent_wall: phone.chance.wall() });
    }
    const { key, sent_wall } = /** @type {NonNullable<typeof phone.intention>} */ (phone.intention);
    const first = phone.chance.wall() - sent_wall < 1_000;
    const mono = phone.chance.mono();
    const answer = await this.#lease(body, key);
    this.holders = answer.holders ?? [];
    const lease = {
      id: answer.id,
      epoch: answer.epoch,
      point_id: answer.point_id,
      desk: answer.desk,
      share: answer.share ?? null,
      lasts_ms: Date.parse(answer.use_until) - Date.parse(answer.server_time),
      // A repeated question gets the first answer, whose time runs from the first question.
      asked_wall: sent_wall,
      ...(first ? { asked_mono: mono } : {}),
    };
    const manifest = await this.api.call("GET", `/points/${lease.point_id}/manifest?lease=${lease.id}`, { timeoutMs: 60_000 });
    const installed = await phone.install(lease, manifest);
    this.listen();
    this.changed();
    return installed;
  }

  /**
   * @param {object} body
   * @param {string} key
   */
  async #lease(body, key) {
    try {
      return await this.api.call("POST", "/leases", { body, once: key, timeoutMs: 30_000 });
    } catch (error) {
      // Answered, if with a refusal: the next try is another intention.
      if (error instanceof Refused) await this.phone.intends(null);
      if (error instanceof Refused && error.code === "phone_rolled_back") await this.phone.wasRolledBack();
      throw error;
    }
  }

  /** Refreshes lease and manifest when they are a while old. */
  refresh(olderThanMs = REFRESH_MS) {
    const { post, fetched } = this.phone;
    const fresh = fetched && this.phone.chance.wall() - fetched.at < olderThanMs && this.phone.usable();
    if (!post || fresh || this.phone.stopped()) return Promise.resolve();
    this.#refreshing ??= this.#refresh(post).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** @param {import("./types.js").Post} post */
  async #refresh(post) {
    try {
      await this.take(post);
    } catch (error) {
      if (error instanceof Refused && (error.code === "lease_closed" || error.code === "lease_released")) await this.phone.drop(false);
      else if (error instanceof Refused && error.code === "device_revoked") await this.phone.wasRevoked();
      else if (!(error instanceof NoAnswer) && !(error instanceof Refused)) throw error;
    }
  }

  /** Keeps one question for recalls open while there is a lease. */
  listen() {
    this.#listening?.abort();
    const { lease } = this.phone;
    if (!lease) return;
    const stop = new AbortController();
    this.#listening = stop;
    this.#listen(lease.id, stop.signal);
  }

  /**
   * @param {string} id
   * @param {AbortSignal} signal
   */
  async #listen(id, signal) {
    while (!signal.aborted && this.phone.lease?.id === id) {
      try {
        const path = `/leases/${id}/recalls?wait=${WAIT_SECS}`;
        const { state, recalls } = await this.api.call("GET", path, { timeoutMs: WAIT_MS, signal });
        if (state !== "open") return await this.#ended();
        if (recalls.length > 0) await this.letGo(id, recalls);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused && error.code === "device_revoked") return await this.phone.wasRevoked();
        await this.pause(CALM_MS);
      }
    }
  }

  async #ended() {
    await this.phone.drop(false);
    this.sync.run();
    this.changed();
  }

  /**
   * Lets vouchers go: what waits of them is uploaded first, what is in hand is finished first; durably given up before
   * anybody is told.
   * @param {string} id The lease's.
   * @param {{ round: number, serial: number }[]} vouchers
   */
  async letGo(id, vouchers) {
    const named = vouchers.map(({ round, serial }) => ({ key: markKey(id, round, serial), round, serial }));
    if (named.some(({ key }) => this.#inUse(key))) await this.sync.run();
    // From here to the mark nothing is awaited: what is free stays free.
    const free = named.filter(({ key }) => !this.#inUse(key));
    if (free.length === 0) return this.pause(500);
    await this.phone.giveUp(free.map(({ key }) => key));
    const body = { vouchers: free.map(({ round, serial }) => ({ round, serial })) };
    await this.api.call("POST", `/leases/${id}/returns`, { body });
    this.changed();
  }

  /** @param {string} key */
  #inUse(key) {
    const { phone, desk } = this;
    // Under whatever name: what waits may be of an earlier lease, or of none.
    const named = [...phone.waiting(), ...phone.attempts.values(), desk].map(({ voucher }) => nameOf(voucher));
    return named.includes(nameOf(key));
  }

  /**
   * Goes off duty: everything is uploaded, the lease dropped, the report sent.
   * @returns {Promise<"done" | "waiting" | "unsent">} Waiting: the report goes by itself later. Unsent: records still wait, so the
   *   phone stays on duty.
   */
  async leave() {
    await this.sync.run();
    if (this.phone.waiting().length > 0) return "unsent";
    this.#listening?.abort();
    await this.phone.drop(true);
    this.holders = [];
    this.changed();
    await this.sync.run();
    return this.phone.closing ? "waiting" : "done";
  }
}
