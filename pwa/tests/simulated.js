/**
 * The decisions of the shipped phone for the simulation of the protocol (`tests/all/simulation`): one question a line, one answer a
 * line. Whatever is decided is decided in `step.js`, `decide.js` and `lease.js`; here questions only get their shape.
 */
import { readSync, writeSync } from "node:fs";

import { usable } from "../lease.js";
import { decideAlone, heard, isOwed, nextStep } from "../step.js";
import { ROUND } from "./fakes.js";

/** @typedef {import("../types.js").Attempt} Attempt */
/** @typedef {import("../types.js").Row} Row */

/**
 * @typedef {object} Question
 * @property {"step" | "alone" | "owed" | "heard"} ask
 * @property {{ code: string, voucher: string | null, held: boolean, units: number | null }} paper
 * @property {boolean} online
 * @property {boolean} uploaded
 * @property {boolean} revoked
 * @property {boolean} rolled_back
 * @property {boolean} amber Whether the round allows it.
 * @property {{ nonce: string, code: string, voucher: string | null, at: number }[]} records
 * @property {{ nonce: string, voucher: string | null }[]} undos
 * @property {{ nonce: string, code: string, voucher: string | null, at: number }[]} attempts
 * @property {import("../types.js").Mark[]} marks
 * @property {"held" | "handed_out" | null} known What the list says of a signed code without a row.
 * @property {{ id: string, asked_wall: number, lasts_ms: number } | null} lease
 * @property {number} now
 * @property {string} outcome
 * @property {string | null} reversed_at
 */

/** @param {string} nonce @param {string} code @param {number} at */
const body = (nonce, code, at) => ({ nonce, code, point_id: "", scanned_at: new Date(at).toISOString(), units: 1, desk: "" });
const INPUT = { units: 1, collector: undefined };
const ROW = { serial: 0, issue: 1, units: 1, members: 1, next_on: 0, slot: null, name: "" };
const CLAIMS = { kid: 1, round: ROUND.number, serial: 0, issue: 1, package: 1, point: 0, validFrom: 0, validUntil: 30_000, units: 1 };
const OPEN = { ...ROUND, valid_from: "2020-01-01", valid_until: "2099-01-01" };
const AMBER = { ...OPEN, offline: /** @type {const} */ ("amber"), amber: { in_a_row: 1_000, hours: 24 } };

/** @param {Question} question */
function situation(question) {
  const { paper, now } = question;
  const row = paper.held ? { ...ROW, round: OPEN } : null;
  const marks = new Map(question.marks.map((mark) => [mark.key, mark]));
  /** @type {import("../step.js").Memory} */
  const own = {
    records: question.records.map(({ nonce, code, voucher, at }) => ({ voucher, record: body(nonce, code, at) })),
    undos: new Map(question.undos.map((undo) => [undo.nonce, undo])),
    attempts: new Map(question.attempts.map(({ nonce, code, voucher, at }) => [nonce, { nonce, voucher, asked_at: at, body: body(nonce, code, at) }])),
    marks,
    lease: question.lease,
    revoked: question.revoked,
    rolledBack: question.rolled_back,
  };
  const lease = question.lease && { ...question.lease, epoch: 1, point_id: "", desk: "", share: null };
  const may = lease !== null && !own.revoked && !own.rolledBack && usable(lease, { wall: now, mono: 0, latest: now });
  /** @type {Parameters<typeof decideAlone>[2]["elsewhere"]} */
  const elsewhere = row || paper.units === null || lease === null ? null : {
    claims: CLAIMS, signature: "good", round: question.amber ? AMBER : OPEN, point: 1,
    known: question.known && { why: question.known, at: now }, amber: { inARow: 0, contactAt: now },
  };
  return { own, paper: { ...paper, row }, facts: { row, usable: may, elsewhere, now } };
}

/** @param {Question} question */
function answer(question) {
  if (question.ask === "heard") {
    const { outcome, reversed_at } = question;
    return { does: heard({ nonce: "", outcome, ...(reversed_at ? { reversed_at } : {}) }).does };
  }
  const { own, paper, facts } = situation(question);
  const { now, online, uploaded } = question;
  if (question.ask === "owed") return { owed: isOwed(own, paper) };
  if (question.ask === "alone") return { outcome: decideAlone(own, paper, { ...facts, body: body("", paper.code, now), sent: true }).outcome };
  for (let alone = false; ; alone = true) {
    const next = nextStep(own, paper, INPUT, { online, uploaded, alone });
    if (next.step === "tell") return { step: "tell", outcome: next.decision.outcome };
    if (next.step !== "alone") return { step: next.step, nonce: "attempt" in next ? (next.attempt?.nonce ?? null) : null };
    const lost = next.attempt?.body ?? body("", paper.code, now);
    const { outcome } = decideAlone(own, paper, { ...facts, body: lost, sent: false });
    if (outcome === "redeemed") return { step: "record", nonce: next.attempt?.nonce ?? null };
    if (outcome !== "no_network") return { step: "tell", outcome };
  }
}

const chunk = Buffer.alloc(65_536);
let rest = "";
for (;;) {
  const length = readSync(0, chunk);
  if (length === 0) break;
  const lines = (rest + chunk.toString("utf8", 0, length)).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) writeSync(1, `${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
