// What goes wrong with phones and networks: shares that run out, storage that goes back in time, old processors, slow lines.
import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { on, onBoth, until } from "./harness.js";
import { FakeCamera, goOnDuty, keptOffline, next, openMarket, type, word } from "./market.js";

/** @typedef {import("./harness.js").Page} Page */

/** @param {Page} page */
const allTold = (page) => until("it is told", async () => /Chờ gửi 0/.test((await page.textContent(".facts")) ?? ""), 30_000);

/**
 * @param {import("./harness.js").Service} service
 * @returns {Promise<any[]>} Handovers that the server has.
 */
const handedOut = async (service) => (await service.get("/redemptions?limit=200")).items.filter((/** @type {any} */ scan) => scan.handed_out);

/**
 * Vouchers that the desk of a number holds, of so many desks.
 * @param {import("./market.js").Voucher[]} vouchers
 * @param {number} desk
 * @param {number} desks
 */
const ofDesk = (vouchers, desk, desks) => vouchers.filter(({ serial }) => ((serial - 1) % desks) + 1 === desk);

/** @param {Page} page @param {number} rate How many times slower. */
async function slowProcessor(page, rate) {
  const wire = await page.context().newCDPSession(page);
  await wire.send("Emulation.setCPUThrottlingRate", { rate });
}

/** @param {Page} page @param {number} latency In ms. */
async function slowNetwork(page, latency) {
  const wire = await page.context().newCDPSession(page);
  await wire.send("Network.enable");
  await wire.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: 20_000, uploadThroughput: 20_000 });
}

onBoth("where the round allows amber, a phone without a network hands out others' vouchers with a mark, up to its cap", async ({ service, browse }) => {
  const round = { offline: "amber", amber_in_a_row: 2, amber_hours: 4 };
  const { point, vouchers } = await openMarket(service, { vouchers: 12, desks: 3, round });
  const holder = await browse();
  await goOnDuty(service, holder.page, point, "3");
  const { page, context } = await browse();
  await goOnDuty(service, page, point, "1");
  const [free, held] = [ofDesk(vouchers, 2, 3), ofDesk(vouchers, 3, 3)];
  await context.setOffline(true);
  await type(page, free[0]?.typed_code ?? "");
  assert.equal(await word(page), "MẤT MẠNG", "a typed code proves nothing by itself");
  await next(page);
  await type(page, held[0]?.code ?? "");
  assert.equal(await word(page), "BÀN KHÁC ĐANG GIỮ");
  await next(page);
  for (const voucher of free.slice(0, 2)) {
    await type(page, voucher.code);
    assert.equal(await word(page), "ĐÃ GHI");
    assert.ok(await page.isVisible(".result.amber"));
    assert.match((await page.textContent(".result")) ?? "", /giữ lại phiếu giấy/);
    await next(page);
    await type(page, voucher.code);
    assert.equal(await word(page), "ĐÃ NHẬN", "the same paper again");
    await next(page);
  }
  await type(page, free[2]?.code ?? "");
  assert.equal(await word(page), "MẤT MẠNG", "the cap is reached");
  await next(page);
  await context.setOffline(false);
  await allTold(page);
  const scans = await handedOut(service);
  assert.deepEqual(scans.map(({ flags }) => flags), [["amber"], ["amber"]]);
  await context.setOffline(true);
  await type(page, free[2]?.code ?? "");
  assert.equal(await word(page), "ĐÃ GHI", "the server was heard: the count begins anew");
});

onBoth("a phone whose storage went back in time is found out: both handovers stay visible, and it stops", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const folder = await mkdtemp(path.join(tmpdir(), "lalanh-profile-"));
  const [profile, old] = [path.join(folder, "phone"), path.join(folder, "old")];
  const code = vouchers[0]?.typed_code ?? "";
  /** @param {Awaited<ReturnType<typeof browse>>} phone */
  const handOutOffline = async ({ page, context }) => {
    await page.goto(`${service.base}/quet`);
    await page.waitForSelector(".scanner");
    await context.setOffline(true);
    await type(page, code);
    assert.equal(await word(page), "ĐÃ GHI");
    await next(page);
    await context.setOffline(false);
    await allTold(page);
  };
  try {
    const first = await browse({ profile });
    await goOnDuty(service, first.page, point);
    await keptOffline(first.page);
    await first.context.close();
    await cp(profile, old, { recursive: true });
    const before = await browse({ profile });
    await handOutOffline(before);
    await before.context.close();
    const after = await browse({ profile: old });
    await handOutOffline(after);
    assert.equal((await handedOut(service)).length, 2, "no record is lost");
    const kinds = (await service.get("/conflicts")).items.map((/** @type {any} */ conflict) => conflict.kind).sort();
    assert.deepEqual(kinds, ["chain_broken", "handed_out_twice"]);
    // The next time it asks for its list it hears that it must stop.
    await after.page.click("text=Thêm");
    await after.page.click("text=Giao tận nhà");
    await after.page.waitForSelector("text=Bộ nhớ máy này đã trở về bản cũ");
    await after.page.click("[aria-label='Quay lại']");
    await type(after.page, vouchers[1]?.typed_code ?? "");
    assert.equal(await word(after.page), "MÁY PHẢI DỪNG");
    await after.context.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

on("sqlite", "on a processor six times slower a voucher before the camera is handed out once, and a typed one without a network", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const camera = await FakeCamera.make();
  await camera.show(await service.bytes(`/vouchers/${vouchers[0]?.id}/qr.png`));
  const { page, context } = await browse({ camera: camera.file });
  await slowProcessor(page, 6);
  await goOnDuty(service, page, point);
  await page.click(".start");
  assert.equal(await word(page, 20_000), "HỢP LỆ");
  await page.waitForSelector(".overlay", { state: "hidden", timeout: 10_000 });
  // It still lies before the camera, and is no second scan.
  await page.waitForTimeout(3_000);
  assert.ok(await page.isHidden(".overlay"));
  await context.setOffline(true);
  await type(page, vouchers[1]?.typed_code ?? "");
  assert.equal(await word(page), "ĐÃ GHI");
  await next(page);
  await context.setOffline(false);
  await allTold(page);
  assert.equal((await handedOut(service)).length, 2);
});

onBoth("on a slow network the phone decides alone what it holds, waits for what it does not, and nothing counts twice", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service, { vouchers: 4, desks: 2 });
  const { page } = await browse();
  await goOnDuty(service, page, point, "1");
  await slowNetwork(page, 2_500);
  await type(page, ofDesk(vouchers, 1, 2)[0]?.code ?? "");
  assert.equal(await word(page), "ĐÃ GHI");
  await next(page);
  await type(page, ofDesk(vouchers, 2, 2)[0]?.code ?? "");
  assert.equal(await word(page, 20_000), "HỢP LỆ");
  await next(page);
  await slowNetwork(page, 0);
  await allTold(page);
  assert.equal((await handedOut(service)).length, 2);
  assert.equal((await service.get("/conflicts")).items.length, 0);
});
