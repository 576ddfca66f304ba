/**
 * The typed code, always at hand: grouped as it is printed, checked before anybody is asked.
 * @module
 */
import { fill, h } from "./dom.js";
import { grouped, isSigned, parseTyped } from "./typed.js";
import { typedWrong } from "./view.js";
import { t } from "./words.js";

/**
 * @param {(code: string) => void} take
 */
export function typedField(take) {
  const wrong = h("p", { class: "wrong", role: "alert", id: "typed-wrong" });
  const input = h("input", {
    id: "typed", maxlength: 500, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", enterkeyhint: "go",
    placeholder: "XXXXX-XXXXX", "aria-describedby": "typed-wrong",
  });
  /**
   * @param {boolean} whole Whether the person says that it is all.
   * @returns {boolean} Whether nothing is wrong so far.
   */
  const check = (whole) => {
    const parsed = isSigned(input.value) ? null : parseTyped(input.value);
    const bad = typeof parsed === "string" && (whole || parsed !== "length") ? parsed : null;
    fill(wrong, bad && typedWrong(bad));
    return bad === null;
  };
  input.addEventListener("input", () => {
    // Only at the end: a correction in the middle must not lose its place.
    if (input.selectionStart === input.value.length) input.value = grouped(input.value);
    check(false);
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    if (!check(true)) return;
    const code = input.value;
    input.value = "";
    input.blur();
    take(code);
  };
  return h("form", { class: "typed", onsubmit: submit },
    h("label", { for: "typed" }, t("Mã trên phiếu", "Typed code")),
    h("div", { class: "pair" }, input, h("button", { class: "tool go" }, t("Nhận mã", "Check"))),
    wrong);
}
