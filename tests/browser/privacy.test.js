// A household asks what is kept of it, and to be erased: an officer answers from its page.
import assert from "node:assert/strict";

import { PASSWORD, logIn, onBoth } from "./harness.js";

onBoth("an officer tells a household what is kept of it and erases it", async ({ service, browse }) => {
  const ward = await service.post("/areas", { name: "Phường Thanh Khê Tây", kind: "ward" });
  await service.post("/users", { username: "can.bo", role: "coordinator", password: PASSWORD });
  const household = await service.post("/households", {
    head_name: "Trần Thị Hòa Nhớ", phone: "0905 123 456", area_id: ward.id, address: "K197/27 Trần Cao Vân", members: 4,
    category: "poor", note: "hay đau ốm", consent: true, consent_channel: "paper",
  });

  const { page } = await browse();
  page.setDefaultTimeout(15_000);
  await logIn(page, service, "can.bo");
  await page.goto(`${service.base}/households/${household.id}`);
  await Promise.all([page.waitForEvent("load"), page.getByRole("link", { name: "Cho người dân xem dữ liệu đang giữ" }).click()]);
  const told = await page.locator("main").innerText();
  for (const kept of ["Trần Thị Hòa Nhớ", "0905123456", "hay đau ốm", "Giấy có chữ ký"]) assert.ok(told.includes(kept), `${kept}: ${told}`);

  await Promise.all([page.waitForEvent("load"), page.getByRole("link", { name: "Xóa dữ liệu theo yêu cầu" }).click()]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 360, "the page overflows a phone");
  assert.ok((await page.locator("main").innerText()).includes("không lấy lại được"), "it says that there is no undo");
  assert.equal(await page.locator("#sure").isChecked(), false, "never ticked beforehand");
  await page.fill("#reason", "theo đơn ngày 04/08");
  const erase = page.getByRole("button", { name: "Xóa dữ liệu cá nhân" });
  await Promise.all([page.waitForEvent("load"), erase.click()]);
  assert.ok((await page.locator(".problems").innerText()).includes("Đánh dấu vào ô này"), "without the tick nothing happens");
  assert.equal(await page.inputValue("#reason"), "theo đơn ngày 04/08", "what was typed stays");

  await page.check("#sure");
  await Promise.all([page.waitForEvent("load"), erase.click()]);
  await page.waitForURL(new RegExp(`/households/${household.id}\\?done=erased`));
  const shell = await page.locator("main").innerText();
  assert.ok(!shell.includes("Hòa Nhớ") && !shell.includes("Trần Cao Vân"), shell);
  assert.ok(shell.includes("đã được xóa theo yêu cầu"), shell);
  assert.equal(await page.getByRole("link", { name: "Xóa dữ liệu theo yêu cầu" }).count(), 0, "there is nothing left to erase");
});
