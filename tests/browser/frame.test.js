// Two papers before the camera: only the one in the white frame is meant, and of two in it, neither.
import assert from "node:assert/strict";

import { on, onBoth, until } from "./harness.js";
import { FakeCamera, frameOf, goOnDuty, lookAgain, openMarket, type, word } from "./market.js";

/** @typedef {import("./harness.js").Service} Service */

/** How long a wrong paper would have been taken in, in ms. */
const A_WHILE = 7_000;
/** How soon the paper that is left must be taken after the other is gone, the camera's new start included, in ms. */
const PROMPTLY = 4_000;

/** @param {Service} service @param {import("./market.js").Voucher | undefined} voucher */
const codeOf = (service, voucher) => service.bytes(`/vouchers/${voucher?.id}/qr.png`);

/** @param {Service} service @returns {Promise<any[]>} */
const scans = async (service) => (await service.get("/redemptions?limit=200")).items;

/**
 * A market of three vouchers, a phone on duty whose camera shows an empty table, and where the frame lies in its picture.
 * @param {import("./harness.js").World} world
 */
async function atTheTable({ service, browse }) {
  const market = await openMarket(service);
  const camera = await FakeCamera.make();
  const phone = await browse({ camera: camera.file });
  await goOnDuty(service, phone.page, market.point);
  await phone.page.click(".start");
  await phone.page.waitForSelector(".start", { state: "detached" });
  return { ...market, ...phone, camera, frame: await frameOf(phone.page) };
}

onBoth("of two papers before the camera the one in the white frame is handed out, and the other never", async (world) => {
  const { service } = world;
  const { page, camera, frame, vouchers } = await atTheTable(world);
  const [outside, inside] = [await codeOf(service, vouchers[0]), await codeOf(service, vouchers[1])];
  const size = Math.min(200, frame.x - 10);
  // The one beside the frame comes first for a reader that goes from left to right, and is whole.
  await camera.show([{ png: outside, x: size / 2, y: 240, size }, { png: inside, x: frame.x + frame.side / 2, y: 240, size: 220 }]);
  await lookAgain(page);
  assert.equal(await word(page), "HỢP LỆ");
  const serial = vouchers[1]?.serial;
  assert.equal(await page.textContent(".number"), `Số ${serial}`);
  await page.waitForSelector(".overlay", { state: "hidden" });
  assert.match((await page.textContent(".given")) ?? "", new RegExp(`^Vừa phát: số ${serial}\\.`));
  await page.waitForTimeout(A_WHILE);
  assert.ok(await page.isHidden(".overlay"));
  assert.deepEqual((await scans(service)).map((scan) => scan.voucher_id), [vouchers[1]?.id]);
});

onBoth("of two papers in the white frame none is handed out until one leaves; then the other is, at once", async (world) => {
  const { service } = world;
  const { page, camera, frame, vouchers } = await atTheTable(world);
  const [one, other] = [await codeOf(service, vouchers[0]), await codeOf(service, vouchers[1])];
  const size = frame.side / 2;
  const left = { png: one, x: frame.x + size / 2, y: 240, size };
  const right = { png: other, x: frame.x + frame.side - size / 2, y: 240, size };
  await camera.show([left, right]);
  await lookAgain(page);
  await until("it is said", async () => (await page.textContent(".crowd[role=status]")) === "Thấy 2 phiếu, để lại một");
  await page.waitForTimeout(A_WHILE);
  assert.ok(await page.isHidden(".overlay"));
  assert.equal(await page.textContent(".crowd"), "Thấy 2 phiếu, để lại một");
  assert.deepEqual(await scans(service), []);
  await camera.show([right]);
  await lookAgain(page);
  assert.equal(await word(page, PROMPTLY), "HỢP LỆ");
  assert.equal(await page.textContent(".number"), `Số ${vouchers[1]?.serial}`);
  assert.equal(await page.textContent(".crowd"), "");
  // The one that was not taken is not held back: it comes next, and is taken as soon.
  await page.waitForSelector(".overlay", { state: "hidden" });
  await camera.show([left]);
  await lookAgain(page);
  await until("the other number", async () => (await page.isVisible(".number")) && (await page.textContent(".number")) === `Số ${vouchers[0]?.serial}`, PROMPTLY);
  assert.equal((await scans(service)).length, 2);
});

on("sqlite", "the words that two papers lie there go by themselves when both leave", async (world) => {
  const { service } = world;
  const { page, camera, frame, vouchers } = await atTheTable(world);
  const size = frame.side / 2;
  const papers = await Promise.all([0, 1].map(async (i) => ({ png: await codeOf(service, vouchers[i]), x: frame.x + size / 2 + i * size, y: 240, size })));
  await camera.show(papers);
  await lookAgain(page);
  await until("it is said", async () => (await page.textContent(".crowd")) !== "");
  await camera.show(null);
  await lookAgain(page);
  await until("it is gone", async () => (await page.textContent(".crowd")) === "", PROMPTLY);
  assert.ok(await page.isHidden(".overlay"));
});

on("sqlite", "with stills read by the server, too, only the frame counts, and of two in it neither", async (world) => {
  const { service, browse } = world;
  const { point, vouchers } = await openMarket(service);
  const camera = await FakeCamera.make();
  const { page, context } = await browse({ camera: camera.file });
  await context.route("**/ponyfill.js", (route) => route.abort());
  await goOnDuty(service, page, point);
  await page.click(".start");
  await page.waitForSelector(".start", { state: "detached" });
  const frame = await frameOf(page);
  const [one, other] = [await codeOf(service, vouchers[0]), await codeOf(service, vouchers[1])];
  const size = frame.side / 2;
  const right = { png: other, x: frame.x + frame.side - size / 2, y: 240, size };
  await camera.show([{ png: one, x: frame.x + size / 2, y: 240, size }, right]);
  await lookAgain(page);
  await until("it is said", async () => (await page.textContent(".crowd")) === "Thấy 2 phiếu, để lại một");
  assert.deepEqual(await scans(service), []);
  const beside = Math.min(150, frame.x - 10);
  await camera.show([{ png: one, x: beside / 2, y: 240, size: beside }, right]);
  await lookAgain(page);
  assert.equal(await word(page), "HỢP LỆ");
  assert.equal(await page.textContent(".number"), `Số ${vouchers[1]?.serial}`);
});

onBoth("every result bears the number: green, red, and recorded without a network", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page, context } = await browse();
  await goOnDuty(service, page, point);
  for (const [code, expected] of [[vouchers[0]?.code, "HỢP LỆ"], [vouchers[0]?.typed_code, "ĐÃ NHẬN"]]) {
    await type(page, code ?? "");
    assert.equal(await word(page), expected);
    assert.equal(await page.textContent(".number"), `Số ${vouchers[0]?.serial}`);
    await page.click(".next");
    await page.waitForSelector(".overlay", { state: "hidden" });
  }
  await context.setOffline(true);
  await type(page, vouchers[2]?.typed_code ?? "");
  assert.equal(await word(page), "ĐÃ GHI");
  assert.equal(await page.textContent(".number"), `Số ${vouchers[2]?.serial}`);
  await page.click(".next");
  assert.match((await page.textContent(".given")) ?? "", new RegExp(`^Vừa phát: số ${vouchers[2]?.serial}\\.`));
});
