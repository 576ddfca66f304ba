// One scan from the code to its answer, with a server that answers, is late, or is not there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { NoAnswer, Refused } from "../api.js";
import { parseSigned } from "../code.js";
import { Manifest } from "../manifest.js";
import { DEVICE, MORNING, POINT, ROUND, manifestOf, phoneOn } from "./fakes.js";

const vectors = JSON.parse(readFileSync(new URL("../../tests/data/phone_vectors.json", import.meta.url), "utf8"));
const HELD = vectors.signed[0].text;
const OTHER = vectors.signatures[0].code;
const TYPED = vectors.typed[0].symbols;
const KEYS = vectors.signatures[0].keys;
const INSTANCE = vectors.signatures[0].instance_id;

/** @param {string} text */
function bytesOf(text) {
  const code = parseSigned(text);
  if (typeof code === "string") throw new Error(code);
  return code.bytes;
}

/** @param {Partial<import("../types.js").ManifestBody>} [more] */
const manifest = (more) => manifestOf([{ code: bytesOf(HELD), typed: TYPED, serial: 2_540, name: "Thái Hữu Sơn" }], { instance_id: INSTANCE, keys: KEYS, ...more });

/** A phone on duty that holds one voucher. @param {Partial<import("../types.js").ManifestBody>} [more] */
async function onDuty(more) {
  const world = await phoneOn();
  const { phone } = world;
  await phone.enrolled({ device_id: DEVICE, token: "t", volunteer: "Lan", name: "" });
  await phone.stand({ point_id: POINT, point: "Nhà văn hóa", desk: "Bàn 1", share: null });
  await phone.install(
    { id: "lease", epoch: 12, point_id: POINT, desk: "Bàn 1", share: null, lasts_ms: 12 * 3_600_000, asked_wall: MORNING, asked_mono: 0 },
    await manifest(more),
  );
  return world;
}

const never = () => new Promise(() => {});

test("a manifest's row is opened by either code of its voucher, and by no other", async () => {
  const list = new Manifest(await manifest());
  assert.equal((await list.bySignedCode(bytesOf(HELD)))?.name, "Thái Hữu Sơn");
  assert.equal((await list.byTypedCode(TYPED))?.serial, 2_540);
  assert.equal(await list.bySignedCode(bytesOf(OTHER)), null);
  assert.equal(await list.byTypedCode("0000000000"), null);
  assert.ok(!JSON.stringify(list.body).includes("Sơn"));
});

test("a row that the server sealed opens as it was meant, by either code", async () => {
  const { code, typed, opened, ...sealed } = vectors.manifest;
  const list = new Manifest({ ...(await manifest()), ...sealed });
  for (const row of [await list.bySignedCode(bytesOf(code)), await list.byTypedCode(typed)]) {
    assert.deepEqual(row, { round: ROUND, ...opened });
  }
});

test("the nonce is on the disk before anything is sent", async () => {
  const world = await onDuty();
  world.server.answer = ({ body }) => {
    assert.ok(world.disk.kept.attempts.some(({ nonce }) => nonce === body.nonce));
    return { nonce: body.nonce, outcome: "redeemed" };
  };
  assert.equal((await world.desk.scan(HELD))?.outcome, "redeemed");
  assert.equal(world.disk.kept.attempts.length, 0);
  assert.equal(world.disk.kept.marks[0]?.out, 1, "marked before it is shown");
  assert.equal(world.disk.kept.records.length, 0);
});

test("without an answer in time the phone decides by itself, with the same nonce, and only once", async () => {
  const world = await onDuty();
  world.server.answer = never;
  const answer = await world.desk.scan(HELD);
  assert.equal(answer?.outcome, "redeemed");
  assert.ok(answer?.recorded);
  const [asked] = world.server.to("/redemptions");
  assert.equal(world.disk.kept.records[0]?.record.nonce, asked?.body.nonce);
  assert.equal(world.disk.kept.records[0]?.record.lease_epoch, 12);
  assert.equal((await world.desk.scan(TYPED))?.outcome, "already_redeemed");
});

test("once nobody answers, a held voucher is decided at once, without asking", async () => {
  const world = await onDuty();
  world.link.online = false;
  assert.equal((await world.desk.scan(HELD))?.outcome, "redeemed");
  assert.equal(world.server.asked.length, 0);
});

test("a voucher that is not held is never handed out without an answer; scanned again, it is the same question", async () => {
  const world = await onDuty();
  world.server.answer = () => {
    throw new NoAnswer("no network");
  };
  assert.equal((await world.desk.scan(OTHER))?.outcome, "no_network");
  world.clocks.wall += 60_000;
  world.server.answer = ({ body }) => ({ nonce: body.nonce, outcome: "redeemed" });
  assert.equal((await world.desk.scan(OTHER))?.outcome, "redeemed");
  const [first, second] = world.server.to("/redemptions");
  assert.deepEqual(first?.body, second?.body);
});

test("a voucher asked back from another phone is tried again with new nonces", async () => {
  const world = await onDuty();
  let tries = 0;
  world.server.answer = ({ body }) => {
    tries += 1;
    return tries < 3 ? { nonce: body.nonce, outcome: "leased_elsewhere", recall: "asked", held_at: "Bàn 2" } : { nonce: body.nonce, outcome: "redeemed" };
  };
  assert.equal((await world.desk.scan(OTHER))?.outcome, "redeemed");
  assert.equal(new Set(world.server.to("/redemptions").map(({ body }) => body.nonce)).size, 3);
});

test("a recalled voucher is given up before the server hears of it, and not handed out any more", async () => {
  const world = await onDuty();
  world.server.answer = ({ path }) => {
    assert.equal(path, "/leases/lease/returns");
    assert.ok(world.disk.kept.marks.some(({ given }) => given));
    return { state: "open", returned: 1 };
  };
  await world.duty.letGo("lease", [{ round: 12, serial: 2_540 }]);
  world.link.online = false;
  world.server.answer = never;
  assert.equal((await world.desk.scan(HELD))?.outcome, "no_network");
});

test("a recalled voucher that was handed out and not told yet is told first", async () => {
  const world = await onDuty();
  world.link.online = false;
  await world.desk.scan(HELD);
  world.server.answer = ({ path, body }) => (path === "/redemptions/batch" ? { results: body.items.map((/** @type {any} */ { nonce }) => ({ nonce, outcome: "redeemed" })) } : { state: "open", returned: 1 });
  await world.duty.letGo("lease", [{ round: 12, serial: 2_540 }]);
  assert.deepEqual(world.server.asked.map(({ path }) => path), ["/redemptions/batch", "/leases/lease/returns"]);
});

test("amber hands out within its caps, marks it, and not the same paper twice", async () => {
  const amber = { ...ROUND, offline: /** @type {const} */ ("amber"), amber: { in_a_row: 2, hours: 4 } };
  const world = await onDuty({ rounds: [amber] });
  world.phone.heard(true);
  world.link.online = false;
  const answer = await world.desk.scan(OTHER);
  assert.ok(answer?.amber && answer.recorded);
  assert.equal(world.disk.kept.records[0]?.record.lease_epoch, undefined);
  assert.equal((await world.desk.scan(OTHER))?.outcome, "already_redeemed");
  world.server.answer = ({ body }) => ({ results: body.items.map((/** @type {any} */ { nonce }) => ({ nonce, outcome: "redeemed" })) });
  await world.sync.run();
  const later = await phoneOn(world.disk);
  later.link.online = false;
  assert.equal((await later.desk.scan(OTHER))?.outcome, "already_redeemed", "also once it was told, and after a restart");
});

test("a typed code that opens no row is not sent into the void, where it would keep every amber voucher from being handed out", async () => {
  const amber = { ...ROUND, offline: /** @type {const} */ ("amber"), amber: { in_a_row: 2, hours: 4 } };
  const world = await onDuty({ rounds: [amber] });
  world.phone.heard(true);
  world.link.online = false;
  world.server.answer = never;
  const strange = await world.desk.scan("00000-00000");
  assert.equal(strange?.outcome, "no_network");
  assert.deepEqual([world.server.to("/redemptions").length, world.phone.attempts.size], [0, 0]);
  assert.ok((await world.desk.scan(OTHER))?.amber, "another voucher is still handed out");
  // The server is heard again: the code is asked about.
  world.link.probe = async () => world.link.heard(true);
  world.server.answer = ({ body }) => (body.items ? { results: body.items.map((/** @type {any} */ { nonce }) => ({ nonce, outcome: "redeemed" })) } : { nonce: body.nonce, outcome: "already_redeemed" });
  assert.equal((await world.desk.scan("00000-00000"))?.outcome, "already_redeemed");
});

test("what was handed out online to a voucher that is not held is not handed out again as amber", async () => {
  const amber = { ...ROUND, offline: /** @type {const} */ ("amber"), amber: { in_a_row: 2, hours: 4 } };
  const world = await onDuty({ rounds: [amber] });
  world.phone.heard(true);
  world.server.answer = ({ body }) => ({ nonce: body.nonce, outcome: "redeemed" });
  assert.equal((await world.desk.scan(OTHER))?.outcome, "redeemed");
  world.link.online = false;
  assert.equal((await world.desk.scan(OTHER))?.outcome, "already_redeemed");
});

test("a phone that was revoked hands out nothing, not even what it holds", async () => {
  const world = await onDuty();
  world.server.answer = () => {
    throw new Refused(401, { code: "device_revoked" });
  };
  assert.equal((await world.desk.scan(HELD))?.outcome, "device_revoked");
  world.link.online = false;
  assert.equal((await world.desk.scan(HELD))?.outcome, "device_revoked");
  assert.ok((await phoneOn(world.disk)).phone.revoked, "also after a restart");
});

test("a phone whose storage went back to an old state hands out nothing more, and still tells what it did", async () => {
  const world = await onDuty();
  const scan = { nonce: "00000000-0000-4000-8000-000000000009", code: OTHER, point_id: POINT, scanned_at: new Date(MORNING).toISOString(), units: 1, desk: "" };
  await world.phone.record(scan, null, 12);
  world.server.answer = ({ path, body }) => {
    if (path === "/redemptions/batch") return { results: body.items.map((/** @type {any} */ { nonce }) => ({ nonce, outcome: "redeemed" })) };
    throw new Refused(409, { code: "phone_rolled_back" });
  };
  await world.duty.refresh(0);
  assert.equal((await world.desk.scan(HELD))?.outcome, "phone_rolled_back");
  assert.ok((await phoneOn(world.disk)).phone.rolledBack, "also after a restart");
  assert.equal(await world.duty.leave(), "done", "the lease is the coordinator's to release; nothing is owed");
  assert.equal(world.phone.records.length, 0);
  assert.ok(!world.sync.owes());
});

test("a lease that was dropped does not come back with a late answer", async () => {
  const world = await onDuty();
  const { lease } = world.phone;
  await world.phone.drop(true);
  assert.equal(await world.phone.install(/** @type {any} */ (lease), await manifest()), false);
  assert.equal(world.phone.lease, null);
});

test("going off duty tells everything, lets the lease go, and only then reports", async () => {
  const world = await onDuty();
  world.link.online = false;
  await world.desk.scan(HELD);
  assert.equal(await world.duty.leave(), "unsent");
  assert.ok(world.phone.lease);
  world.server.answer = ({ path, body }) => {
    if (path === "/redemptions/batch") return { results: body.items.map((/** @type {any} */ { nonce }) => ({ nonce, outcome: "redeemed" })) };
    assert.equal(world.disk.kept.meta["lease"], undefined);
    return { state: "closed" };
  };
  assert.equal(await world.duty.leave(), "done");
  const report = world.server.asked.at(-1);
  assert.equal(report?.path, "/leases/lease/report");
  assert.deepEqual(report?.body, { last_sequence: 1, last_record_hash: world.phone.head.record_hash, rejected: [] });
});

test("a repeated question for a lease keeps the time of the first", async () => {
  const world = await onDuty();
  const post = { point_id: POINT, point: "Nhà văn hóa", desk: "Bàn 1", share: null };
  await assert.rejects(world.duty.take(post), NoAnswer);
  world.clocks.wall += 60_000;
  world.clocks.mono += 60_000;
  const body = await manifest();
  world.server.answer = ({ path }) =>
    path === "/leases"
      ? { id: "lease", epoch: 12, point_id: POINT, desk: "Bàn 1", server_time: "2021-08-05T00:00:00Z", use_until: "2021-08-05T12:00:00Z" }
      : path.startsWith("/points/") ? body : never();
  assert.ok(await world.duty.take(post));
  assert.equal(world.phone.lease?.asked_wall, MORNING);
  world.phone.lease = null;
});

/** A server that takes every record and answers every scan. @param {string} [outcome] */
const answering = (outcome = "already_redeemed") => (/** @type {any} */ { path, body }) =>
  path === "/redemptions/batch" ? { results: body.items.map((/** @type {any} */ { nonce }) => ({ nonce, outcome: "redeemed" })) }
    : path === "/redemptions" ? { nonce: body.nonce, outcome }
    : {};

/** @param {Awaited<ReturnType<typeof onDuty>>} world */
const paths = (world) => world.server.asked.map(({ path }) => path);

test("handed out offline and scanned again before the upload, a voucher is refused at once, and never asked about", async () => {
  for (const again of [HELD, TYPED]) {
    const world = await onDuty();
    world.link.online = false;
    await world.desk.scan(HELD);
    world.link.online = true;
    world.server.answer = answering("redeemed");
    const answer = await world.desk.scan(again);
    assert.equal(answer?.outcome, "already_redeemed");
    assert.ok(answer?.here);
    assert.equal(answer?.first?.at, world.disk.kept.records[0]?.record.scanned_at);
    assert.deepEqual(paths(world), []);
  }
});

test("what waits is remembered when its lease is dropped, over a reload and under the next lease", async () => {
  const world = await onDuty();
  world.link.online = false;
  await world.desk.scan(HELD);
  await world.phone.drop(false);
  const later = await phoneOn(world.disk);
  later.server.answer = answering("redeemed");
  assert.equal((await later.desk.scan(HELD))?.outcome, "already_redeemed", "no lease");
  const { lease } = /** @type {any} */ (await onDuty()).phone;
  await later.phone.install({ ...lease, id: "next", epoch: 13 }, await manifest());
  assert.equal((await later.desk.scan(TYPED))?.outcome, "already_redeemed", "the next lease holds it again");
  assert.deepEqual(later.server.asked, []);
  await later.sync.run();
  later.link.online = false;
  later.server.answer = never;
  assert.equal((await later.desk.scan(HELD))?.outcome, "no_network", "its list is older than the answer");
});

test("a typed code whose row is not here is asked about only after everything that waits was told", async () => {
  const world = await onDuty();
  world.link.online = false;
  await world.desk.scan(HELD);
  await world.phone.drop(false);
  world.link.online = true;
  world.server.answer = answering();
  assert.equal((await world.desk.scan(TYPED))?.outcome, "already_redeemed");
  assert.deepEqual(paths(world), ["/redemptions/batch", "/redemptions"]);
});

test("what waits and can't be told is no question, and no handover", async () => {
  const world = await onDuty();
  world.link.online = false;
  await world.desk.scan(HELD);
  await world.phone.drop(false);
  world.link.online = true;
  assert.equal((await world.desk.scan(TYPED))?.outcome, "not_told");
  assert.deepEqual(paths(world), ["/redemptions/batch"]);
});

test("a voucher for two is told before its second unit is asked for, and goes on offline where that fails", async () => {
  const world = await onDuty();
  const two = await manifestOf([{ code: bytesOf(HELD), typed: TYPED, serial: 2_540, name: "Thái Hữu Sơn", units: 2 }]);
  await world.phone.install(/** @type {any} */ (world.phone.lease), two);
  world.link.online = false;
  assert.equal((await world.desk.scan(TYPED))?.outcome, "redeemed");
  world.link.online = true;
  world.server.answer = answering("redeemed");
  assert.equal((await world.desk.scan(TYPED))?.outcome, "redeemed");
  assert.deepEqual(paths(world), ["/redemptions/batch", "/redemptions"]);
  const offline = await onDuty();
  await offline.phone.install(/** @type {any} */ (offline.phone.lease), two);
  offline.link.online = false;
  await offline.desk.scan(TYPED);
  offline.link.online = true;
  assert.ok((await offline.desk.scan(TYPED))?.recorded);
  assert.ok(!offline.server.to("/redemptions").length);
});

test("an undone handover is told with its undo before the voucher is asked about again", async () => {
  const world = await onDuty();
  world.link.online = false;
  const first = await world.desk.scan(HELD);
  await world.phone.undo(first?.nonce ?? "", world.desk.lastVoucher);
  assert.equal((await world.desk.scan(HELD))?.outcome, "not_told", "handed out again only online");
  world.server.asked = [];
  world.link.online = true;
  world.server.answer = answering("redeemed");
  assert.equal((await world.desk.scan(HELD))?.outcome, "redeemed");
  assert.deepEqual(paths(world), ["/redemptions/batch", `/redemptions/${first?.nonce}/reversal`, "/redemptions"]);
});

test("an amber record is told before its voucher is asked about, or leased and handed out", async () => {
  const amber = { ...ROUND, offline: /** @type {const} */ ("amber"), amber: { in_a_row: 2, hours: 4 } };
  const world = await onDuty({ rounds: [amber] });
  world.phone.heard(true);
  world.link.online = false;
  await world.desk.scan(OTHER);
  const claims = parseSigned(OTHER);
  if (typeof claims === "string") throw new Error(claims);
  const { round, serial, units } = claims.claims;
  const rows = await manifestOf([{ code: bytesOf(OTHER), typed: TYPED, serial, name: "Lan", units }], { rounds: [{ ...amber, number: round }] });
  await world.phone.install(/** @type {any} */ (world.phone.lease), rows);
  assert.notEqual((await world.desk.scan(TYPED))?.outcome, "redeemed", "its row came, and its record waits");
  world.link.online = true;
  world.server.answer = answering();
  assert.equal((await world.desk.scan(OTHER))?.outcome, "already_redeemed");
  assert.ok(!paths(world).includes("/redemptions") || paths(world)[0] === "/redemptions/batch");
});

test("a lost scan of a signed code is sent again, with its nonce, when the voucher comes back by its typed code", async () => {
  const world = await onDuty();
  await world.phone.asked({ nonce: "n", voucher: "lease/12:2540", asked_at: MORNING, body: { nonce: "n", code: HELD, point_id: POINT, scanned_at: new Date(MORNING).toISOString(), units: 1, desk: "" } });
  world.link.online = false;
  assert.ok((await world.desk.scan(TYPED))?.recorded);
  assert.deepEqual(world.disk.kept.records.map(({ record }) => [record.nonce, record.code]), [["n", HELD]]);
  assert.equal(world.disk.kept.attempts.length, 0);
});

test("what the server refused to a lost scan is asked again with a new nonce", async () => {
  const world = await onDuty();
  await world.desk.scan(OTHER);
  world.server.asked = [];
  world.server.answer = ({ body }) => {
    const first = world.server.asked.length === 1;
    return { nonce: body.nonce, outcome: first ? "out_of_stock" : "redeemed", replayed: first };
  };
  assert.equal((await world.desk.scan(OTHER))?.outcome, "redeemed");
  assert.equal(new Set(world.server.to("/redemptions").map(({ body }) => body.nonce)).size, 2);
});

test("a handover that was undone before its answer was heard is not green, and its voucher is handed out only online", async () => {
  const world = await onDuty();
  const reversed_at = "2021-08-05T00:20:00Z";
  world.server.answer = ({ body }) => ({ nonce: body.nonce, outcome: "redeemed", replayed: true, reversed_at });
  const answer = await world.desk.scan(HELD);
  assert.equal(answer?.outcome, "undone");
  assert.equal(world.disk.kept.attempts.length, 0, "settled");
  assert.equal(world.phone.today(), 0);
  world.link.online = false;
  world.server.answer = never;
  assert.equal((await world.desk.scan(HELD))?.outcome, "no_network");
  world.link.online = true;
  world.server.answer = answering("redeemed");
  world.server.asked = [];
  await world.phone.answered(/** @type {any} */ ([...world.phone.attempts.values()][0]), false);
  assert.equal((await world.desk.scan(HELD))?.outcome, "redeemed", "online, with a new nonce");
  assert.notEqual(world.server.to("/redemptions")[0]?.body.nonce, answer?.nonce);
});

test("a recalled voucher that waits under an earlier lease is told before it is let go", async () => {
  const world = await onDuty();
  world.link.online = false;
  await world.desk.scan(HELD);
  const { lease } = world.phone;
  await world.phone.drop(false);
  await world.phone.install({ .../** @type {any} */ (lease), id: "next", epoch: 13 }, await manifest());
  world.server.answer = answering();
  await world.duty.letGo("next", [{ round: 12, serial: 2_540 }]);
  assert.deepEqual(paths(world), ["/redemptions/batch", "/leases/next/returns"]);
});

test("a lease that ends while a person waits lets nothing be handed out of its list", async () => {
  const world = await onDuty();
  const { lease } = world.phone;
  world.server.answer = async () => {
    await world.phone.drop(false);
    await world.phone.install({ .../** @type {any} */ (lease), id: "next", epoch: 13 }, await manifest());
    throw new NoAnswer("no network");
  };
  assert.equal((await world.desk.scan(HELD))?.outcome, "no_network");
  assert.equal(world.disk.kept.records.length, 0);
});

test("a lease of whose end the phone never heard ends with the next: what waits of it is not handed out again from an old list", async () => {
  const world = await onDuty();
  const { lease } = world.phone;
  world.link.online = false;
  await world.desk.scan(HELD);
  await world.phone.install({ .../** @type {any} */ (lease), id: "next", epoch: 13 }, await manifest());
  assert.equal(await world.phone.install(/** @type {any} */ (lease), await manifest()), false, "the earlier one does not come back");
  world.server.answer = answering();
  await world.sync.run();
  const later = await phoneOn(world.disk);
  later.link.online = false;
  assert.equal((await later.desk.scan(HELD))?.outcome, "no_network");
});
