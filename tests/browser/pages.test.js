// Every page of the demo, on a phone and on a laptop, in both languages: nothing overflows, nothing fails, axe finds nothing serious.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import test from "node:test";

import { CHROMIUM, FLAGS, ROOT, missing } from "./harness.js";
import { LOCALES, PUBLIC, SIZES, enter, pagesOf, startDemo } from "./tour.js";

const AXE = readFileSync(path.join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8");

/**
 * What is wrong with the page.
 * @param {import("./harness.js").Page} page
 */
async function faults(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await page.evaluate(AXE);
  /** @type {string[]} */
  const all = await page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run(document);
    return violations
      .filter((/** @type {any} */ rule) => rule.impact === "serious" || rule.impact === "critical")
      .map((/** @type {any} */ rule) => `${rule.id} ×${rule.nodes.length}: ${rule.nodes[0].html.slice(0, 160)}`);
  });
  return wide > 0 ? [`${wide} px too wide`, ...all] : all;
}

test("every page fits the screen, fails nowhere and is accessible", { timeout: 900_000, skip: missing("sqlite") }, async (t) => {
  const demo = await startDemo();
  t.after(() => demo.stop());
  const browser = await chromium.launch({ ...(CHROMIUM ? { executablePath: CHROMIUM } : {}), args: FLAGS });
  t.after(() => browser.close());
  /** @type {string[]} */
  const wrong = [];
  /** @type {Awaited<ReturnType<typeof pagesOf>> | undefined} */
  let pages;
  for (const locale of LOCALES) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const context = await browser.newContext({ locale, viewport, timezoneId: "Asia/Ho_Chi_Minh" });
      const page = await context.newPage();
      let where = "";
      const tell = (/** @type {string} */ what) => void wrong.push(`${size} ${locale} ${where}: ${what}`);
      page.on("console", (message) => message.type() === "error" && tell(message.text()));
      page.on("pageerror", (error) => tell(String(error)));
      const look = async (/** @type {string} */ at) => {
        where = at;
        const answer = await page.goto(demo.base + at);
        if (answer?.status() !== 200) tell(`answers ${answer?.status()}`);
        (await faults(page)).forEach(tell);
      };
      for (const at of PUBLIC) await look(at);
      where = "the tour";
      await enter(page, demo.base);
      // Whatever fails on the way is told when the page is looked at.
      pages ??= await pagesOf(await context.newPage(), demo.base);
      assert.ok(pages.menu.length > 10, "the administrator's menu");
      for (const at of pages.menu) await look(at);
      // What lies behind the menu is looked at once in each size and once in each language.
      if ((size === "phone") === (locale === "vi-VN")) for (const at of pages.more) await look(at);
      await context.close();
    }
  }
  assert.equal(wrong.join("\n"), "");
});
