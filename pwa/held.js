/**
 * Other phones that hold vouchers of the desk where one goes on duty: who, since when nobody heard of them, and whom to call. A desk
 * without a voucher must not look like a desk without work.
 * @module
 */
import { fill, h } from "./dom.js";
import { unheardSince } from "./view.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").Holder} Holder */

/**
 * One phone, as a volunteer would look for it.
 * @param {Holder} holder
 * @param {number} now
 * @returns {{ who: string, what: string }}
 */
export function holderText({ device, volunteer, desk, vouchers, heard_at, revoked }, now) {
  const who = [volunteer ? `${device} (${volunteer})` : device, desk].filter(Boolean).join(", ");
  const since = unheardSince(heard_at ?? undefined, now);
  const holds = t(`Giữ ${vouchers} phiếu.`, `Holds ${vouchers} vouchers.`);
  const heard = since ? t(` Chưa nghe máy này từ ${since}.`, ` Not heard of since ${since}.`)
    : heard_at ? t(" Máy này đang có mạng.", " It is online.")
    : t(" Chưa nghe máy này lần nào.", " Never heard of.");
  return { who, what: holds + heard + (revoked ? t(" Máy đã bị thu hồi.", " The phone was revoked.") : "") };
}

/** @param {readonly Holder[]} holders */
export const heldCount = (holders) => holders.reduce((sum, { vouchers }) => sum + vouchers, 0);

/** @param {readonly Holder[]} holders */
export function callText(holders) {
  const count = heldCount(holders);
  return t(`Gọi cán bộ phụ trách để giải phóng ${count} phiếu.`, `Call the coordinator to release ${count} vouchers.`);
}

/**
 * The same in a line or two, above the scanner.
 * @param {readonly Holder[]} holders
 * @param {number} now
 */
export function heldBriefly(holders, now) {
  const phones = holders.map(({ device, volunteer, vouchers, heard_at }) => {
    const since = unheardSince(heard_at ?? undefined, now);
    const who = volunteer ? `${device} (${volunteer})` : device;
    return t(`${who} giữ ${vouchers} phiếu của bàn này${since ? `, chưa nghe từ ${since}` : ""}.`, `${who} holds ${vouchers} vouchers of this desk${since ? `, not heard of since ${since}` : ""}.`);
  });
  return `${phones.join(" ")} ${t("Gọi cán bộ phụ trách để giải phóng.", "Call the coordinator to release them.")}`;
}

/**
 * @typedef {object} Ways
 * @property {() => void} go Stay on duty.
 * @property {() => Promise<void>} again Ask the server again.
 * @property {() => Promise<void>} back Choose another desk.
 * @property {(error: unknown) => string} said
 */

/**
 * What a volunteer sees instead of the scanner, before going on.
 * @param {{ holders: readonly Holder[], desk: string, left: number, now: number }} scene
 * @param {Ways} ways
 */
export function heldNotice({ holders, desk, left, now }, ways) {
  const wrong = h("p", { class: "wrong", role: "alert" });
  /** @param {() => Promise<void>} way */
  const going = (way) => async (/** @type {Event} */ event) => {
    const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
    button.disabled = true;
    fill(wrong);
    try {
      await way();
    } catch (error) {
      fill(wrong, ways.said(error));
    } finally {
      button.disabled = false;
    }
  };
  const title = h("h2", { tabindex: -1 }, t(`Máy khác đang giữ phiếu của ${desk}`, `Another phone holds vouchers of ${desk}`));
  const element = h("div", { class: "held" },
    title,
    h("ul", { class: "holders" }, holders.map((holder) => {
      const { who, what } = holderText(holder, now);
      return h("li", {}, h("b", {}, who), h("span", {}, what));
    })),
    h("p", { class: "note" }, h("b", {}, callText(holders))),
    h("p", {}, left > 0
      ? t(`Máy này giữ ${left} phiếu, phát được cả khi mất mạng. Phiếu máy kia giữ thì máy này chưa phát được, trừ khi máy kia có mạng và trả lại.`, `This phone holds ${left} vouchers, also without a network. What the other holds can't be handed out here unless that phone is online and gives it back.`)
      : t("Máy này chưa giữ phiếu nào: chỉ phát được khi có mạng. Phiếu máy kia giữ thì chưa phát được, trừ khi máy kia có mạng và trả lại.", "This phone holds no voucher: it works only with a network. What the other holds can't be handed out here unless that phone is online and gives it back.")),
    wrong,
    h("button", { class: "big", type: "button", onclick: going(ways.again) }, t("Đã giải phóng, hỏi lại", "Released, ask again")),
    h("button", { class: "big second", type: "button", onclick: ways.go }, t("Vẫn vào ca", "Go on anyway")),
    h("button", { class: "big second", type: "button", onclick: going(ways.back) }, t("Quay lại chọn bàn", "Back, choose a desk")));
  return { element, focus: () => title.focus() };
}
