/**
 * The result, which fills the screen.
 * @module
 */
import { fill, h, icon } from "./dom.js";
import { collectorFields, collectorOf } from "./sheets.js";
import { t } from "./words.js";

/**
 * @typedef {object} Doings
 * @property {() => void} next
 * @property {() => void} undo
 * @property {(more: { collector?: import("./types.js").Collector, units?: number }) => void} again
 */

/**
 * @param {import("./view.js").View} view
 * @param {Doings} doings
 */
export function resultPanel(view, doings) {
  let touched = false;
  const asks = view.fields.length > 0;
  const next = h("button", { class: "next", type: "button", onclick: doings.next }, asks ? t("Chưa phát, quét tiếp", "Not now, next") : t("Quét tiếp", "Next"));
  const element = h(
    "div",
    { class: `result ${view.tone}`, role: "alert", onpointerdown: () => (touched = true) },
    h("div", { class: "what" },
      icon(view.icon),
      h("p", { class: "word" }, view.word),
      numberLine(view.serial),
      view.lines.map((line) => h("p", { class: "line" }, line)),
      view.give ? h("div", { class: "give" }, h("p", {}, h("b", {}, view.give.name)), h("ul", {}, view.give.contents.map((line) => h("li", {}, line)))) : null,
      view.household ? hidden(view.household, () => (touched = true)) : null,
      asks ? questions(view.fields, doings.again) : null),
    h("div", { class: "reach" },
      view.undo ? h("button", { class: "quiet", type: "button", onclick: doings.undo }, icon("undo"), t("Hoàn tác", "Undo")) : null,
      next),
  );
  return { element, touched: () => touched, focus: () => (asks ? element.querySelector("input") : next)?.focus({ preventScroll: true }) };
}

/**
 * The voucher's number, to be compared with the paper in hand.
 * @param {number | null} serial
 */
export const numberLine = (serial) => (serial === null ? null : h("p", { class: "number" }, t(`Số ${serial}`, `No. ${serial}`)));

/**
 * Names are hidden until somebody taps: people stand around.
 * @param {{ name: string, members: number }} household
 * @param {() => void} tapped
 */
function hidden({ name, members }, tapped) {
  const button = h("button", { class: "quiet", type: "button" }, icon("eye"), t("Hiện tên hộ", "Show the name"));
  button.addEventListener("click", () => {
    tapped();
    fill(button, h("b", {}, name), t(` · ${members} nhân khẩu`, ` · ${members} members`));
  });
  return button;
}

/**
 * @param {string[]} fields
 * @param {Doings["again"]} again
 */
function questions(fields, again) {
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const units = Number(form.get("units") ?? 0);
    const collector = collectorOf(form);
    again({ ...(units > 0 ? { units } : {}), ...(collector ? { collector } : {}) });
  };
  return h("form", { class: "questions", onsubmit: submit },
    fields.includes("collector") ? collectorFields(null) : null,
    fields.includes("units") ? h("div", { class: "field" }, h("label", { for: "units" }, t("Số suất", "Units")), h("input", { id: "units", name: "units", type: "number", inputmode: "numeric", min: 1, max: 255, value: 1, required: true })) : null,
    h("button", { class: "big" }, t("Phát cho người này", "Hand over")));
}
