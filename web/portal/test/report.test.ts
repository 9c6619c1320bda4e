// The report of an event in words, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apartInWords, costInWords, dayOf, exactly, figuresOf, rowsOf } from "../src/report";
import type { EventReport } from "../src/types";

const planned = { onAirAt: "2026-03-27T17:54:00.000Z", start: "2026-03-27T18:00:00.000Z", end: "2026-03-27T21:30:00.000Z", offAirAt: "2026-03-27T21:45:00.000Z" };
const report: EventReport = {
  platform: { id: "p-0123456789ab", name: "Stadium" }, event: "e-0123456789ab", occurrence: "2026-03-27T19:00:00", title: "Friday night", final: true,
  planned, actual: { askedAt: "2026-03-27T17:54:02.900Z", liveAt: "2026-03-27T17:56:10.000Z", endedAt: "2026-03-27T21:30:00.100Z" }, timeline: [], summary: "It was on.",
};

test("what was planned stands beside what came, to the second, by one clock", () => {
  assert.deepEqual(rowsOf(report, "Europe/Paris"), [
    { what: "Channel started", planned: "18:54:00", actual: "18:54:02", apart: "2 s after" },
    { what: "On air", planned: "19:00:00", actual: "18:56:10", apart: "3 min 50 s before" },
    { what: "End", planned: "22:30:00", actual: "22:30:00", apart: "on the second" },
    { what: "Off air", planned: "22:45:00", actual: "–", apart: "" },
  ]);
});

test("what is on another day than the event says so", () => {
  assert.equal(exactly("2026-03-27T23:10:00Z", "Europe/Paris", planned.start), "28 Mar, 00:10:00");
  assert.equal(exactly("2026-03-27T23:10:00Z", "UTC", planned.start), "23:10:00");
  assert.equal(dayOf(planned.start, "Asia/Tokyo"), "Saturday 28 March 2026");
  assert.equal(apartInWords(planned.end, undefined), "");
});

test("figures that are not known are left out, and lists are counted", () => {
  assert.deepEqual(figuresOf(report), []);
  const all = figuresOf({ ...report, fate: "stopped", onTime: true, secondsOnAir: 12_600, secondsOfTrouble: 0, alarms: [{}, {}], remedies: 0, requests: 1_234_567, cost: { usd: 5.1, verified: true } });
  assert.deepEqual(all.map(({ name, value, bad = false }) => [name, value, bad]), [
    ["What became of it", "Stopped: a person stopped the channel", true], ["On time", "yes", false], ["On air for", "3 h 30 min", false], ["Of that in trouble", "none", false],
    ["Alarms", "2", true], ["Repairs", "none", false], ["Requests of viewers", "1,234,567", false], ["Cost", "$5.10", false],
  ]);
});

test("a cost is an amount, and not certain where its prices are not", () => {
  assert.equal(costInWords(0.0042), "$0.0042");
  assert.match(costInWords({ usd: 12, verified: false })!, /^\$12\.00, of the right order/);
  assert.deepEqual([costInWords(undefined), costInWords(null), costInWords({ least: 1 }), costInWords("free")], [null, null, null, null]);
});
