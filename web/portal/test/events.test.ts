// Planned events in words and as a form, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { atInWords, emptyEvent, eventLine, eventOf, eventPatch, formOf, minutesInWords, momentOf, ownSpan, recurrenceInWords, sayOf, spanInWords, startedAt, wallClock, weekday, withClocks } from "../src/events";
import type { NextOccurrence, PlannedEvent, Platform } from "../src/types";
import { happening } from "../src/words";

const NOW = Date.parse("2026-03-26T12:00:00Z");
const friday: PlannedEvent = {
  id: "e-0123456789ab", title: "Friday night", start: "2026-03-27T19:00:00", end: "2026-03-27T22:30:00", timeZone: "Europe/Paris", warmupSeconds: 360,
  overrunSeconds: 900, recurrence: "FREQ=WEEKLY;BYDAY=FR;UNTIL=20261231", exceptions: ["2026-04-03"], missedStart: "start-late", upcoming: [], past: [],
};
const said = (recurrence: string, start = "2026-03-27T19:00:00", exceptions: string[] = []) => recurrenceInWords({ recurrence, start, exceptions });

test("how an event recurs is said in words, and what is not known as it stands", () => {
  assert.equal(recurrenceInWords(friday), "Every Friday until 31 Dec 2026, except on 3 Apr 2026");
  assert.equal(recurrenceInWords({ start: friday.start }), "Once");
  assert.equal(said("FREQ=WEEKLY"), "Every Friday");
  assert.equal(said("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SU"), "Every 2 weeks on Monday, Wednesday and Sunday");
  assert.equal(said("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"), "Monday to Friday");
  assert.equal(said("FREQ=DAILY;COUNT=7"), "Every day, 7 times");
  assert.equal(said("FREQ=DAILY;INTERVAL=3"), "Every 3 days");
  assert.equal(said("FREQ=MONTHLY"), "FREQ=MONTHLY");
});

test("times are told by the clocks of the place, and by the viewer's where they say something else", () => {
  const [start, end] = ["2026-03-27T18:00:00.000Z", "2026-03-27T21:30:00.000Z"];
  assert.equal(spanInWords(start, end, "Europe/Paris", NOW), "Fri 27 Mar, 19:00 – 22:30");
  assert.equal(ownSpan(start, end, "Europe/Paris", "America/New_York", NOW), "14:00 – 17:30");
  assert.equal(ownSpan(start, end, "Europe/Paris", "Asia/Tokyo", NOW), "Sat 28 Mar, 03:00 – 06:30");
  assert.equal(ownSpan(start, end, "Europe/Paris", "Europe/Berlin", NOW), null);
  assert.equal(ownSpan(start, "2026-03-28T18:00:00Z", "Europe/Paris", "UTC", NOW), "Fri 27 Mar, 18:00 – Sat 28 Mar, 18:00");
  assert.equal(spanInWords("2027-01-01T22:00:00Z", "2027-01-02T01:00:00Z", "UTC", NOW), "Fri 1 Jan 2027, 22:00 – Sat 2 Jan 2027, 01:00");
  assert.equal(atInWords("2026-03-26T00:05:00Z", "UTC", NOW), "00:05");
  assert.equal(spanInWords(start, end, "Mars/Olympus", NOW), "Fri 27 Mar, 18:00 – 21:30", "a zone that the browser does not know is told in UTC");
});

test("a clock on the wall is a moment, before and after the night when clocks change", () => {
  for (const wall of ["2026-03-28T19:00", "2026-03-29T19:00", "2026-03-29T03:00", "2026-10-25T19:00", "2026-12-31T23:59"]) {
    for (const zone of ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"]) {
      assert.equal(wallClock(momentOf(wall, zone)!, zone), wall, `${wall} ${zone}`);
    }
  }
  assert.equal(momentOf("", "UTC"), null);
});

test("the form begins with the next full hour that leaves time to warm up", () => {
  const at = (time: string) => emptyEvent(Date.parse(`2026-03-26T${time}Z`), "Asia/Kolkata");
  assert.deepEqual([at("11:40:00").start, at("11:40:00").end], ["2026-03-26T18:00", "2026-03-26T19:00"]);
  assert.equal(at("12:10:00").start, "2026-03-26T18:00");
  assert.equal(at("12:25:00").start, "2026-03-26T19:00");
  assert.equal(at("18:10:00").start, "2026-03-27T00:00");
});

test("the end moves with the start, and the day of a weekly event with it", () => {
  const moved = startedAt({ ...emptyEvent(NOW, "UTC"), days: [weekday("2026-03-26")] }, "2026-03-31T23:30");
  assert.deepEqual([moved.end, moved.days], ["2026-04-01T00:30", ["TU"]]);
  assert.equal(startedAt(moved, "").end, moved.end);
});

test("what was read and not changed asks for nothing, and a change for itself alone", () => {
  const form = formOf(friday);
  assert.deepEqual(eventPatch(form, form), {});
  assert.deepEqual(eventPatch(form, { ...form, end: "2026-03-27T23:00", warmup: "" }), { end: "2026-03-27T23:00", warmupSeconds: null });
  assert.deepEqual(eventPatch(form, { ...form, repeat: "never" }), { recurrence: null, exceptions: null });
  const odd = formOf({ ...friday, recurrence: "FREQ=WEEKLY;BYDAY=FR;UNTIL=20261231T225959Z", warmupSeconds: 100 });
  assert.deepEqual(eventPatch(odd, { ...odd, title: "Late" }), { title: "Late" }, "what the form cannot say stays as it was");
});

test("the form's fields are the API's", () => {
  const form = { ...emptyEvent(NOW, "UTC"), title: "Cup", repeat: "weekly" as const, days: ["SU" as const, "FR" as const], every: "2", until: "2026-12-31", exceptions: ["2026-04-03"] };
  assert.deepEqual(eventOf(form), {
    title: "Cup", start: "2026-03-26T13:00", end: "2026-03-26T14:00", timeZone: "UTC", recurrence: "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,SU;UNTIL=20261231",
    exceptions: ["2026-04-03"], warmupSeconds: null, overrunSeconds: 900, missedStart: "start-late",
  });
  assert.equal(eventOf({ ...form, warmup: "ten" })["warmupSeconds"], "ten", "what is no number goes as it is");
  assert.equal(eventOf({ ...form, repeat: "daily", until: "", times: "7", every: "1" })["recurrence"], "FREQ=DAILY;COUNT=7");
});

test("the state says which event is waited for, and which one has the channel", () => {
  const next: NextOccurrence = { event: "e", occurrence: "2026-03-26T19:00:00", title: "Cup", onAirAt: "2026-03-26T18:54:00Z", start: "2026-03-26T19:00:00Z", end: "2026-03-26T21:00:00Z" };
  const line = (platform: Parameters<typeof eventLine>[0], time: string, signal = true) => eventLine(platform, signal, Date.parse(`2026-03-26T${time}Z`), "UTC")?.say;
  assert.equal(line({ phase: "Ready", nextEvent: next }, "12:00:00"), "Waiting for “Cup” at 19:00");
  assert.equal(line({ phase: "Live", nextEvent: next }, "12:00:00"), "Next: “Cup” at 19:00");
  assert.equal(line({ phase: "Starting", onAirEvent: next }, "18:55:00"), "Getting ready for “Cup” at 19:00");
  assert.equal(line({ phase: "Live", onAirEvent: next }, "18:58:00"), "Ready for “Cup” at 19:00");
  assert.equal(line({ phase: "Live", onAirEvent: next }, "19:01:00"), "On air for “Cup” until 21:00");
  assert.equal(line({ phase: "Live", onAirEvent: next }, "19:01:00", false), "Open for “Cup” until 21:00");
  assert.equal(line({ phase: "Starting", onAirEvent: next }, "19:01:00"), "Late for “Cup”, planned until 21:00");
  assert.match(line({ phase: "Live", onAirEvent: next }, "21:05:00")!, /stays on while there is a signal/);
  assert.match(line({ phase: "Failed", nextEvent: next }, "12:00:00")!, /cannot begin/);
  assert.equal(line({ phase: "Ready", nextEvent: { ...next, start: "2026-03-27T19:00:00Z" } }, "12:00:00"), "Waiting for “Cup” on Fri 27 Mar, 19:00");
  assert.equal(line({ phase: "Ready" }, "12:00:00"), undefined);
  assert.equal(line({ phase: "TearingDown", nextEvent: next }, "12:00:00"), undefined);
});

test("what goes on air without a hand says so", () => {
  const intent = { want: "Idle", by: "anna", at: "", generation: 1 } as Platform["intent"];
  const nextEvent = {} as NextOccurrence;
  assert.match(sayOf({ phase: "Ready", intent, nextEvent }, "rest"), /by itself/);
  assert.equal(sayOf({ phase: "Ready", intent }, "rest"), "rest");
  assert.match(sayOf({ phase: "Provisioning", intent: { ...intent, want: "Live" } }, "rest"), /goes on air/);
});

test("seconds are told as minutes where they are minutes", () => {
  assert.deepEqual([0, 45, 360, 100].map(minutesInWords), ["none", "45 s", "6 min", "1 min 40 s"]);
});

test("the timeline says who planned what", () => {
  assert.deepEqual(happening({ id: "1", at: "", text: 'asked: planned event "Cup" made (by anna, calendar 3)', count: 1 }), { who: "anna", text: 'planned the event "Cup"' });
  assert.deepEqual(happening({ id: "1", at: "", text: 'asked: planned event "Cup" cancelled (by anna, calendar 4)', count: 1 }), { who: "anna", text: 'cancelled the event "Cup"' });
});

test("moments in what the API says are told by the clocks of the place", () => {
  const overlap = 'the occurrence of 2026-03-27T18:00:00.000Z overlaps "Cup", which is on from 2026-03-26T17:00:00.000Z to 2026-03-26T19:00:00.000Z';
  assert.equal(withClocks(overlap, "Europe/Paris", NOW), 'the occurrence of Fri 27 Mar, 19:00 overlaps "Cup", which is on from 18:00 to 20:00');
  assert.equal(withClocks("it begins at 2026-03-27T18:00:00Z and ends at 2026-03-26T18:00:00Z", "UTC", NOW), "it begins on Fri 27 Mar, 18:00 and ends at 18:00");
});
