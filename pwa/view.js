/**
 * From an answer to what fills the screen: colour, icon, one or two words, and the few lines below. Pure.
 *
 * Colours say what to do: green and blue, hand over; amber, look first; red, don't hand over.
 * @module
 */
import { clockText, dayNumber, dayText, momentText } from "./days.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").Answer} Answer */

/**
 * @typedef {object} View
 * @property {"go" | "recorded" | "amber" | "stop"} tone
 * @property {"check" | "again" | "cross" | "ask" | "cloud"} icon
 * @property {string} word One or two words, capitals.
 * @property {number | null} serial The voucher's number, as it is printed on the paper.
 * @property {string[]} lines Whole sentences.
 * @property {{ name: string, contents: string[] } | null} give What to hand over.
 * @property {{ name: string, members: number } | null} household Hidden until it is tapped.
 * @property {boolean} stays Whether it waits for a tap.
 * @property {string | null} undo The nonce that may be undone.
 * @property {string[]} fields What must be asked.
 */

/** @type {Record<string, [string, string]>} */
const WORDS = {
  already_redeemed: ["ĐÃ NHẬN", "ALREADY USED"],
  void: ["PHIẾU ĐÃ HỦY", "VOIDED"],
  superseded: ["ĐÃ CÓ PHIẾU MỚI", "REPLACED"],
  expired: ["PHIẾU HẾT HẠN", "EXPIRED"],
  not_yet_valid: ["CHƯA ĐẾN NGÀY", "NOT YET"],
  wrong_slot: ["SAI KHUNG GIỜ", "WRONG SLOT"],
  wrong_point: ["SAI ĐIỂM PHÁT", "WRONG POINT"],
  round_closed: ["ĐỢT ĐÃ ĐÓNG", "ROUND CLOSED"],
  out_of_stock: ["HẾT QUÀ", "NO PACKAGE LEFT"],
  leased_elsewhere: ["BÀN KHÁC ĐANG GIỮ", "AT ANOTHER DESK"],
  too_soon: ["CHƯA ĐƯỢC NHẬN", "TOO SOON"],
  needs_input: ["CẦN HỎI THÊM", "ONE QUESTION"],
  no_network: ["MẤT MẠNG", "NO NETWORK"],
  device_revoked: ["MÁY BỊ THU HỒI", "PHONE REVOKED"],
  phone_rolled_back: ["MÁY PHẢI DỪNG", "PHONE MUST STOP"],
  not_allowed: ["KHÔNG ĐƯỢC PHÁT", "NOT ALLOWED"],
  not_stored: ["CHƯA GHI ĐƯỢC", "NOT RECORDED"],
  not_told: ["CHỜ GỬI", "NOT SENT YET"],
  undone: ["ĐÃ HOÀN TÁC", "UNDONE"],
};
/** @type {[string, string]} */
const INVALID = ["KHÔNG HỢP LỆ", "NOT VALID"];
/** Held by another phone of the desk where the person stands. @type {[string, string]} */
const HELD_HERE = ["MÁY KHÁC ĐANG GIỮ", "ON ANOTHER PHONE"];

/** @type {Record<string, [string, string]>} */
const SENTENCES = {
  already_redeemed: ["Phiếu đã sử dụng. Không phát lần nữa.", "Used before. Don't hand out again."],
  void: ["Phiếu này đã được hủy. Mời người dân gặp cán bộ phụ trách.", "This voucher was voided. Send the person to the coordinator."],
  expired: ["Phiếu đã qua ngày nhận.", "The voucher's last day is over."],
  not_yet_valid: ["Phiếu chưa đến ngày nhận.", "The voucher's first day is still to come."],
  wrong_slot: ["Chưa đúng khung giờ ghi trên phiếu.", "Not the slot that is printed on the voucher."],
  wrong_point: ["Phiếu này nhận ở điểm phát khác, ghi trên phiếu.", "This voucher is for another point, printed on it."],
  round_closed: ["Đợt phát này không còn mở. Hãy hỏi cán bộ phụ trách.", "This round is not open. Ask the coordinator."],
  leased_elsewhere: ["Bàn khác đang giữ phiếu này. Mời người dân sang đó.", "Another desk holds this voucher. Send the person there."],
  too_soon: ["Hộ này đã nhận gần đây, chưa đến ngày nhận lại.", "This household received recently; its next day has not come."],
  no_network: [
    "Máy này không giữ phiếu đó nên không tự quyết định được. Chưa phát; quét lại khi có mạng, hoặc mời sang bàn ghi trên phiếu.",
    "This phone does not hold that voucher and can't decide alone. Don't hand over; scan again with a network, or send the person to the desk printed on the voucher.",
  ],
  device_revoked: [
    "Cán bộ phụ trách đã thu hồi máy này. Không phát nữa; những lượt đã ghi vẫn được gửi đi.",
    "The coordinator revoked this phone. Hand out nothing more; what was recorded is still sent.",
  ],
  phone_rolled_back: [
    "Bộ nhớ máy này đã trở về bản cũ, có thể quên phiếu đã phát. Không phát nữa; nhờ cán bộ phụ trách cấp mã tham gia mới.",
    "This phone's storage went back to an old state and may have forgotten handovers. Hand out nothing more; ask the coordinator for a new code.",
  ],
  not_stored: [
    "Bộ nhớ máy không ghi được. KHÔNG phát. Xóa bớt ảnh, phim trong máy rồi quét lại.",
    "The phone's storage took nothing. Do NOT hand over. Delete some photos or films, then scan again.",
  ],
  not_told: [
    "Máy này còn lượt chưa gửi được, có thể của chính phiếu này, nên chưa hỏi được máy chủ. Chưa phát; quét lại khi có mạng.",
    "This phone has records not sent yet, perhaps of this very voucher, so the server can't be asked. Don't hand over; scan again with a network.",
  ],
  bad_signature: ["Phiếu này không phải do phường phát.", "This voucher was not issued by the ward."],
  revoked_key: ["Loạt phiếu này đã bị thu hồi. Báo cán bộ phụ trách.", "This series of vouchers was withdrawn. Tell the coordinator."],
  unknown: ["Không có phiếu nào mang mã này.", "No voucher has this code."],
  not_a_voucher: ["Đây không phải mã phiếu nhận hàng.", "This is not a voucher's code."],
  malformed_code: ["Mã bị thiếu hoặc hỏng. Quét lại, hoặc nhập mã 10 ký tự.", "The code is cut short or damaged. Scan again, or type the 10 symbols."],
  needs_input: ["Hãy hỏi người đến nhận.", "Ask the person who collects."],
};

/** Where a cross would say too much. @type {Record<string, View["icon"]>} */
const ICONS = { needs_input: "ask", already_redeemed: "again", undone: "again", no_network: "cloud", not_told: "cloud" };

/** What is wrong with a typed code; told beside the field, at once. @type {Record<string, [string, string]>} */
const TYPED = {
  length: ["Mã có 10 ký tự. Hãy đếm lại.", "The code has 10 symbols. Count again."],
  symbol: ["Mã chỉ có chữ số và chữ cái không dấu, không có chữ U.", "The code has only digits and plain letters, never U."],
  check: ["Sai ít nhất một ký tự. So lại từng ký tự với phiếu.", "At least one symbol is wrong. Compare each with the paper."],
};

/** @param {"length" | "symbol" | "check"} why */
export const typedWrong = (why) => pick(TYPED[why]) ?? "";

/** @param {[string, string] | undefined} pair */
const pick = (pair) => (pair ? t(...pair) : undefined);

/**
 * @typedef {object} Scene What the phone knows beside the answer.
 * @property {number | null} serial The number that the code gives its voucher.
 * @property {string} desk Where the volunteer stands.
 */

/**
 * @param {Answer} answer
 * @param {number} now Ms since 1970.
 * @param {Scene} [scene]
 * @returns {View}
 */
export function view(answer, now, scene = { serial: null, desk: "" }) {
  const give = answer.package
    ? { name: answer.package.name, contents: answer.package.contents.map((line) => `${line.name} ${line.text}`) }
    : null;
  const household = answer.household ? { name: answer.household.head_name, members: answer.household.members } : null;
  const serial = answer.voucher?.serial || scene.serial;
  const base = { serial, lines: lines(answer, now, scene.desk), household, fields: answer.fields ?? [], undo: null };
  if (answer.outcome === "redeemed") return { ...base, ...handOver(answer), give, undo: answer.nonce };
  const asks = answer.outcome === "needs_input";
  const word = heldHere(answer, scene.desk) ? t(...HELD_HERE) : pick(WORDS[answer.outcome]) ?? t(...INVALID);
  const icon = ICONS[answer.outcome] ?? "cross";
  return { ...base, tone: asks ? "amber" : "stop", icon, word, give: null, stays: true };
}

/**
 * @param {Answer} answer
 * @returns {Pick<View, "tone" | "icon" | "word" | "stays">}
 */
function handOver(answer) {
  if (answer.amber) return { tone: "amber", icon: "check", word: t("ĐÃ GHI", "RECORDED"), stays: true };
  if (answer.recorded) return { tone: "recorded", icon: "check", word: t("ĐÃ GHI", "RECORDED"), stays: false };
  return { tone: "go", icon: "check", word: t("HỢP LỆ", "VALID"), stays: false };
}

/**
 * @param {Answer} answer
 * @param {number} now
 * @param {string} desk
 * @returns {string[]}
 */
function lines(answer, now, desk) {
  if (answer.outcome === "redeemed") return handedOver(answer);
  if (answer.outcome === "leased_elsewhere" && answer.held_by) return heldBy(answer.held_by, answer, now, desk);
  if (answer.outcome === "undone") return [undone(answer.reversed_at ?? "", now)];
  const own = pick(SENTENCES[answer.outcome]);
  // "Needed: collector" is the API's; a person is shown the field itself.
  const asks = answer.outcome === "needs_input";
  // The server always writes the day; at the table the clock is enough.
  const used = answer.outcome === "already_redeemed" && answer.first !== undefined;
  const said = asks || used ? own : (answer.message ?? own);
  const more = [];
  if (answer.first && (used || !answer.message)) more.push(first(answer.first, now) + (answer.here ? t(" Chính máy này đã phát.", " This phone handed it out.") : ""));
  if (!answer.message && answer.valid) more.push(valid(answer.valid));
  return [said ?? answer.message ?? t("Không quyết định được.", "It could not be decided."), ...more];
}

/**
 * Whether the phone that holds the voucher stands, or stood, at this very desk: nobody can be sent there.
 * @param {Answer} answer
 * @param {string} desk
 */
const heldHere = (answer, desk) => answer.outcome === "leased_elsewhere" && desk !== "" && answer.held_at === desk;

/**
 * Which phone holds the voucher, and what helps: going there, scanning again, or the coordinator's release.
 * @param {string} phone Its name.
 * @param {Answer} answer
 * @param {number} now
 * @param {string} desk
 */
function heldBy(phone, answer, now, desk) {
  const since = unheardSince(answer.held_heard_at, now);
  const asked = answer.recall === "asked" ? [t("Đã xin lại: quét lại sau vài giây.", "It was asked back: scan again in a few seconds.")] : [];
  if (heldHere(answer, desk)) {
    const who = t(`${phone} đang giữ phiếu này của ${desk}${since ? `, chưa nghe máy này từ ${since}` : ""}.`, `${phone} holds this voucher of ${desk}${since ? `; not heard of since ${since}` : ""}.`);
    return [who, ...asked, t("Gọi cán bộ phụ trách để giải phóng phiếu.", "Call the coordinator to release it.")];
  }
  const at = answer.held_at ?? "";
  const who = at === "" ? t(`${phone} đang giữ phiếu này.`, `${phone} holds this voucher.`) : t(`${phone} ở ${at} đang giữ phiếu này.`, `${phone} at ${at} holds this voucher.`);
  if (since) {
    return [who, t(`Chưa nghe máy này từ ${since}. Mời người dân sang đó; nếu máy đã mất, gọi cán bộ phụ trách để giải phóng phiếu.`, `Not heard of since ${since}. Send the person there; if the phone is lost, call the coordinator to release it.`)];
  }
  return [who, ...asked, t("Mời người dân sang đó.", "Send the person there.")];
}

/** @param {Answer} answer */
function handedOver(answer) {
  if (answer.amber) {
    return [t("Phát quà. Phiếu ngoài phần của máy này: giữ lại phiếu giấy.", "Hand over. Not of this phone's share: keep the paper.")];
  }
  const left = answer.units_left ? [t(`Phiếu còn ${answer.units_left} suất.`, `${answer.units_left} more on this voucher.`)] : [];
  if (answer.recorded) return [t("Phát quà. Mất mạng: máy đã ghi, sẽ tự gửi.", "Hand over. No network: recorded here, sent by itself."), ...left];
  return [t("Phát quà cho hộ này.", "Hand over."), ...left];
}

/**
 * @param {NonNullable<Answer["first"]>} first
 * @param {number} now
 */
function first({ at, point, desk, proxy }, now) {
  const when = momentText(Date.parse(at), now);
  const where = [point, desk].filter((part) => part !== "").join(", ");
  const told = where === "" ? t(`Lúc ${when}.`, `At ${when}.`) : t(`Lúc ${when} tại ${where}.`, `At ${when}, ${where}.`);
  return proxy ? told + t(" Người nhận thay đã lấy.", " A proxy collected.") : told;
}

/**
 * @param {string} at When the handover was undone, RFC 3339.
 * @param {number} now
 */
function undone(at, now) {
  const ms = Date.parse(at);
  const when = Number.isNaN(ms) ? "" : t(` lúc ${momentText(ms, now)}`, ` at ${momentText(ms, now)}`);
  return t(`Lượt này đã được hoàn tác${when}. Chưa phát; quét lại phiếu.`, `This handover was undone${when}. Don't hand over; scan the voucher again.`);
}

/** @param {[string, string]} valid */
function valid([from, until]) {
  const [one, other] = [dayText(dayNumber(from)), dayText(dayNumber(until))];
  if (one === other) return t(`Phiếu nhận ngày ${one}.`, `Valid on ${one}.`);
  return t(`Phiếu nhận từ ${one} đến ${other}.`, `Valid from ${one} to ${other}.`);
}

/**
 * How old something is, in a few words.
 * @param {number} ms
 */
export function age(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return t("vừa xong", "just now");
  if (minutes < 60) return t(`${minutes} phút trước`, `${minutes} min ago`);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return t(`${hours} giờ trước`, `${hours} h ago`);
  return t(`${Math.floor(hours / 24)} ngày trước`, `${Math.floor(hours / 24)} days ago`);
}

/** A phone that was heard of in so many ms is there: it asks for recalls every half minute. */
export const UNHEARD_MS = 2 * 60_000;

/**
 * Since when nobody heard of a phone; nothing while it is there.
 * @param {string | undefined} heardAt RFC 3339.
 * @param {number} now Ms since 1970.
 */
export function unheardSince(heardAt, now) {
  const at = heardAt === undefined ? NaN : Date.parse(heardAt);
  return Number.isNaN(at) || now - at < UNHEARD_MS ? null : momentText(at, now);
}

/** @param {number} ms Since 1970. */
export const clock = clockText;
