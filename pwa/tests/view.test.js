// What fills the screen.
import assert from "node:assert/strict";
import test from "node:test";

import { callText, heldBriefly, holderText } from "../held.js";
import { age, view } from "../view.js";
import { speak } from "../words.js";
import { MORNING, ROUND } from "./fakes.js";

const nonce = "n";

test("green and blue hand over and go by themselves; red and amber wait", () => {
  const shown = (/** @type {Partial<import("../types.js").Answer>} */ answer) => view({ nonce, outcome: "redeemed", ...answer }, MORNING);
  assert.deepEqual([shown({}).tone, shown({}).word, shown({}).stays], ["go", "HỢP LỆ", false]);
  assert.deepEqual([shown({ recorded: true }).tone, shown({ recorded: true }).word], ["recorded", "ĐÃ GHI"]);
  assert.deepEqual([shown({ recorded: true, amber: true }).tone, shown({ recorded: true, amber: true }).stays], ["amber", true]);
  assert.deepEqual([shown({ outcome: "already_redeemed" }).word, shown({ outcome: "already_redeemed" }).stays], ["ĐÃ NHẬN", true]);
  for (const outcome of ["unknown", "bad_signature", "revoked_key", "something_new"]) assert.equal(shown({ outcome }).word, "KHÔNG HỢP LỆ");
  assert.equal(shown({ outcome: "expired" }).undo, null);
  assert.equal(shown({ package: ROUND.package }).give?.contents[0], "Gạo 10 kg");
});

test("a voucher used before tells when and where, in the reader's language", () => {
  const first = { at: "2021-08-05T00:12:00Z", point: "Nhà văn hóa", desk: "Bàn 1" };
  const used = () => view({ nonce, outcome: "already_redeemed", first }, MORNING).lines.join(" ");
  assert.match(used(), /07:12 tại Nhà văn hóa, Bàn 1/);
  speak("en");
  assert.match(used(), /At 07:12, Nhà văn hóa, Bàn 1/);
  assert.equal(age(5 * 60_000), "5 min ago");
  speak("vi");
});

test("every result bears the voucher's number: the server's, else the one that the code gives", () => {
  const serial = (/** @type {Partial<import("../types.js").Answer>} */ answer, /** @type {number | null} */ own) => view({ nonce, outcome: "redeemed", ...answer }, MORNING, { serial: own, desk: "" }).serial;
  const voucher = { serial: 12, round: "Đợt 1", units: 1 };
  for (const outcome of ["redeemed", "already_redeemed", "no_network", "leased_elsewhere", "void"]) {
    assert.equal(serial({ outcome, voucher }, null), 12);
    assert.equal(serial({ outcome }, 12), 12);
  }
  assert.equal(serial({ outcome: "unknown" }, null), null, "a typed code that nobody knows");
});

test("a handover that was undone since is red, and says when and what to do", () => {
  const shown = view({ nonce, outcome: "undone", message: "Hợp lệ.", package: ROUND.package, reversed_at: "2021-08-05T00:20:00Z" }, MORNING);
  assert.deepEqual([shown.tone, shown.word, shown.give, shown.undo, shown.stays], ["stop", "ĐÃ HOÀN TÁC", null, null, true]);
  assert.deepEqual(shown.lines, ["Lượt này đã được hoàn tác lúc 07:20. Chưa phát; quét lại phiếu."]);
});

test("what this phone handed out itself is told as such; what waits to be sent is no handover", () => {
  const first = { at: "2021-08-05T00:12:00Z", point: "Nhà văn hóa", desk: "" };
  assert.match(view({ nonce, outcome: "already_redeemed", here: true, first }, MORNING).lines.join(" "), /Lúc 07:12 tại Nhà văn hóa. Chính máy này đã phát/);
  assert.deepEqual([view({ nonce, outcome: "not_told" }, MORNING).tone, view({ nonce, outcome: "not_told" }, MORNING).word], ["stop", "CHỜ GỬI"]);
});

test("a voucher on another phone names the phone, and sends nobody to the desk where they stand", () => {
  /** @type {import("../types.js").Answer} */
  const held = { nonce, outcome: "leased_elsewhere", held_at: "Bàn 2", held_by: "Máy 3", held_heard_at: "2021-08-04T23:12:00Z", message: "Phiếu này do Bàn 2 giữ. Mời người dân sang đó." };
  const now = MORNING + 30 * 60_000;
  const at = (/** @type {string} */ desk, more = {}) => view({ ...held, ...more }, now, { serial: 7, desk });
  const here = at("Bàn 2");
  assert.equal(here.word, "MÁY KHÁC ĐANG GIỮ");
  assert.match(here.lines.join(" "), /Máy 3 đang giữ phiếu này của Bàn 2, chưa nghe máy này từ 06:12\. Gọi cán bộ phụ trách để giải phóng phiếu/);
  assert.doesNotMatch(here.lines.join(" "), /Mời/);
  assert.doesNotMatch(at("Bàn 2", { recall: "asked", held_heard_at: new Date(now).toISOString() }).lines.join(" "), /Mời/);
  const there = at("Bàn 1");
  assert.equal(there.word, "BÀN KHÁC ĐANG GIỮ");
  assert.match(there.lines.join(" "), /Máy 3 ở Bàn 2 đang giữ phiếu này\. Chưa nghe máy này từ 06:12\. Mời người dân sang đó; nếu máy đã mất, gọi cán bộ phụ trách/);
  const online = at("Bàn 1", { held_heard_at: new Date(now - 20_000).toISOString() }).lines.join(" ");
  assert.match(online, /Máy 3 ở Bàn 2 đang giữ phiếu này\. Mời người dân sang đó/);
});

test("a phone that holds this desk's vouchers is told as one would look for it", () => {
  const holder = { device: "Máy 3", volunteer: "Lan", desk: "Bàn 2", vouchers: 25, heard_at: "2021-08-05T00:00:00Z", revoked: false };
  const now = MORNING + 2 * 3_600_000;
  assert.deepEqual(holderText(holder, now), { who: "Máy 3 (Lan), Bàn 2", what: "Giữ 25 phiếu. Chưa nghe máy này từ 07:00." });
  assert.match(holderText({ ...holder, heard_at: new Date(now).toISOString() }, now).what, /đang có mạng/);
  assert.match(holderText({ ...holder, heard_at: null }, now).what, /Chưa nghe máy này lần nào/);
  const gone = { ...holder, volunteer: "", revoked: true, vouchers: 5 };
  assert.match(holderText(gone, now).who, /^Máy 3, Bàn 2$/);
  assert.match(holderText(gone, now).what, /Máy đã bị thu hồi/);
  assert.match(callText([holder, gone]), /giải phóng 30 phiếu/);
  assert.equal(heldBriefly([holder], now), "Máy 3 (Lan) giữ 25 phiếu của bàn này, chưa nghe từ 07:00. Gọi cán bộ phụ trách để giải phóng.");
});
