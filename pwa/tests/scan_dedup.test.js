// Which of the papers before the camera is meant: where the white frame lies in the picture, and which sightings count.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";

import { centreOf, frameInPicture, inFrame, toRead } from "../frame.js";
import { AWAY_MS, Sight, TOGETHER_MS } from "../scan_dedup.js";

/** Between two looks of an ordinary phone, in ms. */
const PACE = 100;

/**
 * Looks at the same thing some times.
 * @param {Sight} sight
 * @param {string[]} codes
 * @param {number} from
 * @param {number} until
 * @returns {{ taken: string[], together: number }} What was taken, and the most that lay together.
 */
function stare(sight, codes, from, until) {
  const taken = [];
  let together = 0;
  for (let now = from; now <= until; now += PACE) {
    const look = sight.look(codes, now);
    if (look.take !== null) taken.push(look.take);
    together = Math.max(together, look.together);
  }
  return { taken, together };
}

test("one code in the frame is taken at the second look, once, and again only after it was away", () => {
  const sight = new Sight();
  assert.deepEqual(sight.look(["a"], 0), { take: null, together: 0, again: true });
  assert.equal(sight.look(["a"], PACE).take, "a");
  assert.deepEqual(stare(sight, ["a"], 2 * PACE, 3 * AWAY_MS).taken, [], "it lies there");
  assert.deepEqual(stare(sight, [], 3 * AWAY_MS, 4 * AWAY_MS - PACE).taken, []);
  assert.deepEqual(stare(sight, ["a"], 4 * AWAY_MS - PACE, 4 * AWAY_MS + PACE).taken, [], "away too shortly");
  assert.deepEqual(stare(sight, ["a"], 6 * AWAY_MS, 6 * AWAY_MS + PACE).taken, ["a"]);
});

test("the second look may come late when every look takes long", () => {
  const sight = new Sight();
  sight.look(["a"], 0);
  assert.equal(sight.look(["a"], 5_000).take, "a");
  sight.look([], 5_100);
  sight.look(["b"], 6_000);
  sight.look([], 6_100);
  assert.equal(sight.look(["b"], 9_000).take, null, "seen once long ago is not seen twice");
});

test("of two codes in the frame neither is taken; when one leaves, the other is, at once", () => {
  const sight = new Sight();
  assert.deepEqual(stare(sight, ["a", "b"], 0, 10_000), { taken: [], together: 2 });
  const alone = stare(sight, ["b"], 10_000 + PACE, 10_000 + TOGETHER_MS + 2 * PACE);
  assert.deepEqual(alone.taken, ["b"]);
  assert.equal(sight.look(["b"], 11_000).together, 0);
});

test("with slow looks, too, two codes are told apart from one, and the one that is left is taken once it was seen alone twice", () => {
  const sight = new Sight();
  for (let now = 0; now < 5_000; now += 1_000) assert.deepEqual(sight.look(["a", "b"], now), { take: null, together: 2, again: false });
  assert.deepEqual(sight.look(["b"], 5_000), { take: null, together: 0, again: true }, "the other may only have been unreadable");
  assert.equal(sight.look(["b"], 5_300).take, "b");
});

test("two codes of which each picture shows only one sharply are two", () => {
  const sight = new Sight();
  for (let now = 0; now < 10_000; now += PACE) assert.equal(sight.look([(now / PACE) % 2 === 0 ? "a" : "b"], now).take, null);
});

test("the code that was not taken is not held back afterwards", () => {
  const sight = new Sight();
  stare(sight, ["a", "b"], 0, 1_000);
  assert.deepEqual(stare(sight, ["a"], 1_100, 2_000).taken, ["a"]);
  sight.resume(4_000);
  assert.deepEqual(stare(sight, ["b"], 4_100, 4_200).taken, ["b"], "without any wait");
});

test("the next paper is taken soon after the one before it left", () => {
  const sight = new Sight();
  assert.deepEqual(stare(sight, ["a"], 0, 1_000).taken, ["a"]);
  const after = stare(sight, ["b"], 1_100, 1_100 + TOGETHER_MS + PACE);
  assert.deepEqual(after, { taken: ["b"], together: 0 });
});

test("what lay in the frame when a result came is not new when the result goes; what had left before is", () => {
  const sight = new Sight();
  stare(sight, ["a"], 0, PACE);
  stare(sight, [], 2 * PACE, 3_000);
  stare(sight, ["b"], 3_000, 3_100);
  sight.resume(60_000);
  assert.deepEqual(stare(sight, ["b"], 60_000, 62_000).taken, [], "it lay under the result");
  assert.deepEqual(stare(sight, ["a"], 63_000, 63_100).taken, ["a"]);
});

test("two prints of one voucher are one paper, and an advertisement beside a voucher is none", async () => {
  const vectors = JSON.parse(await readFile(new URL("../../tests/data/phone_vectors.json", import.meta.url), "utf8"));
  const [one, other] = [vectors.signed[0].text, vectors.signatures[0].code];
  const sight = new Sight();
  assert.deepEqual(stare(sight, [`https://phuong.example/v/${one}`, one], 0, PACE), { taken: [one], together: 0 });
  assert.deepEqual(stare(new Sight(), [one, "https://zalo.me/phuong"], 0, PACE).taken, [one]);
  assert.deepEqual(stare(new Sight(), [one, other], 0, 1_000), { taken: [], together: 2 });
  assert.deepEqual(stare(new Sight(), ["https://zalo.me/phuong"], 0, PACE).taken, ["https://zalo.me/phuong"], "it gets an answer too");
});

test("the white frame is found in the picture, of which the viewfinder shows the middle", () => {
  // A picture that lies, in a viewfinder that stands: it is as high as the viewfinder, and its sides are cut off.
  const finder = { x: 0, y: 100, width: 360, height: 400 };
  const frame = { x: 60, y: 180, width: 240, height: 240 };
  const lies = frameInPicture({ width: 1280, height: 720 }, finder, frame);
  assert.deepEqual(round(lies), { x: 424, y: 144, width: 432, height: 432 });
  // One that stands: as wide, its top and bottom cut off.
  const stands = frameInPicture({ width: 720, height: 1280 }, finder, frame);
  assert.deepEqual(round(stands), { x: 120, y: 400, width: 480, height: 480 });
  // A frame that is cut off by the viewfinder's edge counts as far as it is seen.
  const low = frameInPicture({ width: 720, height: 1280 }, { ...finder, height: 200 }, { ...frame, y: 80 });
  assert.deepEqual(round(low), { x: 120, y: 440, width: 480, height: 400 });
  assert.equal(frameInPicture({ width: 720, height: 1280 }, finder, { x: 0, y: 0, width: 0, height: 0 }), null, "no frame, nothing read");
});

test("only codes whose centre lies in the frame count, wherever their edges are", () => {
  const picture = { width: 1280, height: 720 };
  const frame = { x: 424, y: 144, width: 432, height: 432 };
  const part = toRead(picture, frame);
  assert.deepEqual(part, { cut: { x: 208, y: 0, width: 864, height: 720 }, width: 864, height: 720 });
  const at = (/** @type {string} */ text, /** @type {number} */ x, /** @type {number} */ y) => ({ text, x: x - part.cut.x, y: y - part.cut.y });
  assert.deepEqual(inFrame([at("left", 423, 360), at("in", 425, 360), at("right", 857, 360), at("above", 640, 143), at("in", 500, 400), at("low", 640, 575)], part, frame), ["in", "low"]);
  // Drawn smaller than the camera's picture, the centres are told in what was drawn.
  const large = toRead({ width: 4000, height: 3000 }, { x: 1000, y: 500, width: 2000, height: 2000 });
  assert.ok(large.width * large.height <= 1_000_000 && large.width < large.cut.width);
  const scale = large.width / large.cut.width;
  const spots = [{ text: "in", x: 1010 * scale, y: 1500 * scale }, { text: "out", x: 990 * scale, y: 1500 * scale }];
  assert.deepEqual(inFrame(spots, large, { x: 1000, y: 500, width: 2000, height: 2000 }), ["in"]);
});

test("a detector tells the centre by corners or by a box", () => {
  const cornerPoints = [{ x: 10, y: 0 }, { x: 20, y: 10 }, { x: 10, y: 20 }, { x: 0, y: 10 }];
  assert.deepEqual(centreOf({ cornerPoints, boundingBox: { x: 100, y: 100, width: 2, height: 2 } }), { x: 10, y: 10 });
  assert.deepEqual(centreOf({ cornerPoints: [], boundingBox: { x: 100, y: 100, width: 2, height: 4 } }), { x: 101, y: 102 });
  assert.equal(centreOf({}), null);
});

/** @param {import("../frame.js").Box | null} box */
const round = (box) => box && Object.fromEntries(Object.entries(box).map(([name, value]) => [name, Math.round(value)]));
