// The first page anyone sees, in both languages.
import assert from "node:assert/strict";

import { logIn, onBoth, startService } from "./harness.js";

onBoth("the login page speaks Vietnamese first, and English to those who ask for it", async ({ service, browse }) => {
  const { page } = await browse();
  await page.goto(`${service.base}/login`);
  assert.equal(await page.textContent("h1"), "Đăng nhập");
  await page.getByRole("button", { name: "English" }).click();
  await page.waitForSelector("text=Log in");
  assert.equal(await page.textContent("h1"), "Log in");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 360, "nothing overflows a phone");
});

onBoth("a login leads to the overview", async ({ service, browse }) => {
  const { page } = await browse({ locale: "en-GB" });
  await logIn(page, service);
  assert.equal(new URL(page.url()).pathname, "/");
});

onBoth("the set-up link makes the first administrator, once, and leads on to the ward's name", async ({ service, t, browse }) => {
  const fresh = await startService(service.database, { admin: false });
  t.after(() => fresh.stop());
  const { page } = await browse();
  const link = await fresh.setUpLink();
  await page.goto(link);
  await page.fill("#username", "lan.tran");
  await page.fill("#password", "mot cau de nho");
  await page.fill("#again", "mot cau de nho");
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Tạo tài khoản và đăng nhập" }).click()]);
  assert.equal(new URL(page.url()).hash, "", "the secret is not left in the address");
  assert.match(await page.locator("main").innerText(), /Tên phường/i);
  await page.goto(link);
  assert.doesNotMatch(await page.locator("main").innerText(), /Tạo quản trị viên đầu tiên/, "it works once");
});
