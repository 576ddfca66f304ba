// What fills the screen, and which sightings count.
import assert from "node:assert/strict";
import test from "node:test";

import { AWAY_MS, Sight } from "../sight.js";
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

test("the same code counts again only after it was out of sight", () => {
  const sight = new Sight();
  assert.ok(sight.isNew("a", 0));
  assert.ok(!sight.isNew("a", AWAY_MS));
  assert.ok(!sight.isNew("a", 2 * AWAY_MS));
  assert.ok(sight.isNew("b", 2 * AWAY_MS));
  assert.ok(sight.isNew("a", 3 * AWAY_MS + 1));
});

test("a code that lies under a result is not new when the result goes", () => {
  const sight = new Sight();
  sight.isNew("a", 0);
  sight.resume(60_000);
  assert.ok(!sight.isNew("a", 60_100));
});
