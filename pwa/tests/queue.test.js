// The chain of records, the upload with an answer for each, and what survives.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { NoAnswer, Refused } from "../api.js";
import { EMPTY, append, hashOf } from "../queue.js";
import { DEVICE, MORNING, POINT, intact, phoneOn } from "./fakes.js";

/** @param {number} n */
const scan = (n) => ({
  nonce: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`, code: `LL1:${n}`, point_id: POINT, scanned_at: new Date(MORNING + n).toISOString(), units: 1, desk: "Bàn 1",
});

/** @param {Awaited<ReturnType<typeof phoneOn>>} world */
async function enrol({ phone }) {
  await phone.enrolled({ device_id: DEVICE, token: "t", volunteer: "Lan", name: "Máy 1" });
}

/** @param {any} body */
const takeAll = (body) => ({ results: body.items.map((/** @type {any} */ { nonce }) => ({ nonce, outcome: "redeemed" })) });

test("records are hashed as the server hashes them", async () => {
  const { records } = JSON.parse(readFileSync(new URL("../../tests/data/phone_vectors.json", import.meta.url), "utf8"));
  for (const { device_id, record, hash } of records) assert.equal(await hashOf(record, device_id), hash);
});

test("a changed, missing or exchanged record breaks the chain", async () => {
  let head = EMPTY;
  const records = [];
  for (const n of [1, 2, 3]) {
    const next = await append(head, scan(n), 12, DEVICE);
    records.push(next.record);
    head = next.head;
  }
  assert.equal(records[0]?.previous_hash, "0".repeat(64));
  assert.ok(await intact(records, head, DEVICE));
  assert.ok(!(await intact([records[0], { ...records[1], units: 2 }, records[2]].map((one) => /** @type {any} */ (one)), head, DEVICE)));
  assert.ok(!(await intact([records[1], records[0]].map((one) => /** @type {any} */ (one)), head, DEVICE)));
  assert.ok(!(await intact(records, { ...head, record_hash: "00" }, DEVICE)));
});

test("a record is on the disk before anybody sees green, and a full disk is no green", async () => {
  const world = await phoneOn();
  await enrol(world);
  await world.phone.record(scan(1), "l/12:1", 12);
  assert.equal(world.disk.kept.records.length, 1);
  world.disk.full = true;
  await assert.rejects(world.phone.record(scan(2), "l/12:2", 12));
  assert.equal(world.phone.marks.get("l/12:2"), undefined, "the voucher may still be handed out");
  assert.equal(world.phone.head.sequence, 1);
});

test("records are deleted one by one, each after its own answer", async () => {
  const world = await phoneOn();
  await enrol(world);
  for (const n of [1, 2, 3]) await world.phone.record(scan(n), null, 12);
  world.server.answer = ({ body }) => ({
    results: body.items.map((/** @type {any} */ { nonce, sequence }) =>
      sequence === 2 ? { nonce, error: { code: "invalid", message: "Sai" } } : sequence === 3 ? { nonce: "other", outcome: "redeemed" } : { nonce, outcome: "redeemed" }),
  });
  // The third is never answered by name: the run goes on asking until an answer fits nothing at all.
  assert.equal(await world.sync.run(), false);
  assert.deepEqual(world.phone.records.map(({ sequence }) => sequence), [2, 3]);
  assert.deepEqual(world.phone.rejected(), [2]);
  assert.deepEqual(world.phone.waiting().map(({ sequence }) => sequence), [3]);
});

test("a whole upload that fails keeps and sends everything again, with the same nonces", async () => {
  const world = await phoneOn();
  await enrol(world);
  for (const n of [1, 2]) await world.phone.record(scan(n), null, 12);
  let tries = 0;
  world.server.answer = ({ body }) => {
    tries += 1;
    if (tries === 1) throw new NoAnswer("the answer was lost");
    return takeAll(body);
  };
  assert.equal(await world.sync.run(), false);
  assert.equal(world.phone.waiting().length, 2);
  assert.equal(await world.sync.run(), true);
  assert.equal(world.phone.records.length, 0);
  const [first, second] = world.server.to("/redemptions/batch");
  assert.deepEqual(first?.body, second?.body);
});

test("what waits survives the end of the page, and the chain goes on where it stood", async () => {
  const before = await phoneOn();
  await enrol(before);
  await before.phone.record(scan(1), "l/12:1", 12);
  const after = await phoneOn(before.disk);
  assert.equal(after.phone.waiting().length, 1);
  await after.phone.record(scan(2), null, 12);
  const records = after.phone.records.map(({ record }) => record);
  assert.ok(await intact(records, after.phone.head, DEVICE));
});

test("a revoked phone still uploads, and knows that it is revoked", async () => {
  const world = await phoneOn();
  await enrol(world);
  await world.phone.record(scan(1), null, 12);
  await world.phone.undo(scan(1).nonce, null);
  world.server.answer = ({ path, body }) => {
    if (path === "/redemptions/batch") return takeAll(body);
    throw new Refused(401, { code: "device_revoked" });
  };
  await world.sync.run();
  assert.equal(world.phone.records.length, 0);
  assert.ok(world.phone.revoked);
});

test("an undo waits for its record's answer", async () => {
  const world = await phoneOn();
  await enrol(world);
  await world.phone.record(scan(1), "l/12:1", 12);
  await world.phone.undo(scan(1).nonce, "l/12:1");
  assert.equal(await world.sync.run(), false);
  assert.deepEqual(world.server.asked.map(({ path }) => path), ["/redemptions/batch"]);
  world.server.answer = ({ path, body }) => (path === "/redemptions/batch" ? takeAll(body) : {});
  assert.equal(await world.sync.run(), true);
  assert.equal(world.server.asked.at(-1)?.path, `/redemptions/${scan(1).nonce}/reversal`);
  assert.ok(world.phone.marks.get("amber/12:1")?.given, "it is handed out again only online, by whatever lease holds it next");
});

test("a scan whose answer was lost is asked after, and a person is asked when the server took it", async () => {
  const world = await phoneOn();
  await enrol(world);
  await world.phone.asked({ nonce: scan(1).nonce, body: scan(1), voucher: null, asked_at: MORNING });
  await world.phone.asked({ nonce: scan(2).nonce, body: scan(2), voucher: null, asked_at: MORNING });
  world.clocks.wall += 11_000;
  world.server.answer = ({ path }) => ({ outcome: path.endsWith(scan(1).nonce) ? "redeemed" : "expired" });
  assert.equal(await world.sync.run(), true);
  assert.deepEqual(world.unclear.map(({ nonce }) => nonce), [scan(1).nonce]);
  assert.deepEqual([...world.phone.attempts.keys()], [scan(1).nonce]);
});

test("a lost scan that was undone since is settled without asking anybody, and so is a record", async () => {
  const world = await phoneOn();
  await enrol(world);
  await world.phone.asked({ nonce: scan(1).nonce, body: scan(1), voucher: "amber/12:1", asked_at: MORNING });
  await world.phone.record(scan(2), "amber/12:2", null);
  world.clocks.wall += 11_000;
  const reversed_at = "2021-08-05T00:20:00Z";
  world.server.answer = ({ body }) => (body ? { results: [{ nonce: scan(2).nonce, outcome: "redeemed", replayed: true, reversed_at }] } : { nonce: scan(1).nonce, outcome: "redeemed", reversed_at });
  assert.equal(await world.sync.run(), true);
  assert.deepEqual(world.unclear, []);
  assert.ok(!world.sync.owes());
  for (const key of ["amber/12:1", "amber/12:2"]) assert.ok(world.disk.kept.marks.find((mark) => mark.key === key)?.given, "handed out again only online");
});

test("an undo gives its voucher up though the phone never marked it", async () => {
  const world = await phoneOn();
  await enrol(world);
  await world.phone.undo(scan(1).nonce, "amber/12:1");
  assert.ok(world.disk.kept.marks[0]?.given);
});

test("a revoked phone reports, though it may not undo or ask any more", async () => {
  const world = await phoneOn();
  await enrol(world);
  await world.phone.undo(scan(1).nonce, null);
  await world.phone.asked({ nonce: scan(2).nonce, body: scan(2), voucher: null, asked_at: 0 });
  world.phone.closing = { lease: "l", last_sequence: 0, last_record_hash: "", rejected: [] };
  await world.phone.wasRevoked();
  world.server.answer = ({ path }) => {
    if (path !== "/leases/l/report") throw new Refused(401, { code: "device_revoked" });
    return { state: "closed" };
  };
  assert.equal(await world.sync.run(), true);
  assert.ok(!world.sync.owes(), "it may join anew");
});
