// A desk whose vouchers another phone holds: going on duty there says by whom, and whom to call.
import assert from "node:assert/strict";

import { on, until } from "./harness.js";
import { goOnDuty, joinPhone, next, openMarket, type, word } from "./market.js";

/** Half an hour and a little, in ms. */
const LONG_AGO = 32 * 60_000;

/** When a phone was heard that is lost now. */
const longAgo = () => new Date(Date.now() - LONG_AGO).toISOString();

/**
 * To this phone the others were last heard long ago: nobody waits for that here.
 * @param {import("./harness.js").Context} context
 */
const heardLongAgo = (context) => context.route("**/api/v1/leases", async (route) => {
  const response = await route.fetch();
  const lease = await response.json();
  await route.fulfill({ response, json: { ...lease, holders: lease.holders.map((/** @type {any} */ holder) => ({ ...holder, heard_at: longAgo() })) } });
});

/**
 * @param {import("./harness.js").Service} service
 * @param {string} id The phone's.
 */
const release = (service, id) => service.post("/leases/release", { device_id: id, reason: "Máy mất", still_in_use: true });

on("sqlite", "going on duty at a desk that a lost phone holds says which phone, since when unheard, and to call; after the release all is well", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service, { vouchers: 4, desks: 2 });
  const lost = await browse();
  const lostId = await goOnDuty(service, lost.page, point, "2");
  await lost.context.close();
  const { page, context } = await browse();
  await heardLongAgo(context);
  await joinPhone(service, page, point);
  await page.check('input[name=share][value="2"]');
  await page.click("form button.big");
  await page.waitForSelector(".held");
  const notice = (await page.textContent(".held")) ?? "";
  assert.match(notice, /Máy khác đang giữ phiếu của Bàn 2/);
  assert.match(notice, /Máy thử \(Lan\), Bàn 2/);
  assert.match(notice, /Giữ 2 phiếu\. Chưa nghe máy này từ \d\d:\d\d/);
  assert.match(notice, /Gọi cán bộ phụ trách để giải phóng 2 phiếu\./);
  assert.match(notice, /Máy này chưa giữ phiếu nào/);
  assert.ok(!(await page.isVisible(".scanner")), "not silently at 0 / 0");
  // Back: another desk is chosen, and nothing is held here.
  await page.click("text=Quay lại chọn bàn");
  await page.waitForSelector("input[name=share]");
  await page.check('input[name=share][value="2"]');
  await page.click("form button.big");
  await page.waitForSelector(".held");
  // On all the same: the scanner says it, too, for as long as nothing is left here.
  await page.click("text=Vẫn vào ca");
  await page.waitForSelector(".scanner");
  assert.match((await page.textContent(".alerts")) ?? "", /Máy thử \(Lan\) giữ 2 phiếu của bàn này, chưa nghe từ \d\d:\d\d\. Gọi cán bộ phụ trách để giải phóng\./);
  await type(page, vouchers.find(({ serial }) => serial % 2 === 1)?.typed_code ?? "");
  assert.equal(await word(page), "HỢP LỆ", "with a network it hands out what nobody holds");
  await next(page);
  // Released meanwhile: asked again from the scanner.
  await release(service, lostId);
  await page.click(".alerts >> text=Đã giải phóng, hỏi lại");
  await until("it holds them", async () => /^1 \/ 3 đã phát$/.test((await page.textContent(".counts")) ?? ""));
  assert.equal(await page.textContent(".alerts"), "");
});

on("sqlite", "once the coordinator released the vouchers the phone asks again and holds them", async ({ service, browse }) => {
  const { point } = await openMarket(service, { vouchers: 4, desks: 2 });
  const lost = await browse();
  const lostId = await goOnDuty(service, lost.page, point, "2");
  await lost.context.close();
  await service.post(`/devices/${lostId}/revoke`, {});
  const { page } = await browse();
  await joinPhone(service, page, point);
  await page.check('input[name=share][value="2"]');
  await page.click("form button.big");
  await page.waitForSelector("text=Máy đã bị thu hồi");
  await release(service, lostId);
  await page.click("text=Đã giải phóng, hỏi lại");
  await page.waitForSelector(".scanner");
  await until("it holds them", async () => /^0 \/ 2 đã phát$/.test((await page.textContent(".counts")) ?? ""));
  assert.equal((await page.textContent(".alerts")) ?? "", "");
});

on("sqlite", "a voucher on another phone of one's own desk names the phone and sends nobody to that desk", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service, { vouchers: 4, desks: 2 });
  const lost = await browse();
  await goOnDuty(service, lost.page, point, "2");
  await lost.context.close();
  const { page, context } = await browse();
  await context.route("**/api/v1/redemptions", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), held_heard_at: longAgo(), recall: "unreachable" } });
  });
  await goOnDuty(service, page, point, "2");
  const held = vouchers.find(({ serial }) => serial % 2 === 0);
  await type(page, held?.typed_code ?? "");
  assert.equal(await word(page), "MÁY KHÁC ĐANG GIỮ");
  const said = (await page.textContent(".result")) ?? "";
  assert.match(said, /Máy thử đang giữ phiếu này của Bàn 2, chưa nghe máy này từ \d\d:\d\d/);
  assert.match(said, /Gọi cán bộ phụ trách để giải phóng phiếu/);
  assert.doesNotMatch(said, /Mời/);
});
