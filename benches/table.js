// @ts-check
/**
 * Prints the figures that the benchmarks kept, one a line and parted by tabs, as one table.
 *
 * `node benches/table.js FILE`
 */
import { readFileSync } from "node:fs";

const rows = readFileSync(process.argv[2] ?? "", "utf8").trimEnd().split("\n").map((line) => line.split("\t"));
const all = [["work", "gave", "goal"], ...rows];
/** @param {number} column */
const width = (column) => Math.max(...all.map((row) => (row[column] ?? "").length));
const widths = [width(0), width(1), width(2)];
for (const row of all) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
