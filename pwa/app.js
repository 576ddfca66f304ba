/**
 * The app as a whole: its parts, and which screen is shown.
 * @module
 */
import { Api } from "./api.js";
import { Desk } from "./desk.js";
import { fill } from "./dom.js";
import { Duty } from "./shift.js";
import { enrolScreen } from "./enrol.js";
import { Link } from "./link.js";
import { postScreen } from "./assignment.js";
import { scanScreen } from "./scan.js";
import { Sync } from "./sync.js";
import { Token } from "./token.js";
import { language, speak } from "./words.js";

/** @typedef {import("./types.js").Attempt} Attempt */
/** @typedef {{ element: HTMLElement, update?: () => void, close?: () => void }} Screen */

const TICK_MS = 30_000;
/** Less free storage than this is told, in bytes. */
const LOW_BYTES = 20 * 1024 * 1024;

export class App {
  /** @type {Screen | null} */
  #screen = null;
  /** Scans that the server took and nobody saw the answer of, and the vouchers' serials. @type {Map<string, { attempt: Attempt, serial: number | null }>} */
  unclear = new Map();
  storageLow = false;

  /**
   * @param {HTMLElement} root
   * @param {import("./phone.js").Phone} phone
   * @param {import("./db.js").Store} store
   */
  constructor(root, phone, store) {
    this.root = root;
    this.phone = phone;
    this.store = store;
    const changed = () => this.changed();
    this.api = new Api(new Token(phone), language, (answered) => this.#heard(answered));
    this.link = new Link(() => this.ping(), changed);
    this.sync = new Sync(phone, this.api, { changed, unclear: (attempt, answer) => this.#unclear(attempt, answer) }, alone);
    this.desk = new Desk(phone, this.api, this.link, this.sync);
    this.duty = new Duty(phone, this.api, this.sync, this.desk, changed);
  }

  begin() {
    addEventListener("online", () => this.link.ask());
    addEventListener("offline", () => this.link.heard(false));
    document.addEventListener("visibilitychange", () => !document.hidden && this.tick());
    addEventListener("beforeunload", (event) => this.phone.waiting().length > 0 && event.preventDefault());
    setInterval(() => this.tick(), TICK_MS);
    if (!navigator.onLine) this.link.heard(false);
    this.show();
    this.duty.listen();
    this.tick();
  }

  /** Everything that is done now and then: what waits is sent, what is old is fetched. */
  tick() {
    if (this.phone.identity) {
      this.sync.run();
      if (this.link.online) this.duty.refresh();
    }
    this.#lookAtStorage();
    this.changed();
  }

  /** Asks whether this phone is still welcome. */
  async ping() {
    if (!this.phone.identity) return;
    try {
      await this.api.call("GET", "/devices/me", { timeoutMs: 5_000 });
    } catch (error) {
      if (/** @type {any} */ (error).code === "device_revoked") await this.phone.wasRevoked();
    }
    this.changed();
  }

  /** @param {boolean} answered */
  #heard(answered) {
    const back = answered && !this.link.online;
    this.phone.heard(answered);
    this.link.heard(answered);
    if (back) {
      // After the call that brought the news.
      setTimeout(() => this.tick());
    }
  }

  /**
   * @param {Attempt} attempt
   * @param {import("./types.js").Answer} answer
   */
  #unclear(attempt, answer) {
    this.unclear.set(attempt.nonce, { attempt, serial: answer.voucher?.serial ?? null });
    this.changed();
  }

  async #lookAtStorage() {
    const estimate = await navigator.storage?.estimate?.();
    if (estimate?.quota === undefined || estimate.usage === undefined) return;
    const low = estimate.quota - estimate.usage < LOW_BYTES;
    if (low === this.storageLow) return;
    this.storageLow = low;
    this.changed();
  }

  /** @param {"vi" | "en"} lang */
  async speak(lang) {
    speak(lang);
    await this.phone.set({ lang });
    this.show();
  }

  /** Shows the screen that fits. */
  show() {
    this.#screen?.close?.();
    const { phone } = this;
    const joins = location.pathname === "/enrol" && location.hash.length > 1;
    const screen = !phone.identity || (joins && phone.stopped() && !this.sync.owes()) ? enrolScreen(this)
      : !phone.post ? postScreen(this)
      : scanScreen(this);
    this.#screen = screen;
    fill(this.root, screen.element);
    screen.update?.();
  }

  /** Something changed that the screen may show. */
  changed() {
    this.#screen?.update?.();
  }
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function alone(work) {
  if (!navigator.locks) return work();
  // The types know only callbacks without a promise.
  return /** @type {Promise<T>} */ (/** @type {unknown} */ (navigator.locks.request("lalanh-sync", work)));
}
