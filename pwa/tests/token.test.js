/**
 * The phone's token moves on, and never leaves the phone locked out.
 */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Api } from "../api.js";
import { Token } from "../token.js";
import { DEVICE, Disk, phoneOn } from "./fakes.js";

/** A server that moves tokens on as ours does: the next one is told until it was used. */
class Moving {
  ended = new Set();
  /** @type {string[]} */
  seen = [];
  tells = true;
  /** @param {string} token */
  constructor(token) {
    this.token = token;
  }

  /** @param {string} token */
  next(token) {
    return `${token}+`;
  }

  /**
   * @param {string | URL | Request} _url
   * @param {RequestInit} [init]
   */
  fetch = async (_url, init) => {
    const token = String(new Headers(init?.headers).get("authorization")).slice(7);
    this.seen.push(token);
    if (token === this.next(this.token)) {
      this.ended.add(this.token);
      this.token = token;
    }
    if (token !== this.token) {
      const code = this.ended.has(token) ? "token_ended" : "unauthenticated";
      return new Response(JSON.stringify({ code }), { status: 401 });
    }
    const headers = this.tells ? { "lalanh-next-token": this.next(token) } : undefined;
    return new Response("{}", { status: 200, headers });
  };
}

const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
});

/** @param {Disk} disk */
async function tab(disk) {
  const { phone } = await phoneOn(disk);
  const token = new Token(phone);
  const api = new Api(token, () => "vi");
  return { phone, token, me: () => api.call("GET", "/devices/me") };
}

/** @param {Moving} server */
async function enrolled(server) {
  const disk = new Disk();
  const { phone } = await phoneOn(disk);
  await phone.enrolled({ device_id: DEVICE, token: server.token, volunteer: "Lan", name: "" });
  globalThis.fetch = server.fetch;
  return disk;
}

const settled = () => new Promise((done) => setTimeout(done));

test("the next token is on the disk before it is used", async () => {
  const server = new Moving("a");
  const disk = await enrolled(server);
  const one = await tab(disk);
  disk.full = true;
  await one.me();
  await settled();
  assert.equal(one.token.now(), "a", "a phone that can't store it goes on with the one it has");
  disk.full = false;
  await one.me();
  await settled();
  assert.deepEqual(disk.kept.meta["token"], { now: "a+", earlier: ["a"] });
  server.tells = false;
  await one.me();
  assert.deepEqual(server.seen, ["a", "a", "a+"]);
});

test("a tab that slept takes the token that another one stored", async () => {
  const server = new Moving("a");
  const disk = await enrolled(server);
  const [one, two] = [await tab(disk), await tab(disk)];
  await one.me();
  await settled();
  server.tells = false;
  await one.me();
  await two.me();
  assert.deepEqual(server.seen, ["a", "a+", "a", "a+"]);
  // What it writes of its own leaves the token as it is.
  await two.phone.enrolled({ device_id: DEVICE, token: "a", volunteer: "Lan", name: "Máy 1" });
  assert.equal((await tab(disk)).token.now(), "a+");
});

test("an answer that was lost with the next token loses nothing", async () => {
  const server = new Moving("a");
  const disk = await enrolled(server);
  const one = await tab(disk);
  globalThis.fetch = async (url, init) => {
    await server.fetch(url, init);
    throw new TypeError("the network went away");
  };
  await assert.rejects(one.me());
  globalThis.fetch = server.fetch;
  await one.me();
  assert.deepEqual(server.seen, ["a", "a"]);
});

test("a server that was put back to an earlier day takes the phone's token of that day", async () => {
  const server = new Moving("a");
  const disk = await enrolled(server);
  const one = await tab(disk);
  for (let day = 0; day < 3; day += 1) {
    await one.me();
    await settled();
  }
  assert.equal(one.token.now(), "a+++");
  const restored = new Moving("a+");
  restored.tells = false;
  globalThis.fetch = restored.fetch;
  await one.me();
  assert.equal(one.token.now(), "a++");
  assert.deepEqual(disk.kept.meta["token"], { now: "a++", earlier: ["a", "a+"] });
});

test("a token that is nobody's is refused after every other was tried once", async () => {
  const server = new Moving("a");
  const disk = await enrolled(server);
  const one = await tab(disk);
  await one.me();
  await settled();
  const other = new Moving("x");
  globalThis.fetch = other.fetch;
  await assert.rejects(one.me(), { code: "unauthenticated" });
  assert.deepEqual(other.seen, ["a+", "a"]);
  assert.equal(one.token.now(), "a+");
});
