// The market day by the screens alone: every step is a click, from an empty ward to the report.
import assert from "node:assert/strict";
import path from "node:path";

import { ROOT, logIn, onBoth, until } from "./harness.js";

const LAPTOP = { width: 1280, height: 800 };
const LIST = path.join(ROOT, "tests/data/danh-sach-ho-kdc-03-a.xlsx");

/** @typedef {import("./harness.js").Page} Page */

/**
 * Follows a link of the menu.
 * @param {Page} page
 * @param {string} href
 */
async function menu(page, href) {
  await page.click(`nav.menu a[href="${href}"]`);
  await page.waitForURL((url) => url.pathname === href);
}

/**
 * Follows a link of the page itself.
 * @param {Page} page
 * @param {string} href How it begins.
 */
async function follow(page, href) {
  await page.locator(`main a[href^="${href}"]`).first().click();
  await page.waitForURL((url) => url.pathname.startsWith(href.replace(/\?.*/, "")));
}

/**
 * Presses the page's button with this name, and waits for what it leads to.
 * @param {Page} page
 * @param {RegExp | string} name
 */
async function press(page, name) {
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name }).first().click()]);
  assert.equal(await page.locator("main .problems").count(), 0, await page.locator("main").innerText());
}

/** @param {Page} page */
const words = (page) => page.locator("main").innerText();

/** @param {Page} page */
async function placesAndHouseholds(page) {
  await menu(page, "/areas");
  await follow(page, "/areas/paste");
  await page.fill("#text", "Phường Thanh Khê Tây\n  Khu dân cư số 3: Tổ 31, Tổ 32");
  await press(page, "Xem trước");
  await press(page, /^Tạo 4 khu vực/);
  for (const [kind, name] of [["warehouse", "Kho phường"], ["distribution", "Nhà văn hóa KDC số 3"]]) {
    await menu(page, "/points");
    await follow(page, "/points/new");
    await page.check(`input[name=kind][value=${kind}]`);
    await page.fill("#name", name ?? "");
    await page.selectOption("#area_id", { index: 1 });
    await page.fill("#address", "120 Trần Cao Vân");
    await press(page, "Lưu");
  }
  await menu(page, "/households");
  await follow(page, "/households/imports");
  await page.setInputFiles("#file", LIST);
  await page.selectOption("#area_id", { index: 2 });
  await page.getByRole("button", { name: "Tải lên và xem trước" }).click();
  await page.waitForURL(/\/households\/imports\/[0-9a-f-]{36}/);
  assert.match(await words(page), /Hộ mới\s+170\b/, "as many as the list has");
  await page.locator("section.commit").getByRole("button", { name: /^Ghi vào sổ/ }).click();
  await page.waitForSelector('main a[href^="/households?import_id="]');
  await follow(page, "/households?import_id=");
  assert.match(await words(page), /170 hộ/);
}

/** @param {Page} page */
async function goods(page) {
  await menu(page, "/packages");
  await follow(page, "/items");
  await follow(page, "/items/new");
  await page.fill("#name", "Gạo");
  await page.fill("#unit", "kg");
  await page.selectOption("#decimals", "3");
  await press(page, "Lưu");
  await menu(page, "/packages");
  await follow(page, "/packages/new");
  await page.fill("#name", "Suất 10 kg gạo");
  await page.fill("#value", "200.000");
  await page.selectOption("[name='items[0].item_id']", { index: 1 });
  await page.fill("[name='items[0].quantity']", "10");
  await press(page, "Lưu suất quà");
  await menu(page, "/donations");
  await follow(page, "/campaigns");
  await follow(page, "/campaigns/new");
  await page.fill("#name", "San sẻ yêu thương");
  await press(page, "Lưu");
  await menu(page, "/donations");
  await follow(page, "/donations/new");
  await page.fill("[name='donor.name']", "Công ty Sông Hàn");
  await page.selectOption("#campaign_id", { label: "San sẻ yêu thương" });
  await page.selectOption("#point_id", { label: await optionLike(page, "#point_id", "Kho phường") });
  await page.selectOption("[name='lines[0].item_id']", { index: 1 });
  await page.fill("[name='lines[0].quantity']", "2.000");
  await page.fill("[name='lines[0].value']", "40.000.000");
  await press(page, "Lưu khoản ủng hộ");
  assert.match(await words(page), /2\.000 kg Gạo/);
}

/** @param {Page} page */
async function transfer(page) {
  await menu(page, "/stock");
  await follow(page, "/stock/transfers/new");
  await page.selectOption("#from_point_id", { label: await optionLike(page, "#from_point_id", "Kho phường") });
  await page.selectOption("#to_point_id", { label: await optionLike(page, "#to_point_id", "Nhà văn hóa") });
  await press(page, "Xem hàng ở nơi đi");
  await page.fill("[name='lines[0].quantity']", "1.800");
  await press(page, "Chuyển kho");
  assert.match(await words(page), /1\.800 kg/);
}

/**
 * The whole text of the choice that contains `text`.
 * @param {Page} page
 * @param {string} select
 * @param {string} text
 */
async function optionLike(page, select, text) {
  const options = await page.locator(`${select} option`).allInnerTexts();
  return options.find((option) => option.includes(text)) ?? `no choice with ${text} in ${options.join(" | ")}`;
}

/** @param {Page} page */
async function roundAndVouchers(page) {
  const day = (/** @type {number} */ later) => new Date(Date.now() + (7 + 24 * later) * 3_600_000).toISOString().slice(0, 10);
  await menu(page, "/rounds");
  await follow(page, "/rounds/new");
  await page.fill("#name", "Chợ 0 đồng đợt 1");
  await page.fill("#starts_at", day(0));
  await page.fill("#opens", "00:00");
  await page.fill("#ends_at", day(1));
  await page.fill("#closes", "23:59");
  await page.fill("#slot_minutes", "");
  await page.fill("#slot_capacity", "");
  await press(page, "Lập đợt phát");
  await follow(page, new URL(page.url()).pathname + "/issue");
  await page.check("label.choice:has-text('Phường Thanh Khê Tây') input[name=area_ids]");
  await press(page, "Xem trước");
  assert.match(await words(page), /Sẽ có phiếu\s+170/);
  assert.match(await words(page), /Đủ/);
  await press(page, /^Phát 170 phiếu/);
  assert.match(await words(page), /Đã phát 170 phiếu/);
  await page.getByRole("link", { name: "In phiếu" }).click();
  await page.waitForURL(/\/print$/);
  const href = await page.getByRole("link", { name: "8 phiếu một trang" }).first().getAttribute("href");
  const pdf = await page.request.get(new URL(href ?? "", page.url()).href);
  assert.equal(pdf.headers()["content-type"], "application/pdf");
  assert.equal((await pdf.body()).subarray(0, 5).toString(), "%PDF-");
  await page.locator('main .crumbs a[href^="/rounds/"]').click();
  return page.url().replace(/\?.*/, "").match(/[0-9a-f-]{36}/)?.[0] ?? "";
}

/**
 * One code at the desk, and what the desk must say.
 * @param {Page} page
 * @param {string} code
 * @param {RegExp} said
 */
async function atDesk(page, code, said) {
  await page.fill("#code", code);
  await page.press("#code", "Enter");
  await page.locator("#result .verdict").filter({ hasText: said }).waitFor();
}

/**
 * A handover by mistake, undone, and the right one after it: what is told of the undoing goes with the next scan.
 * @param {Page} page
 * @param {string} code
 */
async function undoneAndAgain(page, code) {
  await atDesk(page, code, /HỢP LỆ/);
  await page.click("summary:has-text('Ghi nhầm')");
  await page.fill("#reason", "Gọi nhầm tên");
  await page.getByRole("button", { name: "Hoàn tác" }).click();
  await page.locator(".notice").filter({ hasText: "Đã hoàn tác" }).waitFor();
  await atDesk(page, code, /HỢP LỆ/);
  assert.equal(await page.locator(".notice").count(), 0);
}

onBoth("a coordinator runs a market by clicking, from an empty ward to the report", async ({ service, browse }) => {
  const { page, context } = await browse({ viewport: LAPTOP });
  /** @type {string[]} */
  const errors = [];
  context.on("weberror", (error) => errors.push(String(error.error())));
  page.setDefaultTimeout(15_000);
  await logIn(page, service);
  await placesAndHouseholds(page);
  await goods(page);
  await transfer(page);
  const round = await roundAndVouchers(page);

  const overview = await context.newPage();
  await overview.goto(`${service.base}/`);
  const served = overview.locator(".deciders [data-f=served]").first();
  assert.equal(await served.innerText(), "0");
  await until("the overview is live", async () => /Trực tiếp/.test(await overview.locator("#connection").innerText()));
  await overview.evaluate(() => Object.assign(window, { notReloaded: true }));

  const { items } = await service.get(`/rounds/${round}/vouchers?limit=2`);
  await menu(page, "/desk");
  await page.getByRole("link", { name: "Bàn 1" }).click();
  await page.waitForSelector("#code");
  await atDesk(page, items[0].typed_code, /HỢP LỆ/);
  await atDesk(page, items[0].typed_code, /ĐÃ NHẬN[\s\S]*đã sử dụng/);
  await undoneAndAgain(page, items[1].typed_code);
  await until("the overview counts the handovers", async () => (await served.innerText()) === "2");
  assert.equal(await overview.evaluate(() => /** @type {any} */ (window).notReloaded), true, "without a reload");
  const stock = overview.locator("tr[data-stock]").filter({ hasText: "Gạo" }).locator("[data-f=on_hand]");
  assert.ok((await stock.allInnerTexts()).includes("1.780"), "20 kg less at the point");

  await menu(page, "/rounds");
  await follow(page, `/rounds/${round}`);
  await follow(page, `/rounds/${round}/close`);
  await press(page, "Kết thúc đợt phát");
  assert.match(await words(page), /Suất đã phát\s+2\b/);
  await menu(page, "/reports");
  assert.match(await words(page), /Suất quà đã phát\s+2\s+400\.000/);
  await page.locator('main a[href*="packages_handed_out"]').first().click();
  await page.waitForURL("**/packages_handed_out*");
  assert.match(await words(page), /Chợ 0 đồng đợt 1/);
  assert.deepEqual(errors, []);
}, 180_000);
