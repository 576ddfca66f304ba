// A whole market: three phones, a network that is cut and mended in the middle.
import assert from "node:assert/strict";

import { onBoth, until } from "./harness.js";
import { goOnDuty, openMarket, type, word } from "./market.js";

const VOUCHERS = 170;
const DESKS = 3;

/**
 * One voucher at one desk; what the phone showed.
 * @param {import("./harness.js").Page} page
 * @param {string} code
 */
async function serve(page, code) {
  await type(page, code);
  const shown = await word(page, 30_000);
  await page.click(".next", { timeout: 2_000 }).catch(() => {});
  await page.waitForSelector(".overlay", { state: "hidden" });
  return shown;
}

onBoth("170 vouchers, three phones, the network cut and mended: 170 handovers, none twice, none lost, stock exact", async ({ service, browse }) => {
  const { point, rice, vouchers } = await openMarket(service, { vouchers: VOUCHERS, desks: DESKS });
  const onHand = async () => (await service.get(`/stock?point_id=${point.id}`)).items.find((/** @type {any} */ row) => row.item_id === rice.id).on_hand;
  const before = await onHand();
  const desks = [];
  for (let desk = 1; desk <= DESKS; desk += 1) {
    const phone = await browse();
    await goOnDuty(service, phone.page, point, String(desk));
    desks.push({ ...phone, queue: vouchers.filter(({ serial }) => ((serial - 1) % DESKS) + 1 === desk) });
  }
  /** @type {string[]} */
  const shown = [];
  await Promise.all(desks.map(async ({ page, context, queue }, nth) => {
    const cut = Math.floor(queue.length / 3);
    for (const [i, voucher] of queue.entries()) {
      // Each desk loses the network at another voucher, and gets it back at another.
      if (i === cut + nth) await context.setOffline(true);
      if (i === 2 * cut + nth) await context.setOffline(false);
      shown.push(await serve(page, i % 2 === 0 ? voucher.typed_code : voucher.code));
      // Some come back at once and try again.
      if (i % 15 === 0) assert.equal(await serve(page, voucher.typed_code), "ĐÃ NHẬN");
    }
  }));
  assert.deepEqual([...new Set(shown)].sort(), ["HỢP LỆ", "ĐÃ GHI"].sort());
  for (const { page } of desks) await until("all is told", async () => /Chờ gửi 0/.test((await page.textContent(".facts")) ?? ""), 60_000);
  const seen = new Map();
  for (let after = ""; ; ) {
    const { items, next: more } = await service.get(`/redemptions?limit=200${after ? `&after=${after}` : ""}`);
    for (const scan of items) if (scan.handed_out) seen.set(scan.voucher_id, (seen.get(scan.voucher_id) ?? 0) + 1);
    if (!more) break;
    after = more;
  }
  assert.equal(seen.size, VOUCHERS);
  assert.ok([...seen.values()].every((times) => times === 1), "none twice");
  assert.equal(await onHand(), before - VOUCHERS * 10_000);
  assert.equal((await service.get("/conflicts")).items.length, 0);
}, 600_000);
