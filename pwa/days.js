/**
 * Days and clock times in Asia/Ho_Chi_Minh (UTC+7, no summer time), whatever the phone's own zone is.
 * @module
 */

const ZONE_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
/** 2020-01-01, in days since 1970. */
const FIRST = 18_262;

/**
 * The day of a moment, since 2020-01-01.
 * @param {number} ms Since 1970.
 */
export const dayOf = (ms) => Math.floor((ms + ZONE_MS) / DAY_MS) - FIRST;

/**
 * The number of a day, since 2020-01-01.
 * @param {string} day `YYYY-MM-DD`.
 */
export const dayNumber = (day) => Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS) - FIRST;

/**
 * A day as people write it.
 * @param {number} day Since 2020-01-01.
 */
export function dayText(day) {
  const date = new Date((day + FIRST) * DAY_MS);
  return [two(date.getUTCDate()), two(date.getUTCMonth() + 1), date.getUTCFullYear()].join("/");
}

/**
 * A clock time, as `07:12`.
 * @param {number} ms Since 1970.
 */
export function clockText(ms) {
  const date = new Date(ms + ZONE_MS);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/**
 * A moment: the clock time, with the day when it is another.
 * @param {number} ms Since 1970.
 * @param {number} now Since 1970.
 */
export function momentText(ms, now) {
  return dayOf(ms) === dayOf(now) ? clockText(ms) : `${clockText(ms)} ${dayText(dayOf(ms))}`;
}

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0");
