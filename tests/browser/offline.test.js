// Work without a network: nothing twice, nothing lost.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { on, onBoth, until } from "./harness.js";
import { goOnDuty, keptOffline, next, openMarket, type, word } from "./market.js";

/**
 * Handovers that the server has of a round.
 * @param {import("./harness.js").Service} service
 */
const handedOut = async (service) => (await service.get("/redemptions?limit=200")).items.filter((/** @type {any} */ scan) => scan.handed_out);

onBoth("with the server gone the phone starts from cold, hands out what it holds, keeps it over a reload, and tells it later", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page } = await browse();
  await goOnDuty(service, page, point);
  await keptOffline(page);
  await service.kill();
  await page.reload();
  await page.waitForSelector(".scanner");
  await type(page, vouchers[0]?.typed_code ?? "");
  assert.equal(await word(page), "ĐÃ GHI");
  assert.match((await page.textContent(".give")) ?? "", /Gạo 10 kg/);
  await next(page);
  await type(page, vouchers[1]?.code ?? "");
  assert.equal(await word(page), "ĐÃ GHI");
  await next(page);
  assert.match((await page.textContent(".net")) ?? "", /Mất mạng/);
  page.on("dialog", (dialog) => dialog.accept());
  await page.reload();
  await page.waitForSelector(".scanner");
  assert.match((await page.textContent(".facts")) ?? "", /Chờ gửi 2/);
  await type(page, vouchers[0]?.typed_code ?? "");
  assert.equal(await word(page), "ĐÃ NHẬN");
  await next(page);
  await service.start();
  await until("both are told", async () => /Chờ gửi 0/.test((await page.textContent(".facts")) ?? ""), 30_000);
  assert.equal((await handedOut(service)).length, 2);
});

onBoth("answers that are lost on the way change nothing: the same records again, one handover each", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page, context } = await browse();
  await goOnDuty(service, page, point);
  // The server hears everything, the phone nothing.
  let deaf = true;
  await context.route(/\/api\/v1\/(redemptions|devices)/, async (route) => {
    if (!deaf) return route.continue();
    await route.fetch().catch(() => {});
    return route.abort();
  });
  await type(page, vouchers[0]?.typed_code ?? "");
  assert.equal(await word(page), "ĐÃ GHI");
  await next(page);
  await until("the server has it", async () => (await handedOut(service)).length === 1);
  deaf = false;
  await until("it is told", async () => /Chờ gửi 0/.test((await page.textContent(".facts")) ?? ""), 30_000);
  assert.equal((await handedOut(service)).length, 1);
  assert.equal((await service.get("/conflicts")).items.length, 0);
});

onBoth("handed out offline, and shown again with the network back but before the upload, the same paper is red: one handover, no conflict", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page, context } = await browse();
  await goOnDuty(service, page, point);
  let upload = () => {};
  const uploads = new Promise((go) => (upload = () => go(undefined)));
  await context.route(/\/redemptions\/batch/, async (route) => {
    await uploads;
    return route.continue();
  });
  await context.setOffline(true);
  await type(page, vouchers[0]?.code ?? "");
  assert.equal(await word(page), "ĐÃ GHI");
  await next(page);
  await context.setOffline(false);
  await until("the network is back", async () => !/Mất mạng/.test((await page.textContent(".net")) ?? ""), 30_000);
  for (const code of [vouchers[0]?.code, vouchers[0]?.typed_code]) {
    await type(page, code ?? "");
    assert.equal(await word(page), "ĐÃ NHẬN");
    assert.match((await page.textContent(".result")) ?? "", /Chính máy này đã phát/);
    await next(page);
  }
  assert.equal((await handedOut(service)).length, 0, "the server was not asked");
  upload();
  await until("it is told", async () => /Chờ gửi 0/.test((await page.textContent(".facts")) ?? ""), 60_000);
  assert.equal((await handedOut(service)).length, 1);
  assert.equal((await service.get("/conflicts")).items.length, 0);
});

on("sqlite", "an answer to a handover that was undone since is red, and the next scan is a new one", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page, context } = await browse();
  await goOnDuty(service, page, point);
  let undone = true;
  await context.route(/\/api\/v1\/redemptions$/, async (route) => {
    if (!undone) return route.continue();
    undone = false;
    const response = await route.fetch();
    const answer = await response.json();
    await service.post(`/redemptions/${answer.nonce}/reversal`, { reason: "Chưa nhận quà" });
    return route.fulfill({ response, json: { ...answer, replayed: true, reversed_at: new Date().toISOString() } });
  });
  await type(page, vouchers[0]?.typed_code ?? "");
  assert.equal(await word(page), "ĐÃ HOÀN TÁC");
  await next(page);
  await type(page, vouchers[0]?.typed_code ?? "");
  assert.equal(await word(page), "HỢP LỆ");
  assert.equal((await handedOut(service)).filter((/** @type {any} */ scan) => !scan.reversed_at).length, 1);
});

onBoth("two phones want one voucher: the one that does not hold it is refused while the holder is away, and served when it is back", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service, { desks: 2, vouchers: 4 });
  const one = await browse();
  const two = await browse();
  await goOnDuty(service, one.page, point, "1");
  await goOnDuty(service, two.page, point, "2");
  const ofOne = vouchers.filter(({ serial }) => serial % 2 === 1);
  // With a network any desk serves anyone: the voucher is asked back from its holder.
  await type(two.page, ofOne[0]?.typed_code ?? "");
  assert.equal(await word(two.page, 20_000), "HỢP LỆ");
  await next(two.page);
  await one.context.setOffline(true);
  await type(one.page, ofOne[0]?.typed_code ?? "");
  assert.equal(await word(one.page), "MẤT MẠNG", "what was let go is not handed out");
  await next(one.page);
  await type(one.page, ofOne[1]?.typed_code ?? "");
  assert.equal(await word(one.page), "ĐÃ GHI");
  await next(one.page);
  await type(two.page, ofOne[1]?.typed_code ?? "");
  assert.equal(await word(two.page, 40_000), "BÀN KHÁC ĐANG GIỮ");
  await next(two.page);
  await one.context.setOffline(false);
  await until("it is told", async () => /Chờ gửi 0/.test((await one.page.textContent(".facts")) ?? ""), 30_000);
  await type(two.page, ofOne[1]?.typed_code ?? "");
  assert.equal(await word(two.page, 20_000), "ĐÃ NHẬN");
  assert.equal((await handedOut(service)).length, 2);
  assert.equal((await service.get("/conflicts")).items.length, 0);
});

onBoth("a revoked phone says so, hands out nothing more, and still tells what it did", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page, context } = await browse();
  const device = await goOnDuty(service, page, point);
  await context.setOffline(true);
  await type(page, vouchers[0]?.typed_code ?? "");
  assert.equal(await word(page), "ĐÃ GHI");
  await next(page);
  await service.post(`/devices/${device}/revoke`, {});
  await context.setOffline(false);
  await page.waitForSelector("text=Máy này đã bị thu hồi", { timeout: 30_000 });
  await until("it is told", async () => (await handedOut(service)).length === 1, 30_000);
  await type(page, vouchers[1]?.typed_code ?? "");
  assert.equal(await word(page), "MÁY BỊ THU HỒI");
});

on("sqlite", "storage that takes nothing is no green", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page, context } = await browse();
  await goOnDuty(service, page, point);
  await context.setOffline(true);
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await type(page, vouchers[0]?.typed_code ?? "");
  assert.equal(await word(page), "CHƯA GHI ĐƯỢC");
});

on("sqlite", "storage that is nearly full is told before", async ({ service, browse }) => {
  const { point } = await openMarket(service);
  const { page } = await browse();
  await goOnDuty(service, page, point);
  await page.evaluate(() => {
    navigator.storage.estimate = async () => ({ quota: 100_000_000, usage: 95_000_000 });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.waitForSelector("text=Bộ nhớ máy gần đầy");
});

on("sqlite", "going off duty sends what waits and closes the lease", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const { page } = await browse();
  await goOnDuty(service, page, point);
  await type(page, vouchers[0]?.typed_code ?? "");
  await word(page);
  await next(page);
  await page.click("text=Thêm");
  await page.click("text=Kết thúc ca");
  await page.waitForSelector("text=Vào ca phát quà");
  const { items } = await service.get("/leases");
  assert.equal(items.length, 1);
  assert.equal(items[0].state, "closed");
});

on("sqlite", "what waits survives the end of the browser", async ({ service, browse }) => {
  const profile = await mkdtemp(path.join(tmpdir(), "lalanh-profile-"));
  try {
    const { point, vouchers } = await openMarket(service);
    const first = await browse({ profile });
    await goOnDuty(service, first.page, point);
    await keptOffline(first.page);
    await service.kill();
    await type(first.page, vouchers[0]?.typed_code ?? "");
    assert.equal(await word(first.page), "ĐÃ GHI");
    await first.context.close();
    const second = await browse({ profile });
    await second.page.goto(`${service.base}/quet`);
    await second.page.waitForSelector(".scanner");
    assert.match((await second.page.textContent(".facts")) ?? "", /Chờ gửi 1/);
    await service.start();
    await until("it is told", async () => (await handedOut(service)).length === 1, 30_000);
    await second.context.close();
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
});
