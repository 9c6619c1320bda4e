// Planned events for the made-up API: around now, so that what is counted down to lies ahead.
const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const moment = (hours) => new Date(NOW + hours * HOUR).toISOString();
const wall = (hours) => moment(hours).slice(0, 19);

/** To a Friday at noon by UTC's clocks that is not over; 1970 began with a Thursday. */
const FRIDAY = 3 + ((24 + 12 - 3 + 168 - ((NOW / HOUR) % 168)) % 168);

/** In hours from now, by the clocks of a place five and a half hours ahead of UTC. */
const AHEAD = 5.5;
const EVENTS = {
  "on-air": { id: "e-00000000000a", title: "Mass", start: -1, end: 2, timeZone: "Etc/UTC", ahead: 0, past: [] },
  series: {
    id: "e-00000000000b", title: "Friday night", start: FRIDAY, end: FRIDAY + 3.5, timeZone: "Asia/Kolkata", ahead: AHEAD, recurrence: "FREQ=WEEKLY;BYDAY=FR;UNTIL=20991231", exceptions: ["2099-12-25"],
    past: ["aired", "missed", "no-room", "stopped", "cancelled"].map((fate, weeks) => ({ occurrence: wall((FRIDAY % 168) + AHEAD - 168 * (weeks + 1)), fate, at: moment((FRIDAY % 168) + 3 - 168 * (weeks + 1)), ...(weeks < 2 && { report: `/platforms/p-0123456789ae/planned-events/e-00000000000b/reports/${wall((FRIDAY % 168) + AHEAD - 168 * (weeks + 1))}` }) })),
  },
  once: { id: "e-00000000000c", title: "Cup final", start: FRIDAY + 69, end: FRIDAY + 93, timeZone: "America/New_York", ahead: -5, missedStart: "skip", past: [] },
  over: { id: "e-00000000000d", title: "Rehearsal", start: -50, end: -49, timeZone: "Etc/UTC", ahead: 0, past: [{ occurrence: wall(-50), fate: "aired", at: moment(-49) }] },
};

/** The occurrence as a platform shows it. */
export function keptOf(name) {
  const { id, title, start, end, ahead } = EVENTS[name];
  return { event: id, occurrence: wall(start + ahead), title, onAirAt: moment(start - 0.1), start: moment(start), end: moment(end) };
}

function eventOf(name) {
  const { id, title, start, end, timeZone, ahead, past, ...more } = EVENTS[name];
  const next = { ...keptOf(name), offAirAt: moment(end + 0.25), onAir: name === "on-air" };
  const plan = { start: wall(start + ahead), end: wall(end + ahead), timeZone, warmupSeconds: 360, overrunSeconds: 900, missedStart: "start-late" };
  return { id, title, ...plan, ...more, upcoming: end > 0 ? [next] : [], past };
}

/** Of what is planned on; an older back end has none. */
export const FEED = "/platforms/p-0123456789ae/calendar.ics?key=0f1e2d3c4b5a69780f1e2d3c4b5a6978";

export function calendarOf(names) {
  const events = names.map(eventOf).reverse();
  const upcoming = events.flatMap((event) => event.upcoming).sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  return { events, upcoming, ...(names.includes("over") && { feed: FEED }) };
}
