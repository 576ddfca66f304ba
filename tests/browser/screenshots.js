// Pictures of every page, on a phone and on a laptop, in both languages: `make screenshots`.
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { chromium } from "playwright-core";

import { CHROMIUM, FLAGS, ROOT } from "./harness.js";
import { LOCALES, PUBLIC, SIZES, enter, pagesOf, startDemo } from "./tour.js";

const FOLDER = path.join(ROOT, "screenshots");

/**
 * A picture's name: the page's path, without ids.
 * @param {string} where
 */
function nameOf(where) {
  const plain = where.replace(/^\/desk\?.*/, "/desk/one").replace(/\?.*/, "").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "one").replace(/^\//, "").replaceAll("/", "-");
  return plain === "" ? "overview" : plain;
}

if (!CHROMIUM) throw new Error("Chromium is missing: run .ci/setup");
await rm(FOLDER, { recursive: true, force: true });
const demo = await startDemo();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
let pictures = 0;
/** @type {string[] | undefined} */
let pages;
try {
  for (const locale of LOCALES) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const folder = path.join(FOLDER, `${size}-${locale.slice(0, 2)}`);
      await mkdir(folder, { recursive: true });
      const context = await browser.newContext({ locale, viewport, timezoneId: "Asia/Ho_Chi_Minh", baseURL: demo.base });
      const page = await context.newPage();
      /** @param {string} where */
      const take = async (where) => {
        await page.goto(where);
        await page.screenshot({ path: path.join(folder, `${nameOf(where)}.png`), fullPage: true });
        pictures += 1;
      };
      for (const where of PUBLIC) await take(where);
      await enter(page, demo.base);
      if (!pages) {
        const { menu, more } = await pagesOf(page, demo.base);
        pages = [...menu, ...more];
      }
      for (const where of pages) await take(where);
      await context.close();
    }
  }
} finally {
  await browser.close();
  await demo.stop();
}
console.log(`${pictures} pictures in ${FOLDER}`);
