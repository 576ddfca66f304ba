// The codes, read by the phone as the server reads them: both go through the same vectors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { parseSigned, verify } from "../code.js";
import { grouped, parseTyped } from "../typed.js";

const vectors = JSON.parse(readFileSync(new URL("../../tests/data/phone_vectors.json", import.meta.url), "utf8"));

test("every form of a signed code is read, and every other text told apart, as the server does", () => {
  for (const { input, text, wrong, claims } of vectors.signed) {
    const read = parseSigned(input);
    if (wrong) assert.equal(read, wrong, input);
    else {
      assert.ok(typeof read === "object", input);
      assert.equal(read.text, text);
      assert.deepEqual(read.claims, claims);
    }
  }
});

test("signatures are believed as the server believes them", async () => {
  for (const { code, keys, instance_id, verdict } of vectors.signatures) {
    const read = parseSigned(code);
    assert.ok(typeof read === "object");
    assert.equal(await verify(read, keys, instance_id), verdict);
  }
});

test("typed codes are checked as the server checks them", () => {
  for (const { input, symbols, wrong } of vectors.typed) {
    const read = parseTyped(input);
    assert.deepEqual(read, wrong ?? { symbols }, input);
  }
});

test("no single wrong symbol, swap of neighbours or jump swap of a typed code is missed", () => {
  const right = vectors.typed[0].symbols;
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  for (let i = 0; i < 10; i += 1) {
    for (const other of alphabet) {
      const changed = right.slice(0, i) + other + right.slice(i + 1);
      if (changed !== right) assert.equal(parseTyped(changed), "check");
    }
    for (const far of [1, 2]) {
      if (i + far > 9 || right[i] === right[i + far]) continue;
      const signs = [...right];
      [signs[i], signs[i + far]] = [signs[i + far], signs[i]];
      assert.equal(parseTyped(signs.join("")), "check");
    }
  }
});

test("a code is grouped while it is typed", () => {
  assert.equal(grouped("7g4k2"), "7G4K2");
  assert.equal(grouped("7g4k2m"), "7G4K2-M");
  assert.equal(grouped("7g4k2-m9qxr and more"), "7G4K2-M9QXR");
  assert.equal(grouped("ll1:aeaq"), "ll1:aeaq", "a reader that types is left alone");
});
