// The report of an event in words, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apartInWords, costInWords, dayIn, dayInWords, dayOf, exactly, figuresOf, gapInWords, rowsOf } from "../src/report";
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
    { what: "Channel off", planned: "22:45:00", actual: "–", apart: "" },
  ]);
});

test("what is on another day than the event says so", () => {
  assert.equal(exactly("2026-03-27T23:10:00Z", "Europe/Paris", planned.start), "28 Mar, 00:10:00");
  assert.equal(exactly("2026-03-27T23:10:00Z", "UTC", planned.start), "23:10:00");
  assert.equal(dayOf(planned.start, "Asia/Tokyo"), "Saturday 28 March 2026");
  assert.equal(apartInWords(planned.end, undefined), "");
});

test("what was not kept is left out, and the day is the occurrence's then", () => {
  const old = { ...report, planned: {}, actual: { offAt: "2026-03-27T21:46:12.000Z" } };
  assert.deepEqual(rowsOf(old, "UTC"), [{ what: "Channel off", planned: "–", actual: "21:46:12", apart: "" }]);
  assert.deepEqual(rowsOf({ ...old, actual: {} }, "UTC"), []);
  for (const occurrence of ["2026-03-27T02:00:00", "2026-03-27T23:00"]) assert.equal(dayInWords({ ...old, occurrence }, "America/Los_Angeles"), "Friday 27 March 2026");
  assert.equal(dayIn(report), planned.start);
});

test("figures that are not known are left out, and lines of the timeline are no figures", () => {
  assert.deepEqual(figuresOf(report), []);
  assert.deepEqual(figuresOf({ ...report, alarms: [{}], remedies: [], requests: [{}] }), []);
  const all = figuresOf({ ...report, fate: "stopped", onTime: true, secondsOnAir: 12_600, secondsOfTrouble: 96, timesOfTrouble: 1, alarms: 2, remedies: [{}], remediesDecided: 1_234, requests: 0, cost: { usd: 5.1, verified: true } });
  assert.deepEqual(all.map(({ name, value, bad = false }) => [name, value, bad]), [
    ["What became of it", "Stopped: a person stopped the channel", true], ["On time", "yes", false], ["The channel ran for", "3 h 30 min", false], ["In trouble", "1 min 36 s, once", true],
    ["Alarms", "2", true], ["Repairs decided on", "1,234", false], ["Asked for meanwhile", "none", false], ["Cost", "$5.10", false],
  ]);
  assert.deepEqual(figuresOf({ ...report, secondsOfTrouble: 0, timesOfTrouble: 0 }).map(({ value }) => value), ["never"]);
});

test("a part of the timeline that is missing is told, with the reason", () => {
  const gap = (why: string) => gapInWords({ leftOut: { from: "2026-03-27T18:00:00.000Z", until: "2026-03-27T19:00:00.000Z", why } }, "UTC", planned.start);
  assert.equal(gap("too-many"), "Lines are missing from 18:00:00 to 19:00:00: there are too many.");
  assert.match(gap("eaten")!, /: eaten\.$/);
  assert.equal(gapInWords(report, "UTC", planned.start), null);
});

test("a cost is an amount, and not certain where its prices are not", () => {
  assert.equal(costInWords(0.0042), "$0.0042");
  assert.match(costInWords({ usd: 12, verified: false })!, /^\$12\.00, of the right order/);
  assert.deepEqual([costInWords(undefined), costInWords(null), costInWords({ least: 1 }), costInWords("free")], [null, null, null, null]);
});
