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
export function apartInWords(planned: string, actual: string | undefined): string {
  if (actual === undefined) return "";
  // As the clocks beside it show them: what they leave out counts for nothing.
  const second = (moment: string): number => Math.floor(Date.parse(moment) / 1000);
  const seconds = second(actual) - second(planned);
  if (seconds === 0) return "on the second";
  return `${duration(Math.abs(seconds) * 1000)} ${seconds < 0 ? "before" : "after"}`;
}

export function rowsOf({ planned, actual }: Pick<EventReport, "planned" | "actual">, zone: string): Row[] {
  const row = (what: string, plan: string, fact: string | undefined): Row =>
    ({ what, planned: exactly(plan, zone, planned.start), actual: fact ? exactly(fact, zone, planned.start) : "–", apart: apartInWords(plan, fact) });
  return [
    row("Channel started", planned.onAirAt, actual.askedAt),
    row("On air", planned.start, actual.liveAt),
    row("End", planned.end, actual.endedAt),
    row("Off air", planned.offAirAt, actual.offAt),
  ];
}

export interface Figure { name: string; value: string; bad?: boolean }

const count = (many: number | unknown[] | undefined): number | undefined => (Array.isArray(many) ? many.length : many);

/** An amount of money, by itself or with what is said of it; null for what this page does not know. */
export function costInWords(cost: unknown): string | null {
  const amount = typeof cost === "number" ? { usd: cost } : (cost as { usd?: unknown; verified?: unknown } | null | undefined);
  if (typeof amount?.usd !== "number") return null;
  return `${dollars(amount.usd)}${"verified" in amount && amount.verified === false ? ", of the right order of magnitude, since not all prices are verified" : ""}`;
}

/** What is not known is left out. */
export function figuresOf(report: EventReport): Figure[] {
  const { fate, onTime, secondsOnAir, secondsOfTrouble } = report;
  const [alarms, remedies, requests] = [count(report.alarms), count(report.remedies), count(report.requests)];
  const figures: (Figure | false)[] = [
    fate !== undefined && { name: "What became of it", value: `${FATES[fate].word}: ${FATES[fate].why}`, bad: !FATES[fate].good },
    onTime !== undefined && { name: "On time", value: onTime ? "yes" : "no", bad: !onTime },
    secondsOnAir !== undefined && { name: "On air for", value: duration(secondsOnAir * 1000) },
    secondsOfTrouble !== undefined && { name: "Of that in trouble", value: secondsOfTrouble === 0 ? "none" : duration(secondsOfTrouble * 1000), bad: secondsOfTrouble > 0 },
    alarms !== undefined && { name: "Alarms", value: alarms === 0 ? "none" : String(alarms), bad: alarms > 0 },
    remedies !== undefined && { name: "Repairs", value: remedies === 0 ? "none" : String(remedies) },
    requests !== undefined && { name: "Requests of viewers", value: requests.toLocaleString("en-US") },
  ];
  const cost = costInWords(report.cost);
  return [...figures.filter((figure) => figure !== false), ...(cost === null ? [] : [{ name: "Cost", value: cost }])];
}
