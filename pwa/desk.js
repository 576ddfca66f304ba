/**
 * One scan from the code to its answer: what waits for the voucher is told first, then the server is asked; decided alone only inside the
 * lease and with the same nonce. Which of these is `step.js`'s.
 * @module
 */
import { NoAnswer, Refused, TIMEOUT_MS } from "./api.js";
import { parseSigned, verify } from "./code.js";
import { amberKey, markKey } from "./lease.js";
import { decideAlone, differs, heard, isOwed, nextStep } from "./step.js";
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
 * @property {number | null} units Units that a signed code is good for.
 * @property {import("./types.js").Row | null} row
 * @property {string | null} voucher The mark's key; nothing for a typed code whose row is not here.
 */

export class Desk {
  /** The voucher in hand, while it is being decided. @type {string | null} */
  voucher = null;
  /** The voucher of the last answer. @type {string | null} */
  lastVoucher = null;
  #busy = false;
  /** Lost scans of typed codes that open no row of a manifest, by nonce. @type {{ of: object | null, nonces: Set<string> }} */
  #strange = { of: null, nonces: new Set() };

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
      await this.#recognise();
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
    return { code, signed: whole, units: whole?.claims.units ?? null, row, voucher };
  }

  /** A typed code that was sent before its row came is known by that row now. */
  async #recognise() {
    const { manifest, lease, attempts } = this.phone;
    if (!manifest || !lease) return;
    if (this.#strange.of !== manifest) this.#strange = { of: manifest, nonces: new Set() };
    for (const attempt of attempts.values()) {
      if (attempt.voucher !== null || this.#strange.nonces.has(attempt.nonce)) continue;
      const typed = parseTyped(attempt.body.code);
      const row = typeof typed === "string" ? null : await manifest.byTypedCode(typed.symbols);
      if (row) attempt.voucher = markKey(lease.id, row.round.number, row.serial);
      else this.#strange.nonces.add(attempt.nonce);
    }
  }

  /**
   * @param {Presented} presented
   * @param {Choice} choice
   * @returns {Promise<Answer>}
   */
  async #decide(presented, choice) {
    const tried = { alone: false, uploaded: false };
    for (;;) {
      const next = nextStep(this.phone, presented, input(choice), { online: this.link.online, ...tried });
      if (next.step === "tell") return this.#told(next.decision, this.#body(presented, choice), next.decision.here ? presented.row : null, false);
      if (next.step === "ask") {
        // What is sent and not answered keeps every voucher that it may be from being handed out here. What this phone does not
        // hold is sent to a server that is heard, not into the void.
        const strange = presented.row === null && next.attempt === null;
        if (strange && !this.link.online && !(await this.#hears())) return own("", "no_network");
        return this.#ask(presented, next.attempt, choice);
      }
      if (next.step === "upload") {
        tried.uploaded = true;
        await this.#upload(presented);
      } else {
        tried.alone = true;
        const alone = await this.#alone(presented, next.attempt?.body ?? this.#body(presented, choice), choice, false);
        if (alone.outcome !== "no_network") return alone;
      }
    }
  }

  /** Whether the server is heard again. */
  async #hears() {
    await Promise.race([this.link.probe().catch(() => {}), this.pause(PATIENCE_MS)]);
    return this.link.online;
  }

  /**
   * Tells the server what waits, for as long as a person waits for it.
   * @param {Presented} presented
   */
  async #upload(presented) {
    const telling = async () => {
      // A run that was under way may have passed the records already.
      if ((await this.sync.run()) && isOwed(this.phone, presented)) await this.sync.run();
    };
    const told = telling();
    // Nobody looks at what goes wrong once the person does not wait any more.
    told.catch(() => {});
    await Promise.race([told, this.pause(TIMEOUT_MS)]);
  }

  /**
   * A scan that was never sent.
   * @param {Presented} presented
   * @param {Choice} choice
   * @returns {ScanBody}
   */
  #body(presented, choice) {
    const { phone } = this;
    return {
      nonce: phone.chance.uuid(),
      code: presented.code,
      point_id: phone.post?.point_id ?? "",
      scanned_at: new Date(phone.now()).toISOString(),
      units: choice.units ?? 1,
      desk: phone.settings.delivery ? DELIVERY : (phone.post?.desk ?? ""),
      ...(choice.collector ? { collector: choice.collector } : {}),
    };
  }

  /**
   * Asks the server; without an answer in time the phone decides by itself.
   * @param {Presented} presented
   * @param {Attempt | null} lost The scan whose answer was lost, sent again with its nonce and its body.
   * @param {Choice} choice
   * @returns {Promise<Answer>}
   */
  async #ask(presented, lost, choice) {
    const body = lost?.body ?? this.#body(presented, choice);
    const attempt = { nonce: body.nonce, body, voucher: presented.voucher ?? lost?.voucher ?? null, asked_at: this.phone.now() };
    await this.phone.asked(attempt);
    this.sync.busy.add(body.nonce);
    try {
      const answering = this.#call(attempt);
      const first = await Promise.race([answering, this.pause(PATIENCE_MS).then(() => null)]);
      if (first?.answer) {
        const answer = await this.#answered(presented, attempt, first.answer, choice);
        // What the server refused to the lost scan it may grant now, or to what was asked of the person meanwhile.
        const stale = lost !== null && isRefusal(answer) && (answer.replayed === true || differs(body, input(choice)));
        return stale ? await this.#ask(presented, null, choice) : answer;
      }
      if (first === null) this.link.heard(false);
      const alone = await this.#alone(presented, body, choice, true);
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
    const shown = await this.#settle(attempt, answer);
    if (shown.outcome !== "leased_elsewhere" || shown.recall !== "asked") return shown;
    return this.#recalled(presented, shown, choice);
  }

  /**
   * Writes an answer down, and what it allows.
   * @param {Attempt} attempt
   * @param {Answer} answer
   */
  async #settle(attempt, answer) {
    const { shown, does } = heard(answer);
    // Nobody will answer it any more; what it did, if it came through before, stays unknown here.
    if (shown.outcome === "device_revoked") return shown;
    if (does === "give_up") await this.phone.takenBack(attempt, answer);
    else await this.phone.answered(attempt, does === "hand_out", answer);
    return shown;
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
      last = await this.#settle(attempt, answer);
      if (last.outcome !== "leased_elsewhere") return last;
    }
    return last;
  }

  /**
   * What the phone says by itself. A handover is recorded before this returns.
   * @param {Presented} presented
   * @param {ScanBody} body
   * @param {Choice} choice
   * @param {boolean} sent
   * @returns {Promise<Answer>}
   */
  async #alone(presented, body, choice, sent) {
    const { phone } = this;
    const { row, signed, voucher } = presented;
    const elsewhere = row ? null : await this.#elsewhere(signed);
    const facts = { row, usable: phone.usable(), sent, elsewhere, now: phone.now() };
    const decision = decideAlone(phone, presented, { ...facts, body });
    // The lost scan lacked what the person has said since: the server's rules are these, and refused it too.
    if (decision.outcome === "needs_input" && differs(body, input(choice))) return this.#alone(presented, this.#body(presented, choice), choice, sent);
    const handsOut = decision.outcome === "redeemed";
    if (handsOut) await phone.record(body, voucher, row ? (phone.lease?.epoch ?? null) : null);
    return this.#told(decision, body, row, handsOut && !row);
  }

  /**
   * What can be known of a signed code whose row is not here.
   * @param {import("./code.js").Signed | null} signed
   */
  async #elsewhere(signed) {
    const { manifest, amber } = this.phone;
    if (!signed || !manifest) return null;
    const { body } = manifest;
    return {
      claims: signed.claims,
      signature: await verify(signed, body.keys, body.instance_id),
      round: body.rounds.find((round) => round.number === signed.claims.round),
      point: body.point.number,
      known: await manifest.knownOf(signed.bytes),
      amber,
    };
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
      ...(decision.here ? { here: true } : {}),
      ...(round ? { package: round.package, voucher: { serial: row?.serial ?? 0, round: round.name, units: row?.units ?? 1 } } : {}),
      ...(row ? { household: { head_name: row.name, members: row.members } } : {}),
      ...(round && (decision.outcome === "expired" || decision.outcome === "not_yet_valid")
        ? { valid: /** @type {[string, string]} */ ([round.valid_from, round.valid_until]) }
        : {}),
    };
  }
}

/**
 * What was asked of the person.
 * @param {Choice} choice
 */
const input = ({ units, collector }) => ({ units: units ?? 1, collector });

/** @param {Answer} answer */
const isRefusal = ({ outcome }) => outcome !== "redeemed" && outcome !== "undone";

/**
 * An answer of the phone's own.
 * @param {string} nonce
 * @param {string} outcome
 * @returns {Answer}
 */
const own = (nonce, outcome) => ({ nonce, outcome });

/**
 * @param {number} at
 * @param {import("./state.js").State} phone
 */
const firstHere = (at, phone) => ({
  first: { at: new Date(at).toISOString(), point: phone.manifest?.body.point.name ?? "", desk: "" },
});
