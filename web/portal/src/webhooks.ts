// Webhooks in words and as a form: what they hear, what their receivers answered. Pure functions, tested without a browser.
import { listed } from "./events";
import type { Answer, Delivery, FieldError, Webhook } from "./types";
import { capital, type Tone } from "./words";

interface Group { name: string; about: string; types: Record<string, string> }

/** docs/messages.md has what they say. */
export const GROUPS: Group[] = [
  { name: "Platforms", about: "everything about platforms", types: {
    "platform.ready": "everything is made, and the channel is off",
    "platform.live": "the channel runs",
    "platform.degraded": "it runs, and a pipeline is down or no video arrives",
    "platform.recovered": "that is over",
    "platform.stopped": "the channel is off again",
    "platform.failed": "a person has to do something",
    "platform.gone": "the last resource is removed",
  } },
  { name: "Planned events", about: "everything about planned events", types: {
    "event.upcoming": "the warm-up begins",
    "event.started": "the start has come",
    "event.overran": "the end has come, and it stays on",
    "event.ended": "it is over, or did not take place",
  } },
  { name: "Repairs", about: "everything about repairs", types: {
    "remediation.decided": "something is to be done about an alarm",
    "remediation.done": "it was done",
    "remediation.given-up": "AWS refused it, or nothing has helped",
  } },
  { name: "Budget", about: "everything about the budget", types: {
    "budget.reached": "50, 80 or 100 % of the month’s budget are spent",
  } },
];

// ---------------------------------------------------------------- the form
export interface WebhookForm {
  url: string; description: string;
  allTypes: boolean; types: string[];
  allPlatforms: boolean; platforms: string[];
}

export const EMPTY_WEBHOOK: WebhookForm = { url: "", description: "", allTypes: true, types: [], allPlatforms: true, platforms: [] };

export const webhookForm = ({ url, description = "", types, platforms }: Webhook): WebhookForm =>
  ({ url, description, allTypes: types.length === 0, types, allPlatforms: platforms.length === 0, platforms });

export const webhookOf = (form: WebhookForm): Record<string, unknown> => ({
  url: form.url.trim(), description: form.description,
  types: form.allTypes ? [] : form.types, platforms: form.allPlatforms ? [] : form.platforms,
});

/** Only what is different; lists are replaced as a whole (RFC 7396). */
export function webhookPatch(was: WebhookForm, form: WebhookForm): Record<string, unknown> {
  const before = webhookOf(was);
  return Object.fromEntries(Object.entries(webhookOf(form)).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field])));
}

/** To the API no choice is everything, so that who means to choose and does not is asked here. */
export function unchosen({ allTypes, types, allPlatforms, platforms }: WebhookForm): FieldError[] {
  const errors: FieldError[] = [];
  if (!allTypes && types.length === 0) errors.push({ pointer: "/types", detail: "choose at least one, or everything" });
  if (!allPlatforms && platforms.length === 0) errors.push({ pointer: "/platforms", detail: "choose at least one, or all platforms" });
  return errors;
}

export const WEBHOOK_POINTERS = ["/url", "/description", "/types", "/platforms"];

/** A place in a list means nothing to who ticks boxes: what stands there is named. */
export const byName = (errors: readonly FieldError[], { types, platforms }: WebhookForm): FieldError[] =>
  errors.map(({ pointer, detail }) => {
    const place = /^\/(types|platforms)\/(\d+)$/.exec(pointer);
    const named = place && (place[1] === "types" ? types : platforms)[Number(place[2])];
    return named ? { pointer: `/${place[1]}`, detail: `${named}: ${detail}` } : { pointer, detail };
  });

// ---------------------------------------------------------------- in words
const MANY = 3;

/** Everything about repairs and platform.failed, of Regatta and Town hall. */
export function hearsInWords({ types, platforms }: Pick<Webhook, "types" | "platforms">, names: ReadonlyMap<string, string>): string {
  const known = GROUPS.flatMap((group) => {
    const all = Object.keys(group.types);
    return all.length > 1 && all.every((type) => types.includes(type)) ? [group.about] : all.filter((type) => types.includes(type));
  });
  const others = types.filter((type) => !GROUPS.some((group) => type in group.types));
  const what = types.length === 0 ? "everything" : listed([...known, ...others]);
  const of = platforms.length === 0 ? "all platforms"
    : platforms.length > MANY ? `${platforms.length} platforms` : listed(platforms.map((id) => names.get(id) ?? id));
  const words = `${what}${types.length > 1 ? "," : ""} of ${of}`;
  // A type stays as it is written.
  return words.startsWith("every") ? capital(words) : words;
}

/** 500 after 230 ms; no answer within 10 s. */
export function answerInWords({ status, milliseconds, error }: Answer): string {
  const took = milliseconds < 1000 ? `${milliseconds} ms` : `${Number((milliseconds / 1000).toFixed(1))} s`;
  const told = status === undefined ? null : `${status} after ${took}`;
  return [told, error].filter(Boolean).join(", ") || `nothing after ${took}`;
}

interface Word { word: string; tone: Tone | "ok" }

export function webhookState({ enabled, trouble }: Pick<Webhook, "enabled" | "trouble">): Word[] {
  const states: Word[] = trouble ? [{ word: "Failing", tone: "bad" }] : [];
  if (!enabled) return [...states, { word: "Off", tone: "idle" }];
  return trouble ? states : [{ word: "On", tone: "ok" }];
}

export function deliveryState({ state, attempts }: Pick<Delivery, "state" | "attempts">): Word {
  if (state === "delivered") return { word: "Delivered", tone: "ok" };
  if (state === "given-up") return { word: "Given up", tone: "bad" };
  return attempts > 0 ? { word: "Will be tried again", tone: "warn" } : { word: "Waiting", tone: "idle" };
}

export const TEST = "webhook.test";

/** What was sent by hand: how it was before if it was there, what was answered as soon as that is known, and when. */
export interface Sent { type: string; before: Delivery | null; answered: Delivery | null; at: number }

/** What came of it, as the log has it or as it was answered at once: it waits no more, or has another answer than before. */
export function outcomeOf({ before, answered }: Sent, log: Delivery[]): Delivery | null {
  const seen = [log.find(({ messageId }) => messageId === answered?.messageId), answered];
  return seen.find((one) => one && (one.state !== "waiting" || one.lastAnswer?.at !== before?.lastAnswer?.at)) ?? null;
}

export function outcomeInWords({ state, lastAnswer }: Delivery): string {
  const answer = lastAnswer ? `: ${answerInWords(lastAnswer)}` : "";
  return state === "delivered" ? `was delivered${answer}.` : `was not delivered${answer}.`;
}
