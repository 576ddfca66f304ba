/**
 * Sheets that come up from below: who collects, and everything seldom needed.
 * @module
 */
import { Refused } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { language, t } from "./words.js";

/** @typedef {import("./types.js").Collector} Collector */

/** What people mostly are to a household. */
const RELATIONS = () => [t("vợ/chồng", "spouse"), t("con", "child"), t("cha/mẹ", "parent"), t("hàng xóm", "neighbour"), t("tổ trưởng", "head of group")];

/** @param {Collector | null} collector */
export function collectorFields(collector) {
  const relation = h("input", { id: "relation", name: "relation", maxlength: 100, value: collector?.relation ?? "", autocomplete: "off" });
  return [
    h("div", { class: "field" }, h("label", { for: "collector" }, t("Tên người nhận thay", "Collector's name")),
      h("input", { id: "collector", name: "collector", maxlength: 200, required: true, value: collector?.name ?? "", autocomplete: "off" })),
    h("div", { class: "field" }, h("label", { for: "relation" }, t("Quan hệ với hộ", "What they are to the household")), relation,
      h("div", { class: "chips" }, RELATIONS().map((text) => h("button", { type: "button", class: "chip", onclick: () => (relation.value = text) }, text)))),
  ];
}

/**
 * @param {FormData} form
 * @returns {Collector | null}
 */
export function collectorOf(form) {
  const name = String(form.get("collector") ?? "").trim();
  return name === "" ? null : { name, relation: String(form.get("relation") ?? "").trim() };
}

/**
 * @param {HTMLElement} parent
 * @param {string} title
 * @param {...import("./dom.js").Child | import("./dom.js").Child[]} children
 */
function sheet(parent, title, ...children) {
  const dialog = h("dialog", { class: "sheet", "aria-label": title });
  const close = () => dialog.close();
  fill(dialog, h("div", { class: "sheet-top" }, h("h2", {}, title), h("button", { class: "round", type: "button", "aria-label": t("Quay lại", "Back"), onclick: close }, icon("cross"))), ...children);
  dialog.addEventListener("close", () => dialog.remove());
  parent.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * @param {HTMLElement} parent
 * @param {Collector | null} collector
 * @param {(collector: Collector, several: boolean) => void} chosen
 */
export function collectorSheet(parent, collector, chosen) {
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const given = collectorOf(form);
    if (given) chosen(given, form.get("several") !== null);
    dialog.close();
  };
  const dialog = sheet(parent, t("Người nhận thay", "Proxy"),
    h("form", { onsubmit: submit }, collectorFields(collector),
      h("label", { class: "choice" }, h("input", { type: "checkbox", name: "several" }), h("span", {}, h("b", {}, t("Nhận nhiều phiếu liên tiếp", "Several vouchers in a row")), h("small", {}, t("Ví dụ: lấy giúp cả dãy trọ", "For neighbours, say")))),
      h("button", { class: "big" }, t("Quét phiếu", "Scan"))));
}

/**
 * @param {HTMLElement} parent
 * @param {import("./app.js").App} app
 * @param {import("./camera.js").Camera} camera
 */
export function menuSheet(parent, app, camera) {
  const { phone } = app;
  const cameras = h("div", {});
  const wrong = h("p", { class: "wrong", role: "alert" });
  const dialog = sheet(parent, t("Thêm", "More"),
    cameras,
    h("label", { class: "choice" }, h("input", { type: "checkbox", checked: phone.settings.sound, onchange: (/** @type {Event} */ event) => phone.set({ sound: checked(event) }) }), h("span", {}, h("b", {}, t("Tiếng bíp", "Beeps")))),
    h("label", { class: "choice" }, h("input", { type: "checkbox", checked: phone.settings.delivery, onchange: async (/** @type {Event} */ event) => {
      await phone.set({ delivery: checked(event) });
      if (app.link.online) app.duty.refresh(0);
      app.changed();
    } }), h("span", {}, h("b", {}, t("Giao tận nhà", "Home delivery")))),
    h("button", { class: "big second", type: "button", onclick: () => app.speak(language() === "vi" ? "en" : "vi") }, t("English", "Tiếng Việt")),
    h("p", { class: "links" }, h("a", { href: "/kiem-tra-may" }, t("Kiểm tra máy", "Check this phone"))),
    wrong,
    h("button", { class: "big danger", type: "button", onclick: () => leave(app, wrong, dialog) }, t("Kết thúc ca", "Go off duty")));
  drawCameras(cameras, app, camera);
}

/** @param {Event} event */
const checked = (event) => /** @type {HTMLInputElement} */ (event.target).checked;

/**
 * @param {HTMLElement} element
 * @param {import("./app.js").App} app
 * @param {import("./camera.js").Camera} camera
 */
async function drawCameras(element, app, camera) {
  const choices = await camera.choices();
  const { zoom, deviceId } = camera.abilities();
  /** @param {Event} event */
  const choose = async (event) => {
    const id = /** @type {HTMLSelectElement} */ (event.target).value;
    await app.phone.set({ camera: id, zoom: null });
    await camera.start(id);
  };
  /** @param {Event} event */
  const zoomTo = async (event) => {
    const value = Number(/** @type {HTMLInputElement} */ (event.target).value);
    await camera.zoom(value);
    await app.phone.set({ zoom: value });
  };
  fill(element,
    choices.length > 1 ? h("div", { class: "field" }, h("label", { for: "camera" }, "Camera"),
      h("select", { id: "camera", onchange: choose }, choices.map(({ deviceId: id, label }, i) => h("option", { value: id, selected: id === deviceId }, label || `Camera ${i + 1}`)))) : null,
    zoom ? h("div", { class: "field" }, h("label", { for: "zoom" }, t("Phóng to", "Zoom")),
      h("input", { id: "zoom", type: "range", min: zoom.min, max: zoom.max, step: "any", value: app.phone.settings.zoom ?? zoom.min, oninput: zoomTo })) : null);
}

/**
 * @param {import("./app.js").App} app
 * @param {HTMLElement} wrong
 * @param {HTMLDialogElement} dialog
 */
async function leave(app, wrong, dialog) {
  const waiting = app.phone.waiting().length;
  if (waiting > 0) fill(wrong, t(`Đang gửi ${waiting} lượt…`, `Sending ${waiting} records…`));
  try {
    const left = await app.duty.leave();
    if (left === "unsent") {
      fill(wrong, t(`Còn ${app.phone.waiting().length} lượt chưa gửi được. Tìm chỗ có mạng rồi kết thúc ca.`, `${app.phone.waiting().length} records are not sent yet. Find a network, then go off duty.`));
      return;
    }
    dialog.close();
    app.show();
  } catch (error) {
    fill(wrong, error instanceof Refused ? error.message : t("Chưa kết thúc được ca. Thử lại.", "Not off duty yet. Try again."));
  }
}
