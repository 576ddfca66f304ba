// A storekeeper's morning: a donation with lines that the page adds at once, a transfer, a stock take.
import assert from "node:assert/strict";

import { logIn, onBoth } from "./harness.js";

onBoth("a donation of several lines is typed in, moved on and counted", async ({ service, browse }) => {
  const area = await service.post("/areas", { name: "Phường Thanh Khê", kind: "ward" });
  const store = await service.post("/points", { name: "Kho phường", kind: "warehouse", area_id: area.id });
  const point = await service.post("/points", { name: "Nhà văn hóa 3", kind: "distribution", area_id: area.id });
  const rice = await service.post("/items", { name: "Gạo", unit: "kg", decimals: 3 });
  const { page } = await browse();
  await logIn(page, service);

  await page.goto(`${service.base}/donations/new`);
  await page.fill("[name='donor.name']", "Chùa Quang Minh");
  await page.click("button[name=add][value=cash]");
  await page.click("button[name=add][value=goods]");
  assert.equal(await page.locator("[data-rows] [data-line]").count(), 3);
  await page.click("[data-rows] [data-line]:nth-child(1) button[name=remove]");
  // What was line 2 is line 1 now, and so are its names.
  await page.fill("[name='lines[0].amount']", "5.000.000");
  await page.selectOption("[name='lines[1].item_id']", rice.id);
  await page.fill("[name='lines[1].quantity']", "12,5");
  await page.press("[name='lines[1].quantity']", "Enter");
  await page.waitForURL(/\/donations\/[0-9a-f-]+\?done=received/);
  assert.match((await page.textContent("main")) ?? "", /12,5 kg Gạo/);

  await page.goto(`${service.base}/stock/transfers/new`);
  await page.selectOption("[name=from_point_id]", store.id);
  await page.selectOption("[name=to_point_id]", point.id);
  await page.click("main form button");
  await page.fill("[name='lines[0].quantity']", "13");
  await page.click("main form .actions button");
  assert.match((await page.textContent(".wrong-why")) ?? "", /chỉ còn 12,5 kg/);
  await page.fill("[name='lines[0].quantity']", "2,5");
  await page.click("main form .actions button");
  await page.waitForURL(/done=moved/);

  await page.goto(`${service.base}/stock/count/${point.id}`);
  await page.fill("[name='lines[0].counted']", "2");
  await page.click("main form > .actions button:not([type=button])");
  assert.match((await page.textContent("table")) ?? "", /-0,5/);
  await page.fill("[name=note]", "Bao rách");
  await page.click("button[name=step]");
  await page.waitForURL(/done=counted/);
  const stock = await service.get(`/stock?point_id=${point.id}`);
  assert.equal(stock.items[0].on_hand, 2000);

  for (const where of ["/stock", "/stock/entries", "/stock/transfers", "/stock/adjustments", "/donations", "/donors", "/packages", "/items"]) {
    await page.goto(service.base + where);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `${where} overflows a phone`);
  }
});
