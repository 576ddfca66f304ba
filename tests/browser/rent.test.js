// A landlord's cut of rents, from a phone to the ward's report.
import assert from "node:assert/strict";

import { PASSWORD, logIn, onBoth } from "./harness.js";

/** @param {import("./harness.js").Page} page */
async function fits(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 360, `${new URL(page.url()).pathname} overflows a phone`);
}

/**
 * A form that is sent sooner than a person can fill it in is taken for a robot's.
 * @param {import("./harness.js").Page} page
 */
async function pressNext(page) {
  await fits(page);
  await Promise.all([page.waitForEvent("load"), page.locator("main .actions button.button").first().click()]);
  assert.equal(await page.locator("main .problems").count(), 0, await page.locator("main").innerText());
}

onBoth("a landlord's cut goes from a phone through the head's queue to the report", async ({ service, browse }) => {
  const ward = await service.post("/areas", { name: "Phường Thanh Khê Tây", kind: "ward" });
  const part = await service.post("/areas", { name: "Khu dân cư số 3", kind: "neighbourhood", parent_id: ward.id });
  const elsewhere = await service.post("/areas", { name: "Khu dân cư số 4", kind: "neighbourhood", parent_id: ward.id });
  for (const [username, area] of [["truong.3", part], ["truong.4", elsewhere]]) {
    await service.post("/users", { username, role: "verifier", area_id: area.id, password: PASSWORD });
  }

  const { page: landlord } = await browse();
  landlord.setDefaultTimeout(15_000);
  await landlord.goto(`${service.base}/giam-tien-tro`);
  await landlord.fill("[name='landlord.name']", "Nguyễn Thị Xuân");
  await landlord.fill("[name='landlord.phone']", "0905 123 456");
  await landlord.fill("[name='landlord.address']", "K101/41 Phù Đổng");
  await landlord.selectOption("#area_id", { label: "Khu dân cư số 3" });
  await pressNext(landlord);
  await landlord.fill("[name='all.count']", "3");
  await landlord.fill("[name='all.rent']", "1.500.000");
  const month = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 7);
  await landlord.fill("[name='all.from']", month);
  await landlord.fill("[name='all.to']", month);
  await landlord.check("input[name='all.kind'][value=amount]");
  await landlord.fill("[name='all.amount']", "500.000");
  assert.match(await landlord.locator("[data-total]").innerText(), /1\.500\.000/, "the total is there while typing");
  await pressNext(landlord);
  assert.match(await landlord.locator("main .total").innerText(), /1\.500\.000/);
  await landlord.check("#consent");
  await landlord.waitForTimeout(2_000);
  await pressNext(landlord);
  await landlord.waitForURL(/\/giam-tien-tro\/[^/?]+/);
  await fits(landlord);
  const reference = await landlord.locator(".reference").innerText();

  const { page: stranger } = await browse();
  await logIn(stranger, service, "truong.4");
  await stranger.goto(`${service.base}/rent/queue`);
  assert.ok(!(await stranger.locator("main").innerText()).includes("Nguyễn Thị Xuân"), "another neighbourhood's head does not see it");

  const { page: head } = await browse();
  head.setDefaultTimeout(15_000);
  await logIn(head, service, "truong.3");
  await head.goto(`${service.base}/rent/queue`);
  await fits(head);
  const card = head.locator("article.card");
  assert.equal(await card.count(), 1, await head.locator("main").innerText());
  assert.match(await card.innerText(), new RegExp(`Nguyễn Thị Xuân[\\s\\S]*${reference}[\\s\\S]*1\\.500\\.000`));
  await Promise.all([head.waitForEvent("load"), card.getByRole("button", { name: /^Xác minh/ }).click()]);
  assert.equal(await head.locator("article.card").count(), 0, "the queue is empty again");

  await landlord.reload();
  assert.match(await landlord.locator("main .facts").innerText(), /[Đđ]ã xác minh/);

  const { page: coordinator } = await browse({ viewport: { width: 1280, height: 800 } });
  await logIn(coordinator, service);
  await coordinator.click('nav.menu a[href="/reports"]');
  await coordinator.waitForURL("**/reports");
  assert.match(await coordinator.locator(".figures").innerText(), /Phòng trọ được giảm tiền thuê\s+3\s+1\.500\.000/);
  await coordinator.goto(`${service.base}/reports?from=${month}-01`);
  assert.match(await coordinator.locator("tr.sum").innerText(), /1\.500\.000/);
});
