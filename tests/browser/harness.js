/**
 * The browser tests' harness: the real program on an empty folder, on SQLite and on PostgreSQL, set up through its
 * own API, and Debian's Chromium on a small screen.
 *
 * A test reads:
 *
 *     onBoth("a page opens", async ({ service, browse }) => {
 *       const { page } = await browse();
 *       await page.goto(`${service.base}/login`);
 *     });
 *
 * Everything that a test starts ends with it. What is missing fails in CI and is told as a skip elsewhere.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** The repository's root. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The password of every login that a test makes. */
export const PASSWORD = "lá lành đùm lá rách";
/** A phone's screen. */
export const PHONE = { width: 360, height: 800 };

/** The program, as `cargo build` leaves it; as `cargo bench` does when `LALANH_PROFILE` is `release`. */
export const PROGRAM = path.join(process.env["CARGO_TARGET_DIR"] ?? path.join(ROOT, "target"), process.env["LALANH_PROFILE"] ?? "debug", "lalanh");
/** Debian's Chromium. */
export const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((file) => existsSync(file));
/** What the browser starts with. */
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** A test that takes longer hangs. */
const TEST_MS = 120_000;
const START_MS = 20_000;

/** @typedef {"sqlite" | "postgres"} Database */
/** @typedef {Awaited<ReturnType<typeof startService>>} Service */
/** @typedef {import("playwright-core").BrowserContext} Context */
/** @typedef {import("playwright-core").Page} Page */

/**
 * @typedef {object} BrowseOptions
 * @property {string} [camera] An MJPEG file that the camera shows; a picture of no code when left out.
 * @property {"granted" | "denied"} [cameraPermission] What the person answers; granted when left out.
 * @property {string} [locale] `vi-VN` when left out.
 * @property {{ width: number, height: number }} [viewport] A phone's when left out.
 * @property {string} [profile] A folder to keep what the browser stores, so that it can be opened again.
 */

/**
 * @typedef {object} World
 * @property {Service} service The running program, with one administrator.
 * @property {(options?: BrowseOptions) => Promise<{ context: Context, page: Page }>} browse A new browser with its own storage.
 * @property {import("node:test").TestContext} t The test.
 */

/**
 * One test on each database.
 * @param {string} name A sentence.
 * @param {(world: World) => Promise<void>} body The test.
 * @param {number} [forMs] How long it may take.
 */
export function onBoth(name, body, forMs) {
  for (const database of /** @type {Database[]} */ (["sqlite", "postgres"])) {
    on(database, name, body, forMs);
  }
}

/**
 * One test on one database: for what no database can change.
 * @param {Database} database Which.
 * @param {string} name A sentence.
 * @param {(world: World) => Promise<void>} body The test.
 * @param {number} [forMs] How long it may take.
 */
export function on(database, name, body, forMs = TEST_MS) {
  test(`${name} (${database})`, { timeout: forMs, skip: missing(database) }, async (t) => {
    const service = await startService(database);
    t.after(() => service.stop());
    await body({ service, t, browse: (options) => browse(t, options) });
  });
}

/**
 * Why a test can't run here, or false.
 * @param {Database} database Which.
 */
export function missing(database) {
  const lacks =
    !CHROMIUM ? "Chromium is missing: run .ci/setup"
    : !existsSync(PROGRAM) ? `${PROGRAM} is missing: run cargo build`
    : database === "postgres" && !process.env["LALANH_TEST_POSTGRES"] ? "LALANH_TEST_POSTGRES is not set (`make test` sets it)"
    : false;
  if (lacks && process.env["CI"]) throw new Error(lacks);
  return lacks;
}

/**
 * Runs one command of the program to its end.
 * @param {string[]} args Its arguments.
 * @param {NodeJS.ProcessEnv} env Its environment.
 * @param {string} [input] Its standard input.
 */
function run(args, env, input = "") {
  const done = spawnSync(PROGRAM, args, { env, input, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`lalanh ${args[0]} ${args[1]}: ${done.stderr}`);
  return done.stdout.trim();
}

/** A port that nobody has now: a service that is started again must come back under the same address. */
export async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A fresh PostgreSQL database and how to remove it. */
function freshPostgres() {
  const server = process.env["LALANH_TEST_POSTGRES"] ?? "";
  const name = `browser_${process.pid}_${randomUUID().slice(0, 8)}`;
  /** @param {string} sql A statement. */
  const psql = (sql) => {
    const done = spawnSync("psql", ["-q", "-d", server, "-c", sql], { encoding: "utf8" });
    if (done.status !== 0) throw new Error(`psql: ${done.error ?? done.stderr}`);
  };
  psql(`create database ${name}`);
  return { url: new URL(`/${name}`, server).href, drop: () => psql(`drop database ${name} with (force)`) };
}

/**
 * The program on an empty folder, with one administrator `admin` and their API token.
 * @param {Database} database Which.
 * @param {{ admin?: boolean, more?: NodeJS.ProcessEnv }} [options] `admin: false` leaves nobody: the set-up link waits. `more` is
 *   what the operator chooses besides.
 */
export async function startService(database, { admin = true, more = {} } = {}) {
  const dir = await mkdtemp(path.join(tmpdir(), "lalanh-browser-"));
  const postgres = database === "postgres" ? freshPostgres() : undefined;
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const env = { ...process.env, LALANH_DATA_DIR: dir, LALANH_LISTEN: `127.0.0.1:${port}`, LALANH_PUBLIC_URL: base };
  Object.assign(env, more);
  if (postgres) Object.assign(env, { LALANH_DATABASE: postgres.url });
  if (admin) run(["user", "add", "--username", "admin", "--role", "admin", "--password-stdin"], env, PASSWORD);
  const token = admin ? run(["token", "add", "--username", "admin"], env) : "";
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let child;

  /**
   * One call of the API, with any method.
   * @param {string} method Its method.
   * @param {string} where The path below `/api/v1`.
   * @param {unknown} [body] JSON.
   * @param {string} [as] The bearer token; the administrator's when left out.
   * @returns {Promise<any>} The answer, which must be a success.
   */
  const call = async (method, where, body, as = token) => {
    const response = await fetch(`${base}/api/v1${where}`, {
      method,
      headers: { authorization: `Bearer ${as}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  };

  const service = {
    /** Where it is, on any start. */
    base,
    /** Which database it uses. */
    database,
    /** The administrator's API token. */
    token,
    /** The link that makes the first administrator. */
    setUpLink: async () => {
      const text = await readFile(path.join(dir, "setup-link.txt"), "utf8");
      return /https?:\S+/.exec(text)?.[0] ?? "";
    },
    call,
    /** @param {string} where A path below `/api/v1`. */
    get: (where) => call("GET", where),
    /**
     * @param {string} where A path below `/api/v1`.
     * @param {unknown} body JSON.
     */
    post: (where, body) => call("POST", where, body),
    /**
     * The bytes behind a path below `/api/v1`.
     * @param {string} where The path.
     */
    bytes: async (where) => {
      const response = await fetch(`${base}/api/v1${where}`, { headers: { authorization: `Bearer ${token}` } });
      if (!response.ok) throw new Error(`GET ${where}: ${response.status}`);
      return Buffer.from(await response.arrayBuffer());
    },
    /** Starts it (again), and waits until it listens. */
    start: async () => {
      child = spawn(PROGRAM, ["serve"], { env: { RUST_LOG: "warn", ...env }, stdio: ["ignore", "pipe", "inherit"] });
      await listening(child);
    },
    /** Kills it as a power cut would. What it has promised is on the disk. */
    kill: async () => {
      const gone = child && ended(child);
      child?.kill("SIGKILL");
      await gone;
      child = undefined;
    },
    /** Ends it for good and removes what it stored. */
    stop: async () => {
      await service.kill();
      await rm(dir, { recursive: true, force: true });
      postgres?.drop();
    },
  };
  await service.start();
  return service;
}

/** @param {import("node:child_process").ChildProcess} child The program. */
function listening(child) {
  return new Promise((ready, failed) => {
    const late = setTimeout(() => failed(new Error("the program did not start in time")), START_MS);
    child.stdout?.on("data", (line) => {
      if (!String(line).includes("listening on")) return;
      clearTimeout(late);
      ready(undefined);
    });
    child.once("exit", (code) => {
      clearTimeout(late);
      failed(new Error(`the program ended with ${code}`));
    });
  });
}

/** @param {import("node:child_process").ChildProcess} child The program. */
function ended(child) {
  return child.exitCode === null && child.signalCode === null
    ? new Promise((gone) => child.once("exit", gone))
    : Promise.resolve();
}

/**
 * A browser with its own storage; it ends with the test. What its pages log as an error fails the test.
 * @param {import("node:test").TestContext} t The test.
 * @param {BrowseOptions} [options] How it differs from a phone with a working camera.
 */
async function browse(t, options = {}) {
  const profile = options.profile ?? (await mkdtemp(path.join(tmpdir(), "lalanh-chromium-")));
  const camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
  if (options.camera) camera.push(`--use-file-for-fake-video-capture=${options.camera}`);
  if (options.cameraPermission === "denied") camera.splice(1, 1, "--deny-permission-prompts");
  const context = await chromium.launchPersistentContext(profile, {
    ...(CHROMIUM ? { executablePath: CHROMIUM } : {}),
    headless: true,
    args: [...FLAGS, ...camera],
    viewport: options.viewport ?? PHONE,
    locale: options.locale ?? "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    hasTouch: true,
  });
  t.after(async () => {
    await context.close();
    if (!options.profile) await rm(profile, { recursive: true, force: true });
  });
  const page = context.pages()[0] ?? (await context.newPage());
  return { context, page };
}

/**
 * Waits until something is so, asking again and again from the test's side.
 * @template T
 * @param {string} what What is waited for, for the message.
 * @param {() => Promise<T> | T} ask Answers something truthy once it is so.
 * @param {number} [forMs] How long at most.
 * @returns {Promise<T>} What `ask` answered.
 */
export async function until(what, ask, forMs = 10_000) {
  const end = Date.now() + forMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${forMs} ms in vain: ${what}`);
    await new Promise((later) => setTimeout(later, 50));
  }
}

/**
 * Logs in by page.
 * @param {Page} page The page.
 * @param {Service} service The program.
 * @param {string} [username] Whose login; the administrator's when left out.
 */
export async function logIn(page, service, username = "admin") {
  await page.goto(`${service.base}/login`);
  await page.fill("#username", username);
  await page.fill("#password", PASSWORD);
  await page.click("main button");
  await page.waitForURL((url) => url.pathname !== "/login");
}
