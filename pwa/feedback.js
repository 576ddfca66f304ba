/**
 * What is heard and felt without looking: one beep, hand over; two, look first; three, don't. And the screen that stays lit.
 * @module
 */

/** @type {AudioContext | null} */
let audio = null;

/** Sound must be unlocked by a tap: called from the start button. */
export function unlockSound() {
  try {
    audio ??= new AudioContext();
    audio.resume();
  } catch {
    audio = null;
  }
}

/** @type {Record<import("./view.js").View["tone"], { beeps: number, pitch: number, shake: number[] }>} */
const FEEL = {
  go: { beeps: 1, pitch: 1320, shake: [80] },
  recorded: { beeps: 1, pitch: 990, shake: [80] },
  amber: { beeps: 2, pitch: 660, shake: [120, 90, 120] },
  stop: { beeps: 3, pitch: 330, shake: [200, 90, 200, 90, 200] },
};

/**
 * @param {import("./view.js").View["tone"]} tone
 * @param {boolean} sound
 */
export function feel(tone, sound) {
  const { beeps, pitch, shake } = FEEL[tone];
  // Not on iPhones.
  navigator.vibrate?.(shake);
  if (!sound || !audio) return;
  for (let i = 0; i < beeps; i += 1) beep(audio, audio.currentTime + i * 0.18, pitch);
}

/**
 * @param {AudioContext} context
 * @param {number} at
 * @param {number} pitch
 */
function beep(context, at, pitch) {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.type = "square";
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.25, at + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.12);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.13);
}

/** @type {WakeLockSentinel | null} */
let lamp = null;

/**
 * Keeps the screen lit, or lets it sleep. Browsers drop the lock when the page is hidden: ask again when it is back.
 * @param {boolean} on
 */
export async function keepLit(on) {
  try {
    if (!on) await lamp?.release();
    lamp = on ? await navigator.wakeLock.request("screen") : null;
  } catch {
    // Refused when the battery is low, or unknown to the browser: the screen sleeps as usual.
    lamp = null;
  }
}
