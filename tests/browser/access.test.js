// What the scanner is to those who hear it, who need contrast, whose thumb is large, and on a slow phone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { ROOT, on } from "./harness.js";
import { FakeCamera, goOnDuty, next, openMarket, type, word } from "./market.js";

const AXE = readFileSync(path.join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8");

/**
 * Everything that axe finds wrong, contrast of 7:1 included.
 * @param {import("./harness.js").Page} page
 */
async function complaints(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => /** @type {any} */ (window).axe.run(document, { rules: { "color-contrast-enhanced": { enabled: true }, region: { enabled: false } } }));
  return found.violations.flatMap((/** @type {any} */ rule) => rule.nodes.map((/** @type {any} */ node) => `${rule.id}: ${node.html.slice(0, 120)} ${node.failureSummary.slice(0, 200)}`));
}

/**
 * Nothing is wider than the screen, and what is tapped is large enough.
 * @param {import("./harness.js").Page} page
 */
async function fits(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, "nothing overflows");
  const small = await page.evaluate(() => [...document.querySelectorAll("button:not(.chip):not(.link)")]
    .map((button) => ({ text: button.textContent, height: button.getBoundingClientRect().height })).filter(({ height }) => height > 0 && height < 56));
  assert.deepEqual(small, []);
}

on("sqlite", "every screen of the scanner is accessible, in both languages", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service, { desks: 2 });
  for (const locale of ["vi-VN", "en-GB"]) {
    const { page, context } = await browse({ locale });
    const invitation = await service.post("/devices", { name: "Máy thử", point_ids: [point.id] });
    await page.goto(invitation.enrol_url);
    await page.waitForSelector("#volunteer");
    assert.deepEqual(await complaints(page), []);
    await fits(page);
    await goOnDuty(service, page, point, "1");
    assert.deepEqual(await complaints(page), []);
    await fits(page);
    await context.setOffline(true);
    await type(page, vouchers[1]?.code ?? "");
    await word(page);
    await page.waitForTimeout(300);
    assert.deepEqual(await complaints(page), []);
    await fits(page);
    assert.equal(await page.evaluate(() => document.activeElement?.className), "next", "the focus is where the thumb goes");
    await next(page);
  }
});

on("sqlite", "on a phone six times slower and a bad network a voucher is still read and decided", async ({ service, browse }) => {
  const { point, vouchers } = await openMarket(service);
  const camera = await FakeCamera.make();
  await camera.show(await service.bytes(`/vouchers/${vouchers[0]?.id}/qr.png`));
  const { page, context } = await browse({ camera: camera.file });
  await goOnDuty(service, page, point);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 20_000 });
  await page.click(".start");
  assert.match(await word(page, 60_000), /HỢP LỆ|ĐÃ GHI/);
});
