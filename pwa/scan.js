/**
 * The scanner: camera above, typed code and the few buttons in the thumb's reach below, and always in view whether there is a
 * network, how old the list is and how much waits.
 * @module
 */
import { Camera } from "./camera.js";
import { serialOf } from "./code.js";
import { fill, h, icon } from "./dom.js";
import { LastLine, ProxyLine } from "./lines.js";
import { numberLine, resultPanel } from "./result.js";
import { feel, keepLit, unlockSound } from "./feedback.js";
import { collectorSheet, menuSheet } from "./sheets.js";
import { Sight } from "./scan_dedup.js";
import { statusBar } from "./status.js";
import { typedField } from "./typing.js";
import { view } from "./view.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./types.js").Collector} Collector */

const GREEN_MS = 1_500;

export class Scanner {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #green;
  #open = false;
  #sight = new Sight();
  #started = false;

  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.video = h("video", { playsinline: true, muted: true, "aria-hidden": "true" });
    this.frame = h("div", { class: "frame", "aria-hidden": "true" });
    this.crowd = h("p", { class: "crowd", role: "status" });
    this.camera = new Camera(this.video, this.frame, (codes) => this.#seen(codes), () => this.#wanted(), (still) => this.#readStill(still));
    this.status = statusBar(app);
    this.finder = h("div", { class: "finder" }, this.video, this.frame, this.crowd, this.#startButton());
    this.tools = h("div", { class: "tools" });
    this.lastLine = new LastLine(() => this.undo());
    this.proxy = new ProxyLine();
    this.typed = typedField((code) => this.take(code));
    this.overlay = h("div", { class: "overlay", hidden: true });
    this.element = h(
      "div",
      { class: "scanner" },
      h("h1", { class: "unseen" }, t("Quét phiếu", "Scanner")),
      this.status.element,
      this.finder,
      this.proxy.element,
      this.lastLine.element,
      this.typed,
      h("div", { class: "actions" },
        h("button", { class: "tool", type: "button", onclick: () => this.askCollector() }, icon("people"), t("Nhận thay", "Proxy")),
        h("button", { class: "tool", type: "button", onclick: () => this.menu() }, icon("menu"), t("Thêm", "More"))),
      this.overlay,
    );
    this.timer = setInterval(() => this.update(), 1_000);
  }

  #startButton() {
    return h("button", { class: "start big", type: "button", onclick: () => this.start() }, t("Chạm để quét", "Tap to scan"));
  }

  /** The tap that opens the camera also unlocks the sound. */
  async start() {
    unlockSound();
    this.#started = true;
    const { settings } = this.app.phone;
    const trouble = await this.camera.start(settings.camera);
    keepLit(true);
    if (trouble) {
      fill(this.finder, this.video, cameraHelp(trouble, () => this.start()));
      return;
    }
    fill(this.finder, this.video, this.frame, this.crowd, this.tools);
    if (settings.zoom !== null) await this.camera.zoom(settings.zoom);
    this.#drawTools();
  }

  #drawTools() {
    const { torch } = this.camera.abilities();
    let lit = false;
    /** @param {Event} event */
    const toggle = async (event) => {
      lit = !lit;
      await this.camera.torch(lit);
      /** @type {HTMLElement} */ (event.currentTarget).setAttribute("aria-pressed", String(lit));
    };
    fill(this.tools, torch ? h("button", { class: "round", type: "button", "aria-pressed": "false", "aria-label": t("Đèn", "Torch"), onclick: toggle }, icon("torch")) : null);
  }

  /** Comes back to the front: the screen may sleep no more, and a camera that was stopped starts again. */
  wake() {
    if (document.hidden || !this.#started) return;
    keepLit(true);
    if (!this.camera.alive()) this.start();
  }

  #wanted() {
    return this.#started && !this.#open && !document.querySelector("dialog[open]");
  }

  /**
   * One look into the frame.
   * @param {string[]} codes
   */
  #seen(codes) {
    const { take, together, again } = this.#sight.look(codes, performance.now());
    this.#tellCrowd(together);
    if (take !== null) this.take(take);
    return again;
  }

  /** @param {number} together Vouchers that lie in the frame together. */
  #tellCrowd(together) {
    const text = together > 1 ? t(`Thấy ${together} phiếu, để lại một`, `${together} vouchers in view, leave one`) : "";
    if (this.crowd.textContent !== text) fill(this.crowd, text);
  }

  /** @param {Blob} still */
  async #readStill(still) {
    const { codes } = await this.app.api.call("POST", "/stills", { blob: still });
    return codes;
  }

  /**
   * One code, scanned or typed, with what is known beside it.
   * @param {string} code
   * @param {{ collector?: Collector, units?: number }} [asked]
   */
  async take(code, asked = {}) {
    if (this.#open) return;
    this.#open = true;
    this.#tellCrowd(0);
    const { app } = this;
    const stop = new AbortController();
    const collector = asked.collector ?? this.proxy.collector ?? undefined;
    /** @type {(text: string, halt?: () => void) => void} */
    const wait = (text, halt) => this.#wait(text, serialOf(code), halt);
    const waiting = setTimeout(() => wait(t("Đang hỏi máy chủ…", "Asking the server…")), 250);
    try {
      const answer = await app.desk.scan(code, {
        ...(collector ? { collector } : {}),
        ...(asked.units ? { units: asked.units } : {}),
        signal: stop.signal,
        progress: (what, refusal) => wait(
          what === "slow" ? t("Mạng chậm, đang chờ trả lời…", "Slow network, waiting…") : t(`${refusal?.held_at ?? "Bàn khác"} đang giữ phiếu này, đang xin lại…`, `${refusal?.held_at ?? "Another desk"} holds it; asking for it…`),
          what === "recall" ? () => stop.abort() : undefined,
        ),
      });
      clearTimeout(waiting);
      if (answer) this.#show(answer, code, collector);
      else this.close();
    } catch {
      // The disk took nothing: whatever was decided does not count.
      clearTimeout(waiting);
      this.#show({ nonce: "", outcome: "not_stored" }, code, collector);
    }
    app.sync.run();
  }

  /**
   * @param {string} text
   * @param {number | null} serial
   * @param {() => void} [stop]
   */
  #wait(text, serial, stop) {
    this.overlay.hidden = false;
    fill(this.overlay, h("div", { class: "result wait", role: "status" },
      h("div", { class: "what" }, icon("clock"), h("p", { class: "asking" }, t("Chưa phát", "Not yet")), numberLine(serial), h("p", { class: "line" }, text)),
      stop ? h("div", { class: "reach" }, h("button", { class: "next", type: "button", onclick: stop }, t("Không chờ nữa", "Don't wait"))) : null));
  }

  /**
   * @param {Answer} answer
   * @param {string} code
   * @param {Collector | undefined} collector
   */
  #show(answer, code, collector) {
    const { phone } = this.app;
    const shown = view(answer, phone.now(), { serial: serialOf(code), desk: phone.post?.desk ?? "" });
    feel(shown.tone, phone.settings.sound);
    if (answer.outcome === "redeemed") this.#handedOver(answer, shown.serial, collector);
    this.overlay.hidden = false;
    const panel = resultPanel(shown, {
      next: () => this.close(),
      undo: () => this.undo(),
      again: (more) => {
        this.#open = false;
        this.take(code, { ...(collector ? { collector } : {}), ...more });
      },
    });
    fill(this.overlay, panel.element);
    panel.focus();
    clearTimeout(this.#green);
    if (!shown.stays) this.#green = setTimeout(() => !panel.touched() && this.close(), GREEN_MS);
    this.update();
  }

  /**
   * @param {Answer} answer
   * @param {number | null} serial
   * @param {Collector | undefined} collector
   */
  #handedOver(answer, serial, collector) {
    this.lastLine.last = { answer, serial, voucher: this.app.desk.lastVoucher, at: Date.now() };
    if (collector) this.proxy.took();
  }

  /** Back to the camera. */
  close() {
    clearTimeout(this.#green);
    this.#open = false;
    this.overlay.hidden = true;
    fill(this.overlay);
    this.#sight.resume(performance.now());
    this.update();
  }

  /** Undoes the last handover, within a minute. */
  async undo() {
    const { last } = this.lastLine;
    if (!last) return;
    this.lastLine.last = null;
    this.close();
    try {
      await this.app.phone.undo(last.answer.nonce, last.voucher);
      this.lastLine.note(t("Đã hoàn tác lượt vừa rồi.", "The last handover was undone."));
    } catch {
      this.lastLine.last = last;
      this.lastLine.note(t("Chưa hoàn tác được: bộ nhớ máy không ghi được.", "Not undone: the phone's storage took nothing."));
    }
    this.update();
    this.app.sync.run();
  }

  askCollector() {
    collectorSheet(this.element, this.proxy.collector, (collector, several) => this.proxy.begin(collector, several));
  }

  menu() {
    menuSheet(this.element, this.app, this.camera);
  }

  update() {
    this.status.update();
    this.lastLine.update();
    this.proxy.update();
  }

  end() {
    clearInterval(this.timer);
    clearTimeout(this.#green);
    this.camera.stop();
    keepLit(false);
  }
}

/**
 * @param {App} app
 * @returns {import("./app.js").Screen}
 */
export function scanScreen(app) {
  const scanner = new Scanner(app);
  const wake = () => scanner.wake();
  document.addEventListener("visibilitychange", wake);
  return {
    element: scanner.element,
    update: () => scanner.update(),
    close: () => {
      document.removeEventListener("visibilitychange", wake);
      scanner.end();
    },
  };
}

/**
 * @param {import("./camera.js").CameraTrouble} trouble
 * @param {() => void} again
 */
function cameraHelp(trouble, again) {
  const texts = {
    denied: t("Trình duyệt đang chặn camera. Chạm vào biểu tượng ổ khóa (hoặc “Aa”) cạnh địa chỉ, chọn Quyền → Camera → Cho phép, rồi chạm “Thử lại”.", "The browser blocks the camera. Tap the lock (or “Aa”) beside the address, choose Permissions → Camera → Allow, then tap “Try again”."),
    missing: t("Không thấy camera trên máy này.", "This phone has no camera that can be used."),
    busy: t("Ứng dụng khác đang dùng camera. Đóng ứng dụng đó rồi thử lại.", "Another app uses the camera. Close it, then try again."),
    insecure: t("Địa chỉ này không phải https nên trình duyệt không cho dùng camera. Báo cán bộ phụ trách.", "This address is not https, so the browser allows no camera. Tell the coordinator."),
    broken: t("Camera không mở được. Khởi động lại máy rồi thử lại.", "The camera can't be opened. Restart the phone, then try again."),
  };
  return h("div", { class: "help", role: "alert" },
    h("p", {}, h("b", {}, t("Chưa dùng được camera. ", "No camera. ")), texts[trouble]),
    h("p", {}, t("Trong lúc đó, nhập mã 10 ký tự ở dưới.", "Meanwhile, type the 10 symbols below.")),
    h("button", { class: "big", type: "button", onclick: again }, t("Thử lại", "Try again")));
}
