/**
 * What comes next for a voucher before the phone: told at once, uploaded first, decided alone, or asked, and under which nonce. The
 * rules of `docs/phone-protocol.md`, §5, that go across scans; the simulation of the protocol runs this very file. Pure.
 *
 * A voucher has several names here: under the lease, by its signed code without one, or none at all, when a typed code opened no row.
 * What may be the same voucher is treated as the same wherever that only costs time.
 * @module
 */
import { decideElsewhere, decideHeld } from "./decide.js";
import { looseKey, nameOf } from "./lease.js";

/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./types.js").Attempt} Attempt */
/** @typedef {import("./types.js").Collector} Collector */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").ScanBody} ScanBody */

/**
 * @typedef {object} Paper What is held before the phone.
 * @property {string} code As it is sent.
 * @property {string | null} voucher The mark's key; nothing for a typed code whose row is not here.
 * @property {{ units: number } | null} row Its row of the manifest.
 * @property {number | null} units Units that a signed code is good for.
 */

/**
 * @typedef {object} Memory What the phone remembers of its own doing.
 * @property {readonly { voucher: string | null, error?: unknown, record: { nonce: string, code: string, units: number, scanned_at: string } }[]} records
 *   Handovers that the server has not answered, or refused to take.
 * @property {ReadonlyMap<string, { voucher?: string | null }>} undos By nonce.
 * @property {ReadonlyMap<string, Attempt>} attempts Scans that were sent and not answered, by nonce.
 * @property {{ get(key: string): Mark | undefined }} marks
 * @property {{ id: string } | null} lease
 * @property {boolean} revoked
 * @property {boolean} rolledBack
 */

/** @typedef {{ units: number, collector: Collector | undefined }} Input What was asked of the person. */

/**
 * @typedef {{ step: "tell", decision: import("./decide.js").Decision }
 *   | { step: "upload" }
 *   | { step: "alone", attempt: Attempt | null }
 *   | { step: "ask", attempt: Attempt | null }} Step `attempt`: the scan that is sent again as it was, instead of a new one.
 */

/**
 * @param {Memory} own
 * @param {Paper} paper
 * @param {Input} input
 * @param {object} so
 * @param {boolean} so.online Whether the server was heard last.
 * @param {boolean} so.alone Whether the phone tried to decide alone and could not.
 * @param {boolean} so.uploaded Whether an upload was tried for this scan.
 * @returns {Step}
 */
export function nextStep(own, paper, input, { online, alone, uploaded }) {
  if (own.revoked) return tell("device_revoked");
  if (own.rolledBack) return tell("phone_rolled_back");
  const at = usedUp(own, paper);
  if (at !== null) return { step: "tell", decision: { outcome: "already_redeemed", at, here: true } };
  const attempt = openAttempt(own, paper, input);
  const owed = isOwed(own, paper);
  if (!alone && (!online || (owed && uploaded))) return { step: "alone", attempt };
  // Asked with a new nonce, the server would not know of what waits here.
  if (owed) return uploaded ? tell("not_told") : { step: "upload" };
  return { step: "ask", attempt };
}

/**
 * @param {string} outcome
 * @returns {Step}
 */
const tell = (outcome) => ({ step: "tell", decision: { outcome } });

/**
 * Whether two codes are of one voucher.
 * @param {string | null | undefined} key The other's mark key.
 * @param {string | null} code The other's code.
 * @param {Paper} paper
 * @returns {boolean | null} Nothing when it can't be told.
 */
function same(key, code, paper) {
  if (code === paper.code) return true;
  const [one, other] = [nameOf(key), nameOf(paper.voucher)];
  return one === null || other === null ? null : one === other;
}

/**
 * When this phone handed out all that a voucher is good for, as far as the server has not answered.
 * @param {Memory} own
 * @param {Paper} paper
 * @returns {number | null} Ms since 1970.
 */
function usedUp(own, paper) {
  const good = paper.units ?? paper.row?.units;
  const mine = own.records.filter(
    ({ voucher, error, record }) =>
      same(voucher, record.code, paper) === true && !own.undos.has(record.nonce) && !(error && own.marks.get(voucher ?? "")?.given),
  );
  const out = mine.reduce((sum, { record }) => sum + record.units, 0);
  if (good === undefined || mine.length === 0 || out < good) return null;
  return Math.max(...mine.map(({ record }) => Date.parse(record.scanned_at)));
}

/**
 * Whether something that this phone did with the voucher, or may have, is still to be told.
 * @param {Memory} own
 * @param {Paper} paper
 */
export function isOwed(own, paper) {
  return (
    own.records.some(({ voucher, error, record }) => !error && same(voucher, record.code, paper) !== false) ||
    [...own.undos.values()].some(({ voucher }) => same(voucher, null, paper) !== false)
  );
}

/**
 * The scan of this voucher that was sent and not answered: best one with the same input.
 * @param {Memory} own
 * @param {Paper} paper
 * @param {Input} input
 * @returns {Attempt | null}
 */
function openAttempt(own, paper, input) {
  const open = [...own.attempts.values()].filter(({ voucher, body }) => same(voucher, body.code, paper) === true);
  return open.find(({ body }) => !differs(body, input)) ?? open[0] ?? null;
}

/**
 * Whether a scan of what may be this voucher was sent and not answered: the server may have refused it, or handed it out.
 * @param {Memory} own
 * @param {Paper} paper
 */
function mayBeSent(own, paper) {
  return [...own.attempts.values()].some(({ voucher, body }) => same(voucher, body.code, paper) !== false);
}

/**
 * Whether a scan says other than what was asked of the person now.
 * @param {ScanBody} body
 * @param {Input} input
 */
export function differs(body, { units, collector }) {
  return body.units !== units || body.collector?.name !== collector?.name || body.collector?.relation !== collector?.relation;
}

/**
 * What this phone did with a voucher, under all its names. What was done under another name than its row's is of another lease, or of
 * none: the row may be older than that, so the phone alone hands it out no more.
 * @param {Memory} own
 * @param {Paper} paper
 * @returns {Mark | undefined}
 */
function markOf(own, paper) {
  const name = nameOf(paper.voucher);
  if (name === null || paper.voucher === null) return undefined;
  const here = own.marks.get(paper.voucher);
  const keys = [looseKey(name), ...(own.lease ? [`${own.lease.id}/${name}`] : [])];
  const others = keys.filter((key) => key !== paper.voucher).flatMap((key) => own.marks.get(key) ?? []);
  const told = others.filter(({ out, given }) => given || out > 0);
  if (told.length === 0) return here;
  const all = here ? [here, ...told] : told;
  return {
    key: paper.voucher,
    out: Math.max(...all.map(({ out }) => out)),
    given: paper.row !== null || all.some(({ given }) => given),
    at: Math.max(...all.map(({ at }) => at)),
  };
}

/**
 * What the phone decides without an answer.
 * @param {Memory} own
 * @param {Paper} paper
 * @param {object} facts
 * @param {ScanBody} facts.body
 * @param {import("./types.js").Row | null} facts.row
 * @param {boolean} facts.usable Whether the lease may still be used.
 * @param {boolean} facts.sent Whether this scan was sent to the server.
 * @param {Omit<Parameters<typeof decideElsewhere>[0], "mark" | "sent" | "units" | "collector" | "now"> | null} facts.elsewhere Of a signed code
 *   whose row is not here.
 * @param {number} facts.now
 * @returns {import("./decide.js").Decision}
 */
export function decideAlone(own, paper, { body, row, usable, sent, elsewhere, now }) {
  const facts = { units: body.units, collector: body.collector, now, mark: markOf(own, paper) };
  // A lease may end while a person waits: its row is worth nothing then.
  if (row) return decideHeld({ ...facts, row, usable: usable && own.lease !== null && paper.voucher === `${own.lease.id}/${nameOf(paper.voucher)}` });
  if (!elsewhere) return { outcome: "no_network" };
  return decideElsewhere({ ...facts, ...elsewhere, sent: sent || mayBeSent(own, paper) });
}

/**
 * What an answer of the server allows. A handover that was undone since it was answered, by a coordinator who could not know that this
 * phone would still hear of it, is none: nothing is handed out on it, and the voucher only online, with a new nonce.
 * @param {Answer} answer
 * @returns {{ shown: Answer, does: "hand_out" | "give_up" | "nothing" }}
 */
export function heard(answer) {
  if (answer.outcome !== "redeemed") return { shown: answer, does: "nothing" };
  if (answer.reversed_at) return { shown: { ...answer, outcome: "undone" }, does: "give_up" };
  return { shown: answer, does: "hand_out" };
}
