// Planned events in words and as a form: when they are, how they recur, what became of them. Pure functions, tested without a
// browser. Clocks are told in 24 hours and English, as the rest of the portal.
import type { Fate, NextOccurrence, Phase, PlannedEvent, Platform } from "./types";

// ---------------------------------------------------------------- when
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone, or UTC where this browser does not know it: its database may be older than the program's. */
export function knownZone(zone: string): string {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: zone });
    return zone;
  } catch {
    return "UTC";
  }
}
export const zoneInWords = (zone: string): string => zone.replaceAll("_", " ");

const told = (at: number, zone: string, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone: knownZone(zone), hourCycle: "h23", ...options }).format(at);
const clock = (at: number, zone: string): string => told(at, zone, { hour: "2-digit", minute: "2-digit" });
const date = (at: number, zone: string): string => told(at, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
function day(at: number, zone: string, now: number): string {
  const year = told(at, zone, { year: "numeric" }) === told(now, zone, { year: "numeric" }) ? {} : { year: "numeric" as const };
  return told(at, zone, { weekday: "short", day: "numeric", month: "short", ...year }).replace(",", "");
}

/** 19:00, or with the day when that is not today. */
export function atInWords(moment: string, zone: string, now: number): string {
  const at = Date.parse(moment);
  return date(at, zone) === date(now, zone) ? clock(at, zone) : `${day(at, zone, now)}, ${clock(at, zone)}`;
}

/** The same within a sentence: at 19:00, on Fri 27 Mar, 19:00. */
export const momentInWords = (moment: string, zone: string, now: number): string => {
  const words = atInWords(moment, zone, now);
  return `${words.includes(",") ? "on" : "at"} ${words}`;
};

/** What the API says, with its moments by the clocks of a place. */
export const withClocks = (text: string, zone: string, now: number): string =>
  text.replace(/\b(at |of |from |to )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/g, (_, before: string | undefined, moment: string) =>
    before === "at " ? momentInWords(moment, zone, now) : `${before ?? ""}${atInWords(moment, zone, now)}`);

/** Fri 27 Mar, 19:00 – 22:30; with both days where it ends on another. */
export function spanInWords(start: string, end: string, zone: string, now: number): string {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  const last = date(from, zone) === date(to, zone) ? clock(to, zone) : `${day(to, zone, now)}, ${clock(to, zone)}`;
  return `${day(from, zone, now)}, ${clock(from, zone)} – ${last}`;
}

/** When it is in the viewer's own zone, the day left out where it is the same; null where all of it is. */
export function ownSpan(start: string, end: string, zone: string, own: string, now: number): string | null {
  const [here, there] = [spanInWords(start, end, own, now), spanInWords(start, end, zone, now)];
  const today = `${day(Date.parse(start), zone, now)}, `;
  if (here === there) return null;
  const clocks = here.slice(today.length);
  return here.startsWith(today) && !clocks.includes(",") ? clocks : here;
}

/** The clock on the wall there, as the API wants it: 2026-03-27T19:00. */
export function wallClock(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: knownZone(zone), hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** The moment at which a clock there shows this; null if it is no date. Nights when clocks change are the API's to decide. */
export function momentOf(wall: string, zone: string): number | null {
  const there = Date.parse(`${wall}Z`);
  if (Number.isNaN(there)) return null;
  const ahead = (at: number): number => Date.parse(`${wallClock(at, zone)}Z`) - Math.floor(at / 60_000) * 60_000;
  const guess = there - ahead(there);
  return there - ahead(guess);
}

const shifted = (wall: string, milliseconds: number): string => new Date(Date.parse(`${wall}Z`) + milliseconds).toISOString().slice(0, 16);

// ---------------------------------------------------------------- how it recurs
export const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Day = (typeof DAYS)[number];
export const DAY_NAMES: Record<Day, string> = { MO: "Monday", TU: "Tuesday", WE: "Wednesday", TH: "Thursday", FR: "Friday", SA: "Saturday", SU: "Sunday" };

interface Rule { freq: "DAILY" | "WEEKLY"; every: number; days: Day[]; until: string | null; times: string | null }

/** What the API keeps of an RRULE; null for what this page does not know. */
function parsed(text: string): Rule | null {
  const parts = new Map(text.replace(/^RRULE:/, "").split(";").map((part) => part.split("=", 2) as [string, string]));
  const freq = parts.get("FREQ");
  if (freq !== "DAILY" && freq !== "WEEKLY") return null;
  const until = /^(\d{4})(\d\d)(\d\d)/.exec(parts.get("UNTIL") ?? "");
  const days = (parts.get("BYDAY") ?? "").split(",").filter((one): one is Day => DAYS.includes(one as Day));
  return { freq, every: Number(parts.get("INTERVAL") ?? 1), days, until: until && `${until[1]}-${until[2]}-${until[3]}`, times: parts.get("COUNT") ?? null };
}

export const listed = (words: string[]): string => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
export const dateInWords = (text: string): string => told(Date.parse(`${text}T00:00Z`), "UTC", { day: "numeric", month: "short", year: "numeric" });
export const weekday = (wall: string): Day => DAYS[(new Date(`${wall.slice(0, 10)}T00:00Z`).getUTCDay() + 6) % 7] ?? "MO";

/** Every Friday until 31 Dec 2026, except on 3 Apr 2026. */
export function recurrenceInWords({ recurrence, start, exceptions }: Pick<PlannedEvent, "recurrence" | "start" | "exceptions">): string {
  if (!recurrence) return "Once";
  const rule = parsed(recurrence);
  if (!rule) return recurrence;
  const days = rule.days.length > 0 ? rule.days : [weekday(start)];
  const names = days.join() === "MO,TU,WE,TH,FR" ? "Monday to Friday" : listed(days.map((one) => DAY_NAMES[one]));
  const weekly = rule.every > 1 ? `Every ${rule.every} weeks on ${names}` : `Every ${names}`.replace("Every Monday to Friday", "Monday to Friday");
  const often = rule.freq === "WEEKLY" ? weekly : rule.every > 1 ? `Every ${rule.every} days` : "Every day";
  const end = rule.until ? ` until ${dateInWords(rule.until)}` : rule.times ? `, ${rule.times} times` : "";
  return `${often}${end}${exceptions?.length ? `, except on ${listed(exceptions.map(dateInWords))}` : ""}`;
}

// ---------------------------------------------------------------- what became of it
export const FATES: Record<Fate, { word: string; why: string; good: boolean }> = {
  aired: { word: "Aired", why: "on to its end", good: true },
  stopped: { word: "Stopped", why: "a person stopped the channel", good: false },
  cancelled: { word: "Cancelled", why: "it was cancelled or moved while it was on", good: false },
  missed: { word: "Missed", why: "it was too late to begin", good: false },
  "no-room": { word: "Not on air", why: "no channel was free: the limit of running channels was reached", good: false },
};

export const minutesInWords = (seconds: number): string =>
  seconds === 0 ? "none" : seconds % 60 === 0 ? `${seconds / 60} min` : seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;

export interface EventLine { say: string; until: number | null }

/** What the platform does for its events, beside its state; `until` is what is counted down to. */
export function eventLine(platform: { phase: Phase; onAirEvent?: NextOccurrence; nextEvent?: NextOccurrence }, signal: boolean, now: number, zone: string): EventLine | null {
  const { phase, onAirEvent, nextEvent } = platform;
  if (phase === "Gone" || phase === "TearingDown") return null;
  if (onAirEvent) {
    const [title, start, end] = [`“${onAirEvent.title}”`, momentInWords(onAirEvent.start, zone, now), atInWords(onAirEvent.end, zone, now)];
    if (phase === "Failed") return { say: `${title} should be on until ${end}, and cannot before this is fixed`, until: null };
    if (now < Date.parse(onAirEvent.start)) return { say: `${phase === "Live" ? "Ready for" : "Getting ready for"} ${title} ${start}`, until: Date.parse(onAirEvent.start) };
    if (now >= Date.parse(onAirEvent.end)) return { say: `${title} was planned until ${end}, and stays on while there is a signal`, until: null };
    return { say: phase !== "Live" ? `Late for ${title}, planned until ${end}` : signal ? `On air for ${title} until ${end}` : `Open for ${title} until ${end}`, until: null };
  }
  if (!nextEvent) return null;
  const next = `“${nextEvent.title}” ${momentInWords(nextEvent.start, zone, now)}`;
  if (phase === "Failed") return { say: `${next} cannot begin before this is fixed`, until: Date.parse(nextEvent.start) };
  return { say: phase === "Live" || phase === "Starting" ? `Next: ${next}` : `Waiting for ${next}`, until: Date.parse(nextEvent.start) };
}

/** What a state says of a platform that goes on air without anybody's hand. */
export function sayOf({ phase, intent, nextEvent }: Pick<Platform, "phase" | "intent" | "nextEvent">, say: string): string {
  if (phase === "Provisioning" && intent.want === "Live") return "It goes on air as soon as everything is made.";
  return phase === "Ready" && nextEvent ? "Everything is made and at rest. It starts by itself." : say;
}

// ---------------------------------------------------------------- the form
export interface EventForm {
  title: string; start: string; end: string; timeZone: string;
  repeat: "never" | "daily" | "weekly"; every: string; days: Day[]; until: string; times: string; exceptions: string[];
  warmup: string; overrun: string; missedStart: "start-late" | "skip";
}

const HOUR_MS = 3_600_000;
/** What begins sooner than this has no time to warm up. */
const AHEAD_MS = 10 * 60_000;

/** The next full hour for an hour, in the viewer's zone; the one after it when that is nearly now. */
export function emptyEvent(now: number, zone: string): EventForm {
  const wall = wallClock(now + AHEAD_MS, zone);
  const start = wall.endsWith(":00") ? wall : shifted(`${wall.slice(0, 13)}:00`, HOUR_MS);
  return {
    title: "", start, end: shifted(start, HOUR_MS), timeZone: zone,
    repeat: "never", every: "1", days: [], until: "", times: "", exceptions: [], warmup: "", overrun: "15", missedStart: "start-late",
  };
}

const inMinutes = (seconds: number): string => String(Number((seconds / 60).toFixed(2)));

export function formOf(event: PlannedEvent): EventForm {
  const rule = event.recurrence ? parsed(event.recurrence) : null;
  return {
    title: event.title, start: event.start.slice(0, 16), end: event.end.slice(0, 16), timeZone: event.timeZone,
    repeat: !rule ? "never" : rule.freq === "DAILY" ? "daily" : "weekly", every: String(rule?.every ?? 1), days: rule?.days ?? [],
    until: rule?.until ?? "", times: rule?.times ?? "", exceptions: event.exceptions ?? [],
    warmup: inMinutes(event.warmupSeconds), overrun: inMinutes(event.overrunSeconds), missedStart: event.missedStart,
  };
}

/** The end moves with the start. */
export function startedAt(form: EventForm, start: string): EventForm {
  const length = Date.parse(`${form.end}Z`) - Date.parse(`${form.start}Z`);
  const moves = !Number.isNaN(Date.parse(`${start}Z`)) && length > 0;
  const days = form.days.length === 1 && form.days[0] === weekday(form.start) && moves ? [weekday(start)] : form.days;
  return { ...form, start, days, end: moves ? shifted(start, length) : form.end };
}

/** Minutes as the API's seconds; what is no number goes as it is, so that the API says what is wrong with it. */
const seconds = (text: string): number | string | null => (text.trim() === "" ? null : Number.isNaN(Number(text)) ? text : Math.round(Number(text) * 60));

function ruleOf({ repeat, every, days, until, times }: EventForm): string | null {
  if (repeat === "never") return null;
  const byDay = repeat === "weekly" && days.length > 0 ? `;BYDAY=${DAYS.filter((one) => days.includes(one)).join(",")}` : "";
  const interval = every.trim() === "1" ? "" : `;INTERVAL=${every.trim()}`;
  return `FREQ=${repeat.toUpperCase()}${interval}${byDay}${until ? `;UNTIL=${until.replaceAll("-", "")}` : ""}${times.trim() ? `;COUNT=${times.trim()}` : ""}`;
}

export function eventOf(form: EventForm): Record<string, unknown> {
  return {
    title: form.title, start: form.start, end: form.end, timeZone: form.timeZone,
    recurrence: ruleOf(form), exceptions: form.repeat === "never" || form.exceptions.length === 0 ? null : form.exceptions,
    warmupSeconds: seconds(form.warmup), overrunSeconds: seconds(form.overrun), missedStart: form.missedStart,
  };
}

/** Only what is different, so that what this form does not show as it was said stays as it is (RFC 7396). */
export function eventPatch(was: EventForm, form: EventForm): Record<string, unknown> {
  const before = eventOf(was);
  return Object.fromEntries(Object.entries(eventOf(form)).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field])));
}

export const EVENT_POINTERS = ["title", "start", "end", "timeZone", "recurrence", "exceptions", "warmupSeconds", "overrunSeconds", "missedStart"].map((field) => `/${field}`);
export const isEventAdvanced = (pointer: string): boolean => /^\/(warmupSeconds|overrunSeconds|missedStart)/.test(pointer);
