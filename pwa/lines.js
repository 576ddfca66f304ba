/**
 * The two lines below the camera that come and go: the last handover, which can be undone for a minute, and who collects for others.
 * Each is drawn only when it changed.
 * @module
 */
import { fill, h, icon } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./types.js").Collector} Collector */
/** @typedef {{ answer: Answer, serial: number | null, voucher: string | null, at: number }} Done A handover. */

const UNDO_MS = 60_000;
const NOTE_MS = 5_000;

export class LastLine {
  /** @type {Done | null} */
  last = null;
  /** @type {{ text: string, until: number } | null} */
  #note = null;
  #drawn = "";

  /** @param {() => void} undo */
  constructor(undo) {
    this.undo = undo;
    this.element = h("div", { class: "last" });
  }

  /** @param {string} text Read out; goes by itself. */
  note(text) {
    this.#note = { text, until: Date.now() + NOTE_MS };
  }

  update() {
    const left = this.last ? Math.ceil((UNDO_MS - (Date.now() - this.last.at)) / 1000) : 0;
    if (left <= 0) this.last = null;
    const note = this.#note && this.#note.until > Date.now() ? this.#note.text : "";
    const key = `${note}|${this.last?.answer.nonce ?? ""}|${left}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    const given = this.last?.answer.package;
    fill(
      this.element,
      note ? h("p", { role: "status" }, note) : null,
      this.last ? h("p", { class: "given" }, icon("check"), h("span", {}, which(this.last.serial), given ? ` ${given.name}` : "")) : null,
      this.last ? h("button", { class: "undo", type: "button", onclick: this.undo }, icon("undo"), t(`Hoàn tác ${left} s`, `Undo ${left} s`)) : null,
    );
  }
}

/** @param {number | null} serial */
function which(serial) {
  return h("b", {}, serial === null ? t("Vừa phát.", "Handed out.") : t(`Vừa phát: số ${serial}.`, `Handed out: no. ${serial}.`));
}

export class ProxyLine {
  /** @type {Collector | null} */
  collector = null;
  /** Vouchers taken by the collector so far. */
  #collected = 0;
  /** Whether the collector stays for more than one voucher. */
  #several = false;
  #drawn = "";

  constructor() {
    this.element = h("div", { class: "proxy", hidden: true });
  }

  /**
   * @param {Collector} collector
   * @param {boolean} several
   */
  begin(collector, several) {
    this.collector = collector;
    this.#several = several;
    this.#collected = 0;
    this.update();
  }

  /** The collector got a package. */
  took() {
    this.#collected += 1;
    if (!this.#several) this.collector = null;
  }

  update() {
    const key = this.collector ? `${this.collector.name}|${this.collector.relation}|${this.#collected}` : "";
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.element.hidden = this.collector === null;
    if (!this.collector) return fill(this.element);
    const who = `${this.collector.name}${this.collector.relation ? ` (${this.collector.relation})` : ""}`;
    const count = this.#several ? t(` · ${this.#collected} phiếu`, ` · ${this.#collected} vouchers`) : "";
    const done = () => {
      this.collector = null;
      this.update();
    };
    fill(this.element, h("p", {}, t("Nhận thay: ", "Proxy: "), h("b", {}, who), count),
      h("button", { class: "undo", type: "button", onclick: done }, t("Xong", "Done")));
  }
}
