// A volunteer's phone at the table: what it shows to each voucher.
import assert from "node:assert/strict";

import { on, onBoth, until } from "./harness.js";
import { FakeCamera, goOnDuty, next, openMarket, type, word } from "./market.js";

onBoth("a printed voucher before the camera is handed out once; the second time it says when and where", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const camera = await FakeCamera.make();
  await camera.show(await service.bytes(`/vouchers/${vouchers[0]?.id}/qr.png`));
  const { page } = await browse({ camera: camera.file });
  await goOnDuty(service, page, point);
  await page.click(".start");
  assert.equal(await word(page), "HỢP LỆ");
  assert.match((await page.textContent(".give")) ?? "", /Gạo 10 kg/);
  await page.waitForSelector(".overlay", { state: "hidden", timeout: 5_000 });
  assert.match((await page.textContent(".counts")) ?? "", /^1 \/ 3 đã phát$/);
  await type(page, vouchers[0]?.typed_code ?? "");
  assert.equal(await word(page), "ĐÃ NHẬN");
  assert.match((await page.textContent(".result")) ?? "", /Nhà văn hóa/);
  await page.waitForTimeout(2_000);
  assert.equal(await word(page), "ĐÃ NHẬN", "red waits for a tap");
  await next(page);
});

on("sqlite", "the name of the household is hidden until somebody taps", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page } = await browse();
  await goOnDuty(service, page, point);
  await type(page, vouchers[0]?.typed_code ?? "");
  await word(page);
  assert.ok(!(await page.textContent(".result"))?.includes("Nguyễn Văn"));
  await page.click("text=Hiện tên hộ");
  assert.match((await page.textContent(".result")) ?? "", /Nguyễn Văn \d/);
  await page.waitForTimeout(2_000);
  assert.ok(await page.isVisible(".result"), "it stays for who reads the name");
});

onBoth("a voucher of another point names the right one", async ({ service, browse }) => {
  const { other, vouchers } = await openMarket(service);
  const { page } = await browse();
  await goOnDuty(service, page, other);
  await type(page, vouchers[0]?.code ?? "");
  assert.equal(await word(page), "SAI ĐIỂM PHÁT");
  assert.match((await page.textContent(".result")) ?? "", /Nhà văn hóa, 120 Trần Cao Vân/);
});

onBoth("a forged code is not valid, with a network and without", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page, context } = await browse();
  await goOnDuty(service, page, point);
  const code = vouchers[0]?.code ?? "";
  const forged = `${code.slice(0, 60)}${code[60] === "A" ? "B" : "A"}${code.slice(61)}`;
  await type(page, forged);
  assert.equal(await word(page), "KHÔNG HỢP LỆ");
  await next(page);
  await context.setOffline(true);
  await type(page, forged);
  assert.equal(await word(page), "KHÔNG HỢP LỆ");
});

on("sqlite", "wrong check symbols are told at once, and nobody is asked", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page } = await browse();
  await goOnDuty(service, page, point);
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const right = vouchers[0]?.typed_code ?? "";
  await page.fill("#typed", right.replace(/^./, (sign) => (sign === "0" ? "2" : "0")));
  assert.match((await page.textContent("#typed-wrong")) ?? "", /Sai ít nhất một ký tự/);
  await page.press("#typed", "Enter");
  await page.waitForTimeout(300);
  assert.ok(!asked.includes("/api/v1/redemptions"));
});

onBoth("the last handover is undone within a minute, and stock returns", async ({ service, browse }) => {
  const { point, rice, vouchers } = await openMarket(service);
  const { page } = await browse();
  const stock = async () => (await service.get(`/stock?point_id=${point.id}`)).items.find((/** @type {any} */ row) => row.item_id === rice.id).on_hand;
  const before = await stock();
  await goOnDuty(service, page, point);
  await type(page, vouchers[0]?.typed_code ?? "");
  await word(page);
  assert.equal(await stock(), before - 10_000);
  await page.click(".result >> text=Hoàn tác");
  await until("stock returns", async () => (await stock()) === before);
  await type(page, vouchers[0]?.typed_code ?? "");
  assert.equal(await word(page), "HỢP LỆ");
});

on("sqlite", "a neighbour collects for several households in a row", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page } = await browse();
  await goOnDuty(service, page, point);
  await page.click("text=Nhận thay");
  await page.fill("#collector", "Nguyễn Thị Bông");
  await page.click("text=hàng xóm");
  await page.check("input[name=several]");
  await page.click("dialog >> text=Quét phiếu");
  for (const voucher of vouchers.slice(0, 2)) {
    await type(page, voucher.typed_code);
    assert.equal(await word(page), "HỢP LỆ");
    await next(page);
  }
  assert.match((await page.textContent(".proxy")) ?? "", /Nguyễn Thị Bông \(hàng xóm\) · 2 phiếu/);
  await page.click(".proxy >> text=Xong");
  assert.ok(await page.isHidden(".proxy"));
});

on("sqlite", "a denied camera is explained, and the typed code still works", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page } = await browse({ cameraPermission: "denied" });
  await goOnDuty(service, page, point);
  await page.click(".start");
  await page.waitForSelector(".help");
  assert.match((await page.textContent(".help")) ?? "", /chặn camera.*nhập mã 10 ký tự/s);
  await type(page, vouchers[0]?.typed_code ?? "");
  assert.equal(await word(page), "HỢP LỆ");
});

on("sqlite", "without any code reader on the phone, a still frame is read by the server", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const camera = await FakeCamera.make();
  await camera.show(await service.bytes(`/vouchers/${vouchers[0]?.id}/qr.png`));
  const { page, context } = await browse({ camera: camera.file });
  await context.route("**/ponyfill.js", (route) => route.abort());
  await goOnDuty(service, page, point);
  const still = page.waitForResponse("**/api/v1/stills");
  await page.click(".start");
  assert.equal((await still).status(), 200);
  assert.equal(await word(page), "HỢP LỆ");
});
