/**
 * The volunteer's app in a browser whose processor is slowed down: what the first visit weighs, how long it takes from a code to
 * its result, and what a list of 10,000 vouchers costs.
 *
 * `LALANH_PROFILE=release node benches/phone.js`, after a `cargo bench` that built the program. The slow-down is the browser's
 * own: it slows scripts, layout and painting, not the threads that it derives keys and writes to the disk with.
 */
import { appendFileSync, closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

import { CHROMIUM, FLAGS, PHONE, startService } from "../tests/browser/harness.js";
import { goOnDuty, keptOffline, openMarket } from "../tests/browser/market.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("../tests/browser/harness.js").Service} Service */

const SLOWER = 4;
const ROUND_TRIP_MS = 150;
const SCANS = 25;
const VOUCHERS = 10_000;
const DUTIES = 3;
/** Rounds that a typed code is stretched with at most; `src/redemption/leases/seal.rs` has the number. */
const STRETCHING = 40_000;

/** @param {number[]} numbers @param {number} share */
function quantile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** @param {string} what @param {string} figures */
const tell = (what, figures) => {
  console.log(`${what.padEnd(44)} ${figures}`);
  const [, gave, goal] = /^(.*?)(?: \(goal (.*)\))?$/.exec(figures) ?? [];
  const table = process.env.LALANH_BENCH_TABLE;
  if (table) appendFileSync(table, `phone: ${what.trim()}\t${gave}\t${goal ?? ""}\n`);
};
/** @param {string} what @param {number[]} all @param {number} goal */
const tellTimes = (what, all, goal) => tell(what, `p50 ${Math.round(quantile(all, 0.5))} ms, p95 ${Math.round(quantile(all, 0.95))} ms (goal ≤ ${goal})`);

/** What a synced write of one byte costs on this disk, in ms: the median of some. @param {string} folder */
function fdatasyncMs(folder) {
  const file = openSync(path.join(folder, "probe"), "w");
  const all = Array.from({ length: 21 }, () => {
    const begun = performance.now();
    writeSync(file, "x");
    fdatasyncSync(file);
    return performance.now() - begun;
  });
  closeSync(file);
  return quantile(all, 0.5);
}

/** Bytes of an answer's body as they go over the air. @param {string} url @returns {Promise<number>} */
function weight(url) {
  return new Promise((done, failed) => {
    get(url, { headers: { "accept-encoding": "gzip" } }, (response) => {
      let bytes = 0;
      response.on("data", (part) => (bytes += part.length));
      response.on("end", () => done(bytes));
    }).on("error", failed);
  });
}

/** The files of the first visit, without the code reader. @param {Service} service */
async function firstLoad(service) {
  const worker = await (await fetch(`${service.base}/sw.js`)).text();
  const app = JSON.parse(worker.slice("const APP = ".length, worker.indexOf(";\n")));
  const files = [...app.kept, "/quet", "/sw.js", "/manifest.webmanifest"];
  const weights = await Promise.all(files.map((file) => weight(`${service.base}${file}`)));
  const kib = weights.reduce((sum, bytes) => sum + bytes, 0) / 1024;
  tell("first visit, without the code reader", `${kib.toFixed(1)} KB gzip in ${files.length} files (goal ≤ 60)`);
}

/**
 * From the code in hand to the painted result, in ms; the next is scanned when the result is gone.
 * @param {Page} page
 * @param {string[]} codes
 * @param {string} expected The word that each must show.
 */
async function scan(page, codes, expected) {
  const times = [];
  for (const code of codes) {
    times.push(await page.evaluate((typed) => new Promise((/** @type {(ms: number) => void} */ done) => {
      const input = /** @type {HTMLInputElement} */ (document.getElementById("typed"));
      const overlay = /** @type {Element} */ (document.querySelector(".overlay"));
      input.value = typed;
      const begun = performance.now();
      const shown = new MutationObserver(() => {
        if (!overlay.querySelector(".word")) return;
        shown.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
      });
      shown.observe(overlay, { childList: true, subtree: true });
      input.form?.requestSubmit();
    }), code));
    const word = await page.textContent(".word");
    if (word !== expected) throw new Error(`${code}: ${word}`);
    await page.click(".next");
    await page.waitForSelector(".overlay", { state: "hidden" });
  }
  return times;
}

/**
 * Goes off duty and on again; from the tap to the scanner, in ms, and the bytes of the list.
 * @param {Page} page
 * @param {import("playwright-core").CDPSession} wire
 */
async function onDutyAgain(page, wire) {
  await page.click("text=Thêm");
  await page.click("text=Kết thúc ca");
  await page.waitForSelector("text=Bắt đầu phát quà", { timeout: 60_000 });
  let request = "";
  const bytes = new Promise((/** @type {(bytes: number) => void} */ done) => {
    wire.on("Network.responseReceived", ({ requestId, response }) => {
      if (response.url.includes("/manifest?")) request = requestId;
    });
    wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => requestId === request && done(encodedDataLength));
  });
  const times = await page.evaluate(() => new Promise((/** @type {(times: { whole: number, own: number }) => void} */ done) => {
    const begun = performance.now();
    const shown = new MutationObserver(() => {
      if (!document.querySelector(".scanner")) return;
      shown.disconnect();
      const list = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/manifest?")).at(-1);
      const heard = /** @type {PerformanceResourceTiming} */ (list).responseEnd;
      requestAnimationFrame(() => setTimeout(() => done({ whole: performance.now() - begun, own: performance.now() - heard })));
    });
    shown.observe(document.body, { childList: true, subtree: true });
    /** @type {HTMLElement} */ (document.querySelector("form button.big")).click();
  }));
  return { ...times, bytes: await bytes };
}

/** How long a typed code's stretching takes on a thread that is not slowed down, in ms: the median of some. @param {Page} page */
async function stretching(page) {
  const times = await page.evaluate(async (iterations) => {
    const key = await crypto.subtle.importKey("raw", new TextEncoder().encode("7G4K2M9QXR"), "PBKDF2", false, ["deriveBits"]);
    const all = [];
    for (let nth = 0; nth < 15; nth += 1) {
      const begun = performance.now();
      await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(16).fill(nth), iterations }, key, 256);
      all.push(performance.now() - begun);
    }
    return all;
  }, STRETCHING);
  return quantile(times, 0.5);
}

/** From a cold start to the scanner, in ms. @param {Page} page */
async function coldStart(page) {
  await page.reload();
  await page.waitForSelector(".scanner", { timeout: 60_000 });
  return page.evaluate(() => /** @type {any} */ (window).scannerAt);
}

/** @param {Service} service @param {Page} page */
async function measure(service, page) {
  await firstLoad(service);
  const market = await openMarket(service, { vouchers: VOUCHERS });
  const { vouchers } = market;
  await page.addInitScript(() => {
    new MutationObserver((_, watch) => {
      if (!document.querySelector(".scanner")) return;
      watch.disconnect();
      Object.assign(window, { scannerAt: performance.now() });
    }).observe(document, { childList: true, subtree: true });
  });
  await goOnDuty(service, page, market.point);
  await keptOffline(page);
  const wire = await page.context().newCDPSession(page);
  await wire.send("Network.enable");
  await wire.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const duties = [];
  for (let nth = 0; nth < DUTIES; nth += 1) duties.push(await onDutyAgain(page, wire));
  tell(`list of ${VOUCHERS} vouchers`, `${(quantile(duties.map(({ bytes }) => bytes), 0.5) / 1e6).toFixed(2)} MB gzip (goal < 1)`);
  tell("  from the tap to the scanner", `${Math.round(quantile(duties.map(({ whole }) => whole), 0.5))} ms (goal ≤ 2000)`);
  tell("  of that, once the list was here", `${Math.round(quantile(duties.map(({ own }) => own), 0.5))} ms`);
  tell("  a cold start with it", `${Math.round(await coldStart(page))} ms`);
  /** @param {number} nth */
  const some = (nth) => vouchers.slice(nth * SCANS, (nth + 1) * SCANS);
  /** @param {boolean} offline */
  const network = (offline) => wire.send("Network.emulateNetworkConditions", { offline, latency: ROUND_TRIP_MS, downloadThroughput: 500_000, uploadThroughput: 200_000 });
  await network(false);
  tellTimes(`a code online, ${ROUND_TRIP_MS} ms round trip`, await scan(page, some(0).map(({ code }) => code), "HỢP LỆ"), 500);
  await network(true);
  await page.waitForSelector(".net.off");
  tellTimes("a signed code offline", await scan(page, some(1).map(({ code }) => code), "ĐÃ GHI"), 300);
  tellTimes("a typed code offline", await scan(page, some(2).map(({ typed_code }) => typed_code), "ĐÃ GHI"), 300);
  const ms = await stretching(page);
  tell(`  and its stretching, ${STRETCHING} rounds`, `${Math.round(ms)} ms at full speed, ${Math.round(ms * SLOWER)} ms ${SLOWER}× slower`);
}

const profile = await mkdtemp(path.join(tmpdir(), "lalanh-bench-"));
const service = await startService("sqlite");
const context = await chromium.launchPersistentContext(profile, {
  ...(CHROMIUM ? { executablePath: CHROMIUM } : {}),
  headless: true, args: FLAGS, viewport: PHONE, locale: "vi-VN", timezoneId: "Asia/Ho_Chi_Minh", hasTouch: true,
});
try {
  console.log(`the phone's app, processor ${SLOWER}× slower, fdatasync ${fdatasyncMs(profile).toFixed(2)} ms`);
  await measure(service, context.pages()[0] ?? (await context.newPage()));
} finally {
  await context.close();
  await service.stop();
  await rm(profile, { recursive: true, force: true });
}
