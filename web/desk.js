/**
 * One scan from the code to its answer: ask first, decide alone only inside the lease and with the same nonce.
 * @module
 */
import { NoAnswer, Refused, TIMEOUT_MS } from "./api.js";
import { parseSigned, verify } from "./code.js";
import { decideElsewhere, decideHeld } from "./decide.js";
import { amberKey, markKey } from "./lease.js";
import { grouped, parseTyped } from "./typed.js";

/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./types.js").Attempt} Attempt */
/** @typedef {import("./types.js").ScanBody} ScanBody */

/** After so long without an answer the phone decides by itself, in ms. */
export const PATIENCE_MS = 1_500;
/** When a voucher that was asked back from another phone is tried again, in ms. */
const RECALL_MS = [1_000, 2_000, 4_000, 8_000];

/** The desk of a phone that goes from door to door. */
const DELIVERY = "Giao tận nhà";

/**
 * @typedef {object} Choice
 * @property {import("./types.js").Collector} [collector]
 * @property {number} [units]
 * @property {AbortSignal} [signal] Ends the waiting for another phone.
 * @property {(what: "slow" | "recall", answer?: Answer) => void} [progress]
 */

/**
 * @typedef {object} Presented
 * @property {string} code As it is sent.
 * @property {import("./code.js").Signed | null} signed
 * @property {import("./types.js").Row | null} row
 * @property {string | null} voucher The mark's key; nothing for a typed code whose row is not here.
 */

export class Desk {
  /** The voucher in hand, while it is being decided. @type {string | null} */
  voucher = null;
  /** The voucher of the last answer. @type {string | null} */
  lastVoucher = null;
  #busy = false;

  /**
   * @param {import("./phone.js").Phone} phone
   * @param {import("./api.js").Api} api
   * @param {import("./link.js").Link} link
   * @param {import("./sync.js").Sync} sync
   * @param {(ms: number) => Promise<void>} pause
   */
  constructor(phone, api, link, sync, pause = (ms) => new Promise((later) => setTimeout(later, ms))) {
    this.phone = phone;
    this.api = api;
    this.link = link;
    this.sync = sync;
    this.pause = pause;
  }

  /**
   * Decides one scan; one at a time.
   * @param {string} text What the camera read or a person typed.
   * @param {Choice} [choice]
   * @returns {Promise<Answer | null>} Nothing while another is being decided.
   */
  async scan(text, choice = {}) {
    if (this.#busy) return null;
    this.#busy = true;
    try {
      const presented = await this.#read(text);
      if (typeof presented === "string") return own("", presented);
      this.voucher = this.lastVoucher = presented.voucher;
      return await this.#decide(presented, choice);
    } finally {
      this.#busy = false;
      this.voucher = null;
    }
  }

  /**
   * @param {string} text
   * @returns {Promise<Presented | string>} Or why it is no code at all.
   */
  async #read(text) {
    const { manifest, lease } = this.phone;
    const signed = parseSigned(text);
    if (signed === "malformed") return "malformed_code";
    let row = null;
    let code = "";
    if (signed === "foreign") {
      const typed = parseTyped(text);
      if (typeof typed === "string") return /^\s*[a-z0-9 \-_.]{1,20}\s*$/i.test(text) ? `typed_${typed}` : "not_a_voucher";
      code = grouped(typed.symbols);
      row = (await manifest?.byTypedCode(typed.symbols)) ?? null;
    } else {
      code = signed.text;
      row = (await manifest?.bySignedCode(signed.bytes)) ?? null;
    }
    const whole = signed === "foreign" ? null : signed;
    const voucher = row && lease ? markKey(lease.id, row.round.number, row.serial)
      : whole ? amberKey(whole.claims.round, whole.claims.serial)
      : null;
    return { code, signed: whole, row, voucher };
  }

  /**
   * @param {Presented} presented
   * @param {Choice} choice
   * @returns {Promise<Answer>}
   */
  async #decide(presented, choice) {
    if (this.phone.revoked) return own("", "device_revoked");
    if (this.phone.rolledBack) return own("", "phone_rolled_back");
    const body = this.#body(presented, choice);
    if (!this.link.online) {
      const alone = await this.#alone(presented, body, false);
      if (alone.outcome !== "no_network") return alone;
    }
    return this.#ask(presented, body, choice);
  }

  /**
   * The scan to be sent. A scan of the same code whose answer was lost is sent again, with its nonce and its body.
   * @param {Presented} presented
   * @param {Choice} choice
   * @returns {ScanBody}
   */
  #body(presented, choice) {
    const { phone } = this;
    const units = choice.units ?? 1;
    const lost = [...phone.attempts.values()].find(
      ({ body }) =>
        body.code === presented.code && body.units === units && body.collector?.name === choice.collector?.name,
    );
    if (lost) return lost.body;
    return {
      nonce: phone.chance.uuid(),
      code: presented.code,
      point_id: phone.post?.point_id ?? "",
      scanned_at: new Date(phone.now()).toISOString(),
      units,
      desk: phone.settings.delivery ? DELIVERY : (phone.post?.desk ?? ""),
      ...(choice.collector ? { collector: choice.collector } : {}),
    };
  }

  /**
   * Asks the server; without an answer in time the phone decides by itself.
   * @param {Presented} presented
   * @param {ScanBody} body
   * @param {Choice} choice
   * @returns {Promise<Answer>}
   */
  async #ask(presented, body, choice) {
    const attempt = { nonce: body.nonce, body, voucher: presented.voucher, asked_at: this.phone.now() };
    await this.phone.asked(attempt);
    this.sync.busy.add(body.nonce);
    try {
      const answering = this.#call(attempt);
      const first = await Promise.race([answering, this.pause(PATIENCE_MS).then(() => null)]);
      if (first?.answer) return await this.#answered(presented, attempt, first.answer, choice);
      if (first === null) this.link.heard(false);
      const alone = await this.#alone(presented, body, true);
      if (alone.outcome !== "no_network" || first !== null) return alone;
      choice.progress?.("slow");
      const late = await Promise.race([answering, this.pause(TIMEOUT_MS).then(() => null)]);
      return late?.answer ? await this.#answered(presented, attempt, late.answer, choice) : alone;
    } finally {
      this.sync.busy.delete(body.nonce);
    }
  }

  /**
   * @param {Attempt} attempt
   * @returns {Promise<{ answer?: Answer }>} Without an answer when nobody gave one.
   */
  async #call(attempt) {
    try {
      return { answer: await this.api.call("POST", "/redemptions", { body: attempt.body }) };
    } catch (error) {
      if (error instanceof NoAnswer) return {};
      if (!(error instanceof Refused)) throw error;
      if (error.code === "device_revoked") {
        await this.phone.wasRevoked();
        return { answer: own(attempt.nonce, "device_revoked") };
      }
      return { answer: { ...own(attempt.nonce, error.code), message: error.message } };
    }
  }

  /**
   * @param {Presented} presented
   * @param {Attempt} attempt
   * @param {Answer} answer
   * @param {Choice} choice
   * @returns {Promise<Answer>}
   */
  async #answered(presented, attempt, answer, choice) {
    await this.phone.answered(attempt, answer.outcome === "redeemed");
    if (answer.outcome !== "leased_elsewhere" || answer.recall !== "asked") return answer;
    return this.#recalled(presented, answer, choice);
  }

  /**
   * The phone that holds the voucher was asked to let it go: tried again with new nonces for some seconds.
   * @param {Presented} presented
   * @param {Answer} refusal
   * @param {Choice} choice
   */
  async #recalled(presented, refusal, choice) {
    let last = refusal;
    for (const ms of RECALL_MS) {
      choice.progress?.("recall", last);
      await this.pause(ms);
      if (choice.signal?.aborted) return last;
      const body = this.#body(presented, choice);
      const attempt = { nonce: body.nonce, body, voucher: presented.voucher, asked_at: this.phone.now() };
      await this.phone.asked(attempt);
      const { answer } = await this.#call(attempt);
      if (!answer) return last;
      await this.phone.answered(attempt, answer.outcome === "redeemed");
      if (answer.outcome !== "leased_elsewhere") return answer;
      last = answer;
    }
    return last;
  }

  /**
   * What the phone says by itself. A handover is recorded before this returns.
   * @param {Presented} presented
   * @param {ScanBody} body
   * @param {boolean} sent
   * @returns {Promise<Answer>}
   */
  async #alone(presented, body, sent) {
    const { phone } = this;
    const { row, signed, voucher } = presented;
    const facts = { units: body.units, collector: body.collector, now: phone.now() };
    if (row && voucher) {
      const held = decideHeld({ ...facts, row, mark: phone.marks.get(voucher), usable: phone.usable() });
      if (held.outcome === "redeemed") await phone.record(body, voucher, phone.lease?.epoch ?? null);
      return this.#told(held, body, row, false);
    }
    const { manifest } = phone;
    if (!signed || !manifest) return own(body.nonce, "no_network");
    const elsewhere = decideElsewhere({
      ...facts,
      mark: phone.marks.get(voucher ?? ""),
      sent,
      claims: signed.claims,
      signature: await verify(signed, manifest.body.keys, manifest.body.instance_id),
      round: manifest.body.rounds.find((round) => round.number === signed.claims.round),
      point: manifest.body.point.number,
      known: await manifest.knownOf(signed.bytes),
      amber: phone.amber,
    });
    const amber = elsewhere.outcome === "redeemed";
    if (amber) await phone.record(body, voucher, null);
    return this.#told(elsewhere, body, null, amber);
  }

  /**
   * @param {import("./decide.js").Decision} decision
   * @param {ScanBody} body
   * @param {import("./types.js").Row | null} row
   * @param {boolean} amber
   * @returns {Answer}
   */
  #told(decision, body, row, amber) {
    const round = row?.round ?? null;
    const recorded = decision.outcome === "redeemed";
    return {
      ...own(body.nonce, decision.outcome),
      recorded,
      amber,
      ...(decision.fields ? { fields: decision.fields } : {}),
      ...(recorded ? { redeemed_at: body.scanned_at } : {}),
      ...(decision.at ? firstHere(decision.at, this.phone) : {}),
      ...(round ? { package: round.package, voucher: { serial: row?.serial ?? 0, round: round.name, units: row?.units ?? 1 } } : {}),
      ...(row ? { household: { head_name: row.name, members: row.members } } : {}),
      ...(round && (decision.outcome === "expired" || decision.outcome === "not_yet_valid")
        ? { valid: /** @type {[string, string]} */ ([round.valid_from, round.valid_until]) }
        : {}),
    };
  }
}

/**
 * An answer of the phone's own.
 * @param {string} nonce
 * @param {string} outcome
 * @returns {Answer}
 */
const own = (nonce, outcome) => ({ nonce, outcome });

/**
 * @param {number} at
 * @param {import("./phone.js").Phone} phone
 */
const firstHere = (at, phone) => ({
  first: { at: new Date(at).toISOString(), point: phone.manifest?.body.point.name ?? "", desk: "" },
});
