// What comes next for a voucher of which this phone has something to tell, under whatever name it knows it.
import assert from "node:assert/strict";
import test from "node:test";

import { nextStep } from "../step.js";
import { MORNING } from "./fakes.js";

const NONCE = "00000000-0000-4000-8000-000000000001";
const INPUT = { units: 1, collector: undefined };
/** @type {{ code: string, voucher: string | null, row: { units: number } | null, units: number | null }} */
const held = { code: "LL1:A", voucher: "lease/12:7", row: { units: 1 }, units: 1 };
const typed = { ...held, code: "AAAAA-AAAAA", units: null };
const unknown = { ...typed, voucher: null, row: null };
const loose = { ...held, voucher: "amber/12:7", row: null };

/** @param {{ voucher?: string | null, units?: number, error?: object, code?: string }} [change] */
const record = ({ voucher = "lease/12:7", units = 1, error, code = "LL1:A" } = {}) =>
  ({ voucher, ...(error ? { error } : {}), record: { nonce: NONCE, code, units, scanned_at: new Date(MORNING).toISOString() } });

/** @param {string | null} voucher @param {string} [code] @returns {import("../types.js").Attempt} */
const attempt = (voucher, code = "LL1:A") =>
  ({ nonce: NONCE, voucher, asked_at: MORNING, body: { nonce: NONCE, code, point_id: "", scanned_at: new Date(MORNING).toISOString(), units: 1, desk: "" } });

/** @param {Partial<import("../step.js").Memory>} change @returns {import("../step.js").Memory} */
const memory = (change) => ({ records: [], undos: new Map(), attempts: new Map(), marks: new Map(), lease: { id: "lease" }, revoked: false, rolledBack: false, ...change });

const FRESH = { online: true, alone: false, uploaded: false };
/** @param {Partial<import("../step.js").Memory>} own @param {import("../step.js").Paper} paper @param {Partial<typeof FRESH>} [so] */
const next = (own, paper, so) => nextStep(memory(own), paper, INPUT, { ...FRESH, ...so });

test("nothing waits: the server is asked, and without a network the phone tries alone first", () => {
  assert.deepEqual(next({}, held), { step: "ask", attempt: null });
  assert.deepEqual(next({}, held, { online: false }), { step: "alone", attempt: null });
  assert.deepEqual(next({}, held, { online: false, alone: true }), { step: "ask", attempt: null });
});

test("handed out by a record that waits, a voucher is refused at once, by either code and under whatever lease", () => {
  const already = { step: "tell", decision: { outcome: "already_redeemed", at: MORNING, here: true } };
  for (const voucher of ["lease/12:7", "older/12:7", "amber/12:7"]) {
    for (const paper of [held, typed, loose]) {
      for (const online of [true, false]) assert.deepEqual(next({ records: [record({ voucher })] }, paper, { online }), already);
    }
  }
});

test("a typed code that opens no row may be of any record that waits: that is told first, and nothing is asked before", () => {
  const own = { records: [record()] };
  assert.equal(next(own, unknown).step, "upload");
  assert.deepEqual(next(own, unknown, { uploaded: true, alone: true }), { step: "tell", decision: { outcome: "not_told" } });
  assert.equal(next({ records: [record({ voucher: "lease/12:8", code: "LL1:B" })] }, held).step, "ask", "another voucher's record does not matter");
});

test("a voucher with units left is told first, then asked; if it can't be told the phone decides alone", () => {
  const own = { records: [record()] };
  const paper = { ...held, units: 2, row: { units: 2 } };
  assert.equal(next(own, paper).step, "upload");
  assert.equal(next(own, paper, { uploaded: true }).step, "alone");
  assert.equal(next({}, paper, { uploaded: true }).step, "ask");
  assert.equal(next({ records: [record({ units: 2 })] }, paper).step, "tell");
});

test("an undo that waits is told first, with its record", () => {
  const undos = new Map([[NONCE, { voucher: "lease/12:7" }]]);
  assert.equal(next({ undos, records: [record()] }, held).step, "upload");
  assert.equal(next({ undos }, held).step, "upload");
  assert.equal(next({ undos }, unknown).step, "upload");
  assert.equal(next({ undos }, { ...held, voucher: "lease/12:8", code: "LL1:B" }).step, "ask");
});

test("what the server refused to record was handed out all the same, and waits for nothing", () => {
  const own = { records: [record({ error: { code: "invalid" } })] };
  assert.equal(next(own, held).step, "tell");
  assert.equal(next(own, unknown).step, "ask");
});

test("a scan whose answer was lost is sent again as it was, by whichever code the voucher comes back", () => {
  const lost = attempt("lease/12:7");
  const own = { attempts: new Map([[NONCE, lost]]) };
  assert.deepEqual(next(own, typed), { step: "ask", attempt: lost });
  assert.deepEqual(next({ attempts: new Map([[NONCE, attempt(null, unknown.code)]]) }, unknown).step, "ask");
  assert.deepEqual(next({ attempts: new Map([[NONCE, attempt("amber/12:9", "LL1:Z")]]) }, held), { step: "ask", attempt: null });
});

test("a phone that must stop says so before anything else", () => {
  assert.deepEqual(next({ revoked: true, records: [record()] }, held), { step: "tell", decision: { outcome: "device_revoked" } });
  assert.deepEqual(next({ rolledBack: true }, held), { step: "tell", decision: { outcome: "phone_rolled_back" } });
});
