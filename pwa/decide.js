/**
 * What the phone decides by itself when nobody answers: the server's rules (`src/redemption/rules.rs`), for the vouchers
 * that are leased to this phone alone, and the stricter ones of amber for others. Pure.
 * @module
 */
import { dayNumber, dayOf } from "./days.js";
import { unitsLeft } from "./lease.js";

/** @typedef {import("./types.js").Row} Row */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").Round} Round */
/** @typedef {import("./types.js").Collector} Collector */

/**
 * @typedef {object} Decision
 * @property {string} outcome The server's names, and `no_network`: only the server could tell.
 * @property {string[]} [fields] What must be asked first.
 * @property {number} [at] When it was handed out, ms since 1970.
 * @property {boolean} [here] Handed out by this very phone.
 */

/** @type {Decision} */
const HAND_OUT = Object.freeze({ outcome: "redeemed" });
const HOUR_MS = 3_600_000;

/**
 * A voucher whose row is here.
 * @param {object} facts
 * @param {Row} facts.row
 * @param {Mark | undefined} facts.mark
 * @param {boolean} facts.usable Whether the lease may still be used.
 * @param {number} facts.units
 * @param {Collector | undefined} facts.collector
 * @param {number} facts.now Ms since 1970.
 * @returns {Decision}
 */
export function decideHeld({ row, mark, usable, units, collector, now }) {
  if (mark?.given || !usable) return { outcome: "no_network" };
  const left = unitsLeft(row, mark);
  if (left === 0) return { outcome: "already_redeemed", ...(mark ? { at: mark.at, here: true } : {}) };
  const refused = byRound(row.round, now);
  if (refused) return refused;
  const { slot } = row;
  if (row.round.enforce_slots && slot && (now < slot.from || now >= slot.until)) return { outcome: "wrong_slot" };
  if (row.next_on > dayOf(now)) return { outcome: "too_soon" };
  const fields = [
    ...(units > left ? ["units"] : []),
    ...(row.round.collector_required && !collector ? ["collector"] : []),
  ];
  return fields.length > 0 ? { outcome: "needs_input", fields } : HAND_OUT;
}

/**
 * @param {Round} round
 * @param {number} now
 * @returns {Decision | null}
 */
function byRound(round, now) {
  const day = dayOf(now);
  if (round.status !== "open") return { outcome: "round_closed" };
  if (day < dayNumber(round.valid_from)) return { outcome: "not_yet_valid" };
  if (day > dayNumber(round.valid_until)) return { outcome: "expired" };
  return null;
}

/**
 * A signed code whose row is not here.
 * @param {object} facts
 * @param {import("./code.js").Claims} facts.claims
 * @param {"good" | "bad" | "unknown_key" | "withdrawn" | "unchecked"} facts.signature
 * @param {Round | undefined} facts.round
 * @param {number} facts.point This point's number.
 * @param {{ why: "handed_out" | "void" | "held", at: number } | null} facts.known
 * @param {Mark | undefined} facts.mark What this phone did with it before, without a lease.
 * @param {boolean} facts.sent Whether it was sent to the server, which may have answered in vain.
 * @param {{ inARow: number, contactAt: number }} facts.amber Amber handovers since the server last answered, and when that was.
 * @param {Collector | undefined} facts.collector
 * @param {number} facts.units
 * @param {number} facts.now
 * @returns {Decision}
 */
export function decideElsewhere(facts) {
  const { claims, signature, round, mark, known, now } = facts;
  if (signature === "bad") return { outcome: "bad_signature" };
  if (signature === "withdrawn") return { outcome: "revoked_key" };
  if (claims.point !== 0 && claims.point !== facts.point && round && !round.any_point) return { outcome: "wrong_point" };
  if (known?.why === "handed_out") return { outcome: "already_redeemed", ...(known.at ? { at: known.at } : {}) };
  if (known?.why === "void") return { outcome: "void" };
  if (mark?.given) return { outcome: "no_network" };
  if (mark && mark.out >= claims.units) return { outcome: "already_redeemed", at: mark.at, here: true };
  if (known?.why === "held") return { outcome: "leased_elsewhere" };
  const caps = round?.offline === "amber" ? round.amber : null;
  if (!round || !caps || facts.sent || signature !== "good") return { outcome: "no_network" };
  const refused = byRound(round, now);
  if (refused) return refused;
  const day = dayOf(now);
  if (day < claims.validFrom) return { outcome: "not_yet_valid" };
  if (day > claims.validUntil) return { outcome: "expired" };
  const { inARow, contactAt } = facts.amber;
  if (inARow >= caps.in_a_row || now - contactAt > caps.hours * HOUR_MS || now < contactAt) return { outcome: "no_network" };
  const fields = [
    ...(facts.units > claims.units - (mark?.out ?? 0) ? ["units"] : []),
    ...(round.collector_required && !facts.collector ? ["collector"] : []),
  ];
  return fields.length > 0 ? { outcome: "needs_input", fields } : HAND_OUT;
}
