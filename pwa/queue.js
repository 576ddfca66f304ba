/**
 * The chain of records: each holds the hash of the one before, so that a rolled back storage shows. Byte for byte as in
 * `docs/phone-protocol.md`, §7.
 * @module
 */
import { concat, fromHex, number, sha256, toHex, utf8, uuidBytes } from "./bytes.js";

/** @typedef {import("./types.js").QueueRecord} QueueRecord */
/** @typedef {import("./types.js").ChainHead} ChainHead */

/** The chain's end before the first record. @type {Readonly<ChainHead>} */
export const EMPTY = Object.freeze({ sequence: 0, record_hash: "" });
const BEFORE_FIRST = "0".repeat(64);

/** @param {string} text */
function counted(text) {
  const bytes = utf8(text);
  return concat(number(bytes.length, 2), bytes);
}

/**
 * A record's hash, in hex.
 * @param {QueueRecord} record
 * @param {string} deviceId
 */
export async function hashOf(record, deviceId) {
  return toHex(
    await sha256(
      concat(
        utf8("lalanh-record-v1\0"),
        fromHex(record.previous_hash),
        uuidBytes(deviceId),
        number(record.sequence, 8),
        uuidBytes(record.nonce),
        uuidBytes(record.point_id),
        number(record.lease_epoch ?? 0, 8),
        number(Date.parse(record.scanned_at), 8),
        number(record.units, 1),
        number(record.handed_out ? 1 : 0, 1),
        counted(record.code),
        counted(record.desk),
        counted(record.collector?.name ?? ""),
        counted(record.collector?.relation ?? ""),
      ),
    ),
  );
}

/**
 * The next record of the chain.
 * @param {ChainHead} head The chain's end.
 * @param {import("./types.js").ScanBody} scan What was handed out.
 * @param {number | null} leaseEpoch The lease under which it was; nothing for amber.
 * @param {string} deviceId
 * @returns {Promise<{ record: QueueRecord, head: ChainHead }>} The record and the chain's new end.
 */
export async function append(head, scan, leaseEpoch, deviceId) {
  /** @type {QueueRecord} */
  const record = {
    ...scan,
    sequence: head.sequence + 1,
    previous_hash: head.sequence === 0 ? BEFORE_FIRST : head.record_hash,
    ...(leaseEpoch === null ? {} : { lease_epoch: leaseEpoch }),
    handed_out: true,
  };
  return { record, head: { sequence: record.sequence, record_hash: await hashOf(record, deviceId) } };
}
