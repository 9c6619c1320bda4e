// The report of an occurrence, in words: planned beside actual, and the figures that are known. Pure functions, tested without a browser.
import { FATES, knownZone } from "./events";
import type { EventReport } from "./types";
import { dollars, duration } from "./words";

/** To the second: 19:00:04, with the day where it is another than the report's. */
export function exactly(moment: string, zone: string, today: string): string {
  const told = (options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat("en-GB", { timeZone: knownZone(zone), hourCycle: "h23", ...options }).format(Date.parse(moment));
  const clock = told({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return dayOf(moment, zone) === dayOf(today, zone) ? clock : `${told({ day: "numeric", month: "short" })}, ${clock}`;
}

/** Friday 27 March 2026. */
export const dayOf = (moment: string, zone: string): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone: knownZone(zone), weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(Date.parse(moment)).replace(",", "");

export interface Row { what: string; planned: string; actual: string; apart: string }

/** 4 s later; nothing where it is the same second, or not known. */
export function apartInWords(planned: string | undefined, actual: string | undefined): string {
  if (planned === undefined || actual === undefined) return "";
  // As the clocks beside it show them: what they leave out counts for nothing.
  const second = (moment: string): number => Math.floor(Date.parse(moment) / 1000);
  const seconds = second(actual) - second(planned);
  if (seconds === 0) return "on the second";
  return `${duration(Math.abs(seconds) * 1000)} ${seconds < 0 ? "before" : "after"}`;
}

type Moments = Pick<EventReport, "planned" | "actual" | "occurrence">;

const kept = ({ planned, actual }: Moments): string | undefined => planned.start ?? actual.liveAt ?? actual.askedAt;
/** Where none of its moments was kept, the clock of its place, read as if it were UTC's. */
const ofPlace = ({ occurrence }: Moments): string => `${occurrence.slice(0, 16)}:00Z`;
/** A moment on the day of the report. */
export const dayIn = (report: Moments): string => kept(report) ?? ofPlace(report);
export const dayInWords = (report: Moments, zone: string): string => (kept(report) ? dayOf(dayIn(report), zone) : dayOf(ofPlace(report), "UTC"));

/** What is neither planned nor known to have come is left out. */
export function rowsOf(report: Moments, zone: string): Row[] {
  const { planned, actual } = report;
  const told = (moment: string | undefined): string => (moment ? exactly(moment, zone, dayIn(report)) : "–");
  const rows: [string, string | undefined, string | undefined][] = [
    ["Channel started", planned.onAirAt, actual.askedAt], ["On air", planned.start, actual.liveAt], ["End", planned.end, actual.endedAt], ["Channel off", planned.offAirAt, actual.offAt],
  ];
  return rows.filter(([, plan, fact]) => plan ?? fact).map(([what, plan, fact]) => ({ what, planned: told(plan), actual: told(fact), apart: apartInWords(plan, fact) }));
}

export interface Figure { name: string; value: string; bad?: boolean }

const many = (count: number): string => (count === 0 ? "none" : count.toLocaleString("en-US"));
const often = (times: number | undefined): string => (times === undefined || times === 0 ? "" : times === 1 ? ", once" : `, ${times} times`);

/** An amount of money, by itself or with what is said of it; null for what this page does not know. */
export function costInWords(cost: unknown): string | null {
  const amount = typeof cost === "number" ? { usd: cost } : (cost as { usd?: unknown; verified?: unknown } | null | undefined);
  if (typeof amount?.usd !== "number") return null;
  return `${dollars(amount.usd)}${"verified" in amount && amount.verified === false ? ", of the right order of magnitude, since not all prices are verified" : ""}`;
}

/** What is not known is left out. */
export function figuresOf(report: EventReport): Figure[] {
  const { fate, onTime, secondsOnAir, secondsOfTrouble, timesOfTrouble, remediesDecided, alarms, remedies, requests } = report;
  const decided = remediesDecided ?? remedies;
  const figures: (Figure | false)[] = [
    fate !== undefined && { name: "What became of it", value: `${FATES[fate].word}: ${FATES[fate].why}`, bad: !FATES[fate].good },
    onTime !== undefined && { name: "On time", value: onTime ? "yes" : "no", bad: !onTime },
    secondsOnAir !== undefined && { name: "The channel ran for", value: duration(secondsOnAir * 1000) },
    secondsOfTrouble !== undefined && { name: "In trouble", value: secondsOfTrouble === 0 ? "never" : `${duration(secondsOfTrouble * 1000)}${often(timesOfTrouble)}`, bad: secondsOfTrouble > 0 },
    typeof alarms === "number" && { name: "Alarms", value: many(alarms), bad: alarms > 0 },
    typeof decided === "number" && { name: "Repairs decided on", value: many(decided) },
    typeof requests === "number" && { name: "Asked for meanwhile", value: many(requests) },
  ];
  const cost = costInWords(report.cost);
  return [...figures.filter((figure) => figure !== false), ...(cost === null ? [] : [{ name: "Cost", value: cost }])];
}

const GAPS: Record<string, string> = { "too-many": "there are too many", expired: "the timeline keeps them no longer" };

/** Of which part of the time lines are missing, and why. */
export function gapInWords({ leftOut }: Pick<EventReport, "leftOut">, zone: string, today: string): string | null {
  return leftOut ? `Lines are missing from ${exactly(leftOut.from, zone, today)} to ${exactly(leftOut.until, zone, today)}: ${GAPS[leftOut.why] ?? leftOut.why}.` : null;
}
