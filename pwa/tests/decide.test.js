// What the phone decides by itself.
import assert from "node:assert/strict";
import test from "node:test";

import { dayNumber, dayOf, dayText, momentText } from "../days.js";
import { decideElsewhere, decideHeld } from "../decide.js";
import { usable } from "../lease.js";
import { MORNING, ROUND } from "./fakes.js";

const HOUR = 3_600_000;
const row = { round: ROUND, serial: 7, issue: 1, units: 1, members: 4, next_on: 0, slot: null, name: "Thái Hữu Sơn" };
const held = { row, mark: undefined, usable: true, units: 1, collector: undefined, now: MORNING };
/** @param {Partial<typeof ROUND>} change */
const inRound = (change) => ({ ...held, row: { ...row, round: { ...ROUND, ...change } } });

test("a leased voucher is handed out once", () => {
  assert.equal(decideHeld(held).outcome, "redeemed");
  const mark = { key: "", out: 1, given: false, at: MORNING };
  assert.deepEqual(decideHeld({ ...held, mark }), { outcome: "already_redeemed", at: MORNING, here: true });
});

test("nothing is handed out past the lease, or of what was given up", () => {
  assert.equal(decideHeld({ ...held, usable: false }).outcome, "no_network");
  assert.equal(decideHeld({ ...held, mark: { key: "", out: 0, given: true, at: 0 } }).outcome, "no_network");
});

test("days are days in Vietnam, the first and the last inclusive", () => {
  const midnight = Date.parse("2021-08-05T00:00:00+07:00");
  assert.equal(decideHeld({ ...held, now: midnight - 1 }).outcome, "not_yet_valid");
  assert.equal(decideHeld({ ...held, now: midnight }).outcome, "redeemed");
  assert.equal(decideHeld({ ...held, now: midnight + 48 * HOUR - 1 }).outcome, "redeemed");
  assert.equal(decideHeld({ ...held, now: midnight + 48 * HOUR }).outcome, "expired");
});

test("slots, intervals, closed rounds, collectors and units count as on the server", () => {
  const slot = { from: MORNING + HOUR, until: MORNING + 2 * HOUR };
  const slotted = { ...held, row: { ...row, slot, round: { ...ROUND, enforce_slots: true } } };
  assert.equal(decideHeld(slotted).outcome, "wrong_slot");
  assert.equal(decideHeld({ ...slotted, now: slot.from }).outcome, "redeemed");
  assert.equal(decideHeld({ ...slotted, now: slot.until }).outcome, "wrong_slot");
  assert.equal(decideHeld({ ...held, row: { ...row, next_on: dayOf(MORNING) + 1 } }).outcome, "too_soon");
  assert.equal(decideHeld(inRound({ status: "paused" })).outcome, "round_closed");
  assert.deepEqual(decideHeld(inRound({ collector_required: true })).fields, ["collector"]);
  assert.deepEqual(decideHeld({ ...held, units: 2 }).fields, ["units"]);
});

const claims = { kid: 3, round: 12, serial: 7, issue: 1, package: 2, point: 5, validFrom: dayOf(MORNING), validUntil: dayOf(MORNING) + 1, units: 1 };
/** @type {Parameters<typeof decideElsewhere>[0]} */
const strange = {
  claims, signature: "good", round: ROUND, point: 5, mark: undefined, known: null, sent: false, amber: { inARow: 0, contactAt: MORNING }, collector: undefined, units: 1, now: MORNING,
};
const amber = { ...strange, round: { ...ROUND, offline: /** @type {const} */ ("amber"), amber: { in_a_row: 3, hours: 4 } } };

test("a voucher that is not leased is not handed out without a network", () => {
  assert.equal(decideElsewhere(strange).outcome, "no_network");
});

test("a forged, withdrawn, used or foreign voucher is told even without a network", () => {
  assert.equal(decideElsewhere({ ...strange, signature: "bad" }).outcome, "bad_signature");
  assert.equal(decideElsewhere({ ...strange, signature: "withdrawn" }).outcome, "revoked_key");
  assert.equal(decideElsewhere({ ...strange, point: 6 }).outcome, "wrong_point");
  assert.deepEqual(decideElsewhere({ ...strange, known: { why: "handed_out", at: 5 } }), { outcome: "already_redeemed", at: 5 });
  assert.equal(decideElsewhere({ ...strange, known: { why: "held", at: 0 } }).outcome, "leased_elsewhere");
});

test("amber hands out what nothing speaks against, within its caps, and never what was sent and not answered", () => {
  assert.equal(decideElsewhere(amber).outcome, "redeemed");
  assert.equal(decideElsewhere({ ...amber, sent: true }).outcome, "no_network");
  assert.equal(decideElsewhere({ ...amber, signature: "unchecked" }).outcome, "no_network");
  assert.equal(decideElsewhere({ ...amber, amber: { inARow: 3, contactAt: MORNING } }).outcome, "no_network");
  assert.equal(decideElsewhere({ ...amber, now: MORNING + 4 * HOUR + 1 }).outcome, "no_network");
  assert.equal(decideElsewhere({ ...amber, known: { why: "void", at: 0 } }).outcome, "void");
});

test("a lease is used for as long as the longer clock says, and not after the wall clock ran backwards", () => {
  const lease = { id: "l", epoch: 1, point_id: "p", desk: "", share: null, lasts_ms: 12 * HOUR, asked_wall: MORNING, asked_mono: 1_000 };
  const at = (/** @type {number} */ wall, /** @type {number} */ mono, latest = wall) => usable(lease, { wall, mono, latest });
  assert.ok(at(MORNING + HOUR, 1_000 + HOUR));
  assert.ok(!at(MORNING + 12 * HOUR, 1_000), "the phone slept: its monotonic clock stood");
  assert.ok(!at(MORNING + HOUR, 1_000 + 12 * HOUR), "the wall clock was set back");
  assert.ok(!at(MORNING + HOUR, 1_000 + HOUR, MORNING + 2 * HOUR), "the wall clock ran backwards");
});

test("days and times are written as people write them", () => {
  assert.equal(dayText(dayNumber("2021-08-05")), "05/08/2021");
  assert.equal(momentText(MORNING, MORNING + HOUR), "07:00");
  assert.equal(momentText(MORNING, MORNING + 24 * HOUR), "07:00 05/08/2021");
});
