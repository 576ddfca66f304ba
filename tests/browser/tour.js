/**
 * A tour of the demo's pages: those of the menu, those that lead on from them, and the public ones.
 */
import { spawn } from "node:child_process";

import { PROGRAM, freePort, until } from "./harness.js";

/** @typedef {import("./harness.js").Page} Page */

/** The demo's administrator and the password of all its logins. */
export const LOGIN = { username: "quan.tri", password: "la-lanh-dum-la-rach" };
/** The sizes that every page is looked at in. */
export const SIZES = { phone: { width: 360, height: 800 }, laptop: { width: 1280, height: 800 } };
/** Both languages. */
export const LOCALES = ["vi-VN", "en-GB"];
/** What anybody may open. */
export const PUBLIC = ["/login", "/giam-tien-tro", "/cong-khai", "/kiem-tra-may"];

const START_MS = 90_000;
const ID = /[0-9a-f]{8}-[0-9a-f-]{27}/g;
/** Files and what is no page of ours. */
const NO_PAGE = /\.xlsx$|\.pdf$|^\/api\/v1|^\/quet|^\/logout/;

/** A ward with a market in progress, until `stop`. */
export async function startDemo() {
  const base = `http://127.0.0.1:${await freePort()}`;
  const { LALANH_DATABASE: _database, LALANH_DATA_DIR: _folder, ...env } = process.env;
  const child = spawn(PROGRAM, ["demo"], { env: { ...env, LALANH_LISTEN: base.slice("http://".length) }, stdio: "ignore" });
  const gone = new Promise((ended) => child.once("exit", ended));
  const stop = async () => {
    // Asked politely it removes its folder.
    child.kill("SIGINT");
    await gone;
  };
  try {
    await until("the demo answers", () => fetch(`${base}/healthz`).then((answer) => answer.ok, () => false), START_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, stop };
}

/**
 * Logs in as the demo's administrator.
 * @param {Page} page
 * @param {string} base
 */
export async function enter(page, base) {
  await page.goto(`${base}/login`);
  await page.fill("#username", LOGIN.username);
  await page.fill("#password", LOGIN.password);
  await page.click("main button");
  await page.waitForURL((url) => url.pathname !== "/login");
}

/**
 * What a page is, whichever record it shows: a desk is another page than the choice of desks.
 * @param {string} link
 */
const shapeOf = (link) => link.replace(/^(\/desk)\?.*/, "$1 of a point").replace(/\?.*/, "").replace(ID, "{id}");

/**
 * The paths of the menu, and all that can be reached from its pages by links: of pages that differ only in the record
 * they show, the first.
 * @param {Page} page Somebody logged in.
 * @param {string} base
 */
export async function pagesOf(page, base) {
  /** @param {string} selector @returns {Promise<string[]>} */
  const links = (selector) =>
    page.locator(selector).evaluateAll((all) =>
      all
        .map((link) => new URL(/** @type {HTMLAnchorElement} */ (link).href))
        .filter((url) => url.origin === location.origin)
        .map((url) => url.pathname + url.search));
  await page.goto(base);
  const menu = await links("nav.menu a");
  const paths = [...menu];
  const known = new Set([...menu, ...PUBLIC].map(shapeOf));
  // Grows while it is walked.
  for (const where of paths) {
    await page.goto(base + where);
    for (const link of await links("main a[href]")) {
      if (NO_PAGE.test(link.replace(/\?.*/, "")) || known.has(shapeOf(link))) continue;
      known.add(shapeOf(link));
      paths.push(link);
    }
  }
  return { menu, more: paths.slice(menu.length) };
}
