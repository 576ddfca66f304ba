// The first page anyone sees, in both languages.
import assert from "node:assert/strict";

import { logIn, onBoth } from "./harness.js";

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
