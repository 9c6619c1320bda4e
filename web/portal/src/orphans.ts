// Orphans in words: what is left over in AWS, and what becomes of it while it is removed. Pure functions, tested without a browser.
import type { Orphan, Orphans, OrphanStep } from "./types";

const KINDS: Record<string, string> = {
  channel: "Encoder", input: "Input", "input-security-group": "Allow-list", packaging: "Packager", endpoint: "Endpoint",
  distribution: "CDN distribution", secret: "CDN secret", alarm: "Alarm",
};
export const kindInWords = ({ kind }: Pick<Orphan, "kind">): string => KINDS[kind] ?? kind;

/** Only what is running costs while nobody looks. */
export const isRunning = ({ kind, state }: Pick<Orphan, "kind" | "state">): boolean => kind === "channel" && (state === "running" || state === "recovering");

/** Nothing is left for a person to do about it. */
export const isDone = ({ state, next }: OrphanStep): boolean => state === "removed" || state === "removing" || !next;

const STEPS: Record<string, string> = {
  removed: "Removed.", removing: "AWS is removing it.", stopping: "AWS is stopping it; it is removed after that.",
  disabling: "AWS is taking it out of service, which takes minutes; it is removed after that.", waiting: "AWS is at work on it; it is removed after that.",
};
export const stepInWords = ({ state, next }: OrphanStep): string => STEPS[state] ?? [state, next].filter(Boolean).join("; ");

/** What the API says of its own paths, for people. */
export const cureInWords = (cure: string): string => cure.replace(/^DELETE \/platforms\/p-[a-z0-9]+/, "Delete it");

/** What AWS would not tell, each in a line. */
export const leftInWords = ({ left = [] }: Pick<Orphans, "left">): string[] =>
  left.map(({ service, reason, ...more }) => {
    const rest = Object.values(more).map(String);
    return [service, reason, ...rest].filter(Boolean).map(String).join(": ");
  });
