/**
 * A market for the browser tests: households, a package in stock, a round with vouchers, phones that join; and a camera that shows
 * printed vouchers.
 */
import { mkdtemp, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

import { until } from "./harness.js";

/** @typedef {import("./harness.js").Service} Service */
/** @typedef {import("./harness.js").Page} Page */
/** @typedef {{ id: string, serial: number, code: string, typed_code: string }} Voucher */
/** @typedef {Awaited<ReturnType<typeof openMarket>>} Market */

/** Households that are registered together. */
const AT_ONCE = 16;

/**
 * @typedef {object} MarketOptions
 * @property {number} [vouchers]
 * @property {number} [desks]
 * @property {object} [round] What its round has besides the usual.
 */

/**
 * A point with stock, and vouchers valid today.
 * @param {Service} service
 * @param {MarketOptions} [options]
 */
export async function openMarket(service, { vouchers: count = 3, desks = 1, round: more = {} } = {}) {
  const ward = await service.post("/areas", { name: "Phường Thanh Khê Tây", kind: "ward" });
  const point = await service.post("/points", { name: "Nhà văn hóa", kind: "distribution", area_id: ward.id, address: "120 Trần Cao Vân", desks });
  const other = await service.post("/points", { name: "Trường Lê Lợi", kind: "distribution", area_id: ward.id, address: "5 Lê Lợi" });
  const rice = await service.post("/items", { name: "Gạo", unit: "kg", decimals: 3, perishable: false });
  const pack = await service.post("/packages", { name: "Suất 10 kg gạo", items: [{ item_id: rice.id, quantity: 10_000 }], value: 200_000 });
  const today = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
  const campaign = await service.post("/campaigns", { name: "San sẻ yêu thương", starts_on: today, ends_on: today });
  for (const at of [point, other]) {
    await service.post("/donations", {
      campaign_id: campaign.id, donor: { name: "Công ty Sông Hàn", kind: "organisation" }, received_on: today, point_id: at.id,
      lines: [{ kind: "goods", item_id: rice.id, quantity: 10_000 * (count + 5), value: 1_000_000 }],
    });
  }
  const households = [];
  for (let done = 0; done < count; done += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, i) => done + i + 1);
    households.push(...(await Promise.all(some.map((i) => service.post("/households", {
      head_name: `Nguyễn Văn ${i}`, area_id: ward.id, address: `${i} Trần Cao Vân`, members: 3, category: "poor", consent: true,
    })))));
  }
  const round = await service.post("/rounds", {
    campaign_id: campaign.id, name: "Đợt 1", package_id: pack.id, point_ids: [point.id, other.id],
    starts_at: `${today}T00:00:00+07:00`, ends_at: `${today}T23:59:00+07:00`, offline: "strict", ...more,
  });
  await service.post(`/rounds/${round.id}/vouchers`, { area_ids: [ward.id], point_id: point.id });
  return { point, other, rice, pack, round, campaign, households, vouchers: await vouchersOf(service, round.id) };
}

/**
 * @param {Service} service
 * @param {string} roundId
 * @returns {Promise<Voucher[]>}
 */
async function vouchersOf(service, roundId) {
  const all = [];
  for (let after = ""; ; ) {
    const { items, next } = await service.get(`/rounds/${roundId}/vouchers?limit=100${after ? `&after=${after}` : ""}`);
    all.push(...items);
    if (!next) return all;
    after = next;
  }
}

/**
 * A phone joins, by page, as a volunteer does; its id.
 * @param {Service} service
 * @param {Page} page
 * @param {{ id: string }} point
 */
export async function joinPhone(service, page, point) {
  const invitation = await service.post("/devices", { name: "Máy thử", point_ids: [point.id] });
  await page.goto(invitation.enrol_url);
  await page.fill("#volunteer", "Lan");
  await page.click("form button.big");
  await page.waitForURL("**/quet");
  return /** @type {string} */ (invitation.id);
}

/**
 * A phone joins and goes on duty, whoever else holds vouchers there.
 * @param {Service} service
 * @param {Page} page
 * @param {{ id: string }} point
 * @param {string} [share] The desk's number; `0`: the whole point.
 */
export async function goOnDuty(service, page, point, share) {
  const id = await joinPhone(service, page, point);
  if (share) await page.check(`input[name=share][value="${share}"]`);
  await page.click("form button.big");
  await page.waitForSelector(".scanner, .held");
  // Another phone holds vouchers of this desk, and this one goes on all the same.
  if (await page.isVisible(".held")) await page.click("text=/Vẫn vào ca|Go on anyway/");
  await page.waitForSelector(".scanner");
  return id;
}

/**
 * Types a code, as when the camera fails.
 * @param {Page} page
 * @param {string} code
 */
export async function type(page, code) {
  await page.fill("#typed", code);
  await page.press("#typed", "Enter");
}

/**
 * The word that fills the screen.
 * @param {Page} page
 * @param {number} [forMs]
 */
export async function word(page, forMs = 30_000) {
  await page.waitForSelector(".word", { timeout: forMs });
  return (await page.textContent(".word")) ?? "";
}

/** @param {Page} page */
export async function next(page) {
  await page.click(".next");
  await page.waitForSelector(".overlay", { state: "hidden" });
}

/**
 * Whether the phone's worker keeps the app by now.
 * @param {Page} page
 */
export async function keptOffline(page) {
  await until("the service worker keeps the app", () =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistration("/"))?.active?.state === "activated" && (await caches.keys()).length > 0));
}

/** A camera that shows pictures: a file of JPEGs one after the other, which the browser reads again and again. */
export class FakeCamera {
  /** @type {string} */
  file = "";

  static async make() {
    const camera = new FakeCamera();
    camera.file = path.join(await mkdtemp(path.join(tmpdir(), "lalanh-camera-")), "camera.mjpeg");
    await camera.show(null);
    return camera;
  }

  /**
   * What lies before the camera, from the next start of the camera on.
   * @param {Buffer | Paper[] | null} papers A voucher's code in the middle; several, each in its place; nothing: an empty table.
   */
  async show(papers) {
    const frame = await jpeg(papers === null ? [] : Array.isArray(papers) ? papers : [{ png: papers, x: 320, y: 240, size: 330 }]);
    await writeFile(`${this.file}.new`, Buffer.concat([frame, frame]));
    await rename(`${this.file}.new`, this.file);
  }
}

/** @typedef {{ png: Buffer, x: number, y: number, size: number }} Paper A code, where its middle lies in the picture, and its side. */

/** The camera's picture. */
export const PICTURE = { width: 640, height: 480 };

/**
 * A frame of the camera.
 * @param {Paper[]} papers
 */
async function jpeg(papers) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage({ viewport: PICTURE });
    const pictures = papers.map(({ png, x, y, size }) =>
      `<img src="data:image/png;base64,${png.toString("base64")}" style="position:absolute;left:${x - size / 2}px;top:${y - size / 2}px;width:${size}px;image-rendering:pixelated">`);
    await page.setContent(`<body style="margin:0;height:480px;background:#999">${pictures.join("")}</body>`);
    return await page.screenshot({ type: "jpeg", quality: 90 });
  } finally {
    await browser.close();
  }
}

/**
 * The camera was taken away while the page was aside, and starts again: what lies before it now is seen.
 * @param {Page} page
 */
export async function lookAgain(page) {
  await page.evaluate(() => {
    const stream = /** @type {MediaStream} */ (document.querySelector("video")?.srcObject);
    for (const track of stream.getTracks()) track.stop();
    document.dispatchEvent(new Event("visibilitychange"));
  });
}

/**
 * The white frame in the camera's picture, which the viewfinder covers.
 * @param {Page} page
 */
export async function frameOf(page) {
  const [finder, frame] = [await page.locator(".finder").boundingBox(), await page.locator(".frame").boundingBox()];
  if (!finder || !frame) throw new Error("no frame on the screen");
  const scale = Math.max(finder.width / PICTURE.width, finder.height / PICTURE.height);
  const left = finder.x + (finder.width - PICTURE.width * scale) / 2;
  const top = finder.y + (finder.height - PICTURE.height * scale) / 2;
  return { x: (frame.x - left) / scale, y: (frame.y - top) / scale, side: frame.width / scale };
}
