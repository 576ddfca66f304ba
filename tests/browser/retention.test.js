// How long what is kept: counted, changed, carried out.
import assert from "node:assert/strict";

import { logIn, onBoth, until } from "./harness.js";

onBoth("an administrator sees what would be dropped, changes a period, and has it carried out at once", async ({ service, browse }) => {
  const { page } = await browse();
  await logIn(page, service);
  await page.goto(`${service.base}/retention`);
  assert.equal(await page.textContent("h1"), "Thời hạn lưu giữ");
  const line = page.locator("#collector_names");
  assert.match(await line.innerText(), /180 ngày/);
  await page.getByRole("link", { name: "Thử xem sẽ xóa bao nhiêu" }).click();
  await page.waitForSelector("text=Chỉ đếm thử, chưa xóa gì.");
  assert.equal(await line.locator("td").last().innerText(), "0");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 360, "nothing overflows a phone");

  await line.getByRole("link", { name: "Đổi" }).click();
  await page.fill("#days", "7");
  await page.getByRole("button", { name: "Lưu" }).click();
  await page.waitForSelector("text=Chọn từ 30 đến 1095 ngày.");
  await page.fill("#days", "365");
  await page.getByRole("button", { name: "Lưu" }).click();
  await page.waitForSelector("text=Đã lưu.");
  assert.match(await line.innerText(), /365 ngày/);

  await page.getByRole("button", { name: "Xóa theo thời hạn ngay" }).click();
  await page.waitForSelector("text=Đã giao cho máy chủ làm ngay.");
  await until("the runner took it", async () => {
    await page.goto(`${service.base}/retention`);
    return /đã xóa 0/.test(await line.innerText());
  });
  await page.getByRole("link", { name: "Việc chạy nền" }).last().click();
  await page.waitForSelector("h1:has-text('Việc chạy nền')");
  const job = page.locator("tr", { hasText: "Xóa theo thời hạn lưu giữ" });
  assert.match(await job.innerText(), /Xong/);
});
