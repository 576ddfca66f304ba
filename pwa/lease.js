/**
 * What a lease allows. Pure: the clocks come from outside.
 * @module
 */

/** @typedef {import("./types.js").Lease} Lease */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").Row} Row */

/**
 * @typedef {object} Clocks
 * @property {number} wall Ms since 1970, as the phone believes.
 * @property {number} mono Ms since the page was opened.
 * @property {number} latest The latest wall clock that was ever seen.
 */

/** A wall clock that jumps back by less is only being set right, in ms. */
const SLACK_MS = 5_000;

/**
 * A voucher's name under a lease.
 * @param {string} leaseId
 * @param {number} round Its number.
 * @param {number} serial
 */
export const markKey = (leaseId, round, serial) => `${leaseId}/${round}:${serial}`;

/**
 * The name of a voucher that was handed out without a lease, for as long as the phone is enrolled.
 * @param {number} round Its number.
 * @param {number} serial
 */
export const amberKey = (round, serial) => looseKey(`${round}:${serial}`);

/** @param {string} name A voucher's, of its round and serial. */
export const looseKey = (name) => `amber/${name}`;

/**
 * Which voucher a mark's key means, whatever the lease: its round and serial.
 * @param {string | null | undefined} key
 * @returns {string | null} Nothing for a typed code that opened no row.
 */
export const nameOf = (key) => (key ? key.slice(key.lastIndexOf("/") + 1) : null);

/**
 * Whether the phone may still hand out under the lease. The longer of both clocks counts (a monotonic one may stand while
 * the phone sleeps); a wall clock that ran backwards ends the use until the lease is refreshed.
 * @param {Lease} lease
 * @param {Clocks} clocks
 */
export function usable(lease, clocks) {
  if (clocks.wall < clocks.latest - SLACK_MS || clocks.wall < lease.asked_wall - SLACK_MS) return false;
  const byMono = lease.asked_mono === undefined ? 0 : clocks.mono - lease.asked_mono;
  return Math.max(byMono, clocks.wall - lease.asked_wall) < lease.lasts_ms;
}

/**
 * Units of a row that this phone may still hand out.
 * @param {Row} row
 * @param {Mark | undefined} mark
 */
export function unitsLeft(row, mark) {
  return mark?.given ? 0 : Math.max(0, row.units - (mark?.out ?? 0));
}
