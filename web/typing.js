/**
 * The typed code, always at hand: grouped as it is printed, checked before anybody is asked.
 * @module
 */
import { fill, h } from "./dom.js";
import { grouped, parseTyped } from "./typed.js";
import { typedWrong } from "./view.js";
import { t } from "./words.js";

/** @param {(code: string) => void} take */
export function typedField(take) {
  const wrong = h("p", { class: "wrong", role: "alert", id: "typed-wrong" });
  const input = h("input", {
    id: "typed", maxlength: 14, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", enterkeyhint: "go",
    placeholder: "XXXXX-XXXXX", "aria-describedby": "typed-wrong",
  });
  /** @param {boolean} whole Whether the person says that it is all. */
  const check = (whole) => {
    const parsed = parseTyped(input.value);
    if (typeof parsed !== "string") return fill(wrong);
    const early = parsed === "length" && !whole;
    fill(wrong, early ? null : typedWrong(parsed));
  };
  input.addEventListener("input", () => {
    // Only at the end: a correction in the middle must not lose its place.
    if (input.selectionStart === input.value.length) input.value = grouped(input.value);
    check(false);
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    check(true);
    if (typeof parseTyped(input.value) === "string") return;
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
