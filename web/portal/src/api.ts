// The REST API: one function per operation that the portal uses. What changes something is sent with an Idempotency-Key,
// which stays the same when it has to be sent again.
import { token, tokenAfter } from "./signin";
import type {
  Calendar, Delivery, DeliveryPage, DryRun, Estimate, EventPreview, EventReport, Health, Orphans, OrphanStep, PlannedEvent, Platform, PlatformPage, ProblemDocument, Summary, TimelinePage, Webhook, WebhookMade,
} from "./types";

/** The API answered that it will not. */
export class Refused extends Error {
  constructor(readonly problem: ProblemDocument) {
    super(problem.detail);
  }
}
/** No answer, or none that means anything: it may be asked again. */
export class Unreachable extends Error {}
/** The API wants another token. */
export class SignedOut extends Error {}

const TRIES = 4;
const NAMED_PAGES = 10;
const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

export interface Seen { platform: Platform; etag: string }
interface Ask { method?: string; body?: unknown; headers?: Record<string, string> }

async function once(path: string, ask: Ask): Promise<Response> {
  const access = await token();
  const answer = await sent(path, ask, access);
  const other = answer.status === 401 && access ? await tokenAfter(access) : null;
  return judged(other ? await sent(path, ask, other) : answer);
}

async function sent(path: string, { method = "GET", body, headers = {} }: Ask, access: string | null): Promise<Response> {
  const all: Record<string, string> = { ...headers };
  if (access) all["authorization"] = `Bearer ${access}`;
  if (body !== undefined) all["content-type"] = "application/json";
  const request: RequestInit = { method, headers: all, cache: "no-store" };
  if (body !== undefined) request.body = JSON.stringify(body);
  try {
    return await fetch(path, request);
  } catch {
    throw new Unreachable("The API does not answer.");
  }
}

async function judged(answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  if (answer.status === 401) throw new SignedOut("You have to sign in.");
  const said = (await answer.json().catch(() => ({}))) as Partial<ProblemDocument> & { message?: string };
  if (answer.status === 429 || answer.status >= 500) throw new Unreachable(said.detail ?? said.message ?? `The API answered ${answer.status}.`);
  const detail = said.detail ?? said.message ?? `The API answered ${answer.status}.`;
  throw new Refused({ type: said.type ?? "", title: said.title ?? "Refused", status: answer.status, detail, errors: said.errors ?? [] });
}

async function read<T>(path: string): Promise<T> {
  return (await (await once(path, {})).json()) as T;
}

/** Sends until it is answered: the key makes that safe. */
async function change<T>(path: string, ask: Ask): Promise<T> {
  const headers = { "idempotency-key": crypto.randomUUID(), ...ask.headers };
  for (let tried = 1; ; tried += 1) {
    try {
      const answer = await once(path, { ...ask, headers });
      return (answer.status === 204 ? undefined : await answer.json()) as T;
    } catch (error) {
      if (!(error instanceof Unreachable) || tried === TRIES) throw error;
      await pause(400 * 2 ** tried);
    }
  }
}

const at = (id: string): string => `/platforms/${encodeURIComponent(id)}`;

export const listPlatforms = (cursor?: string): Promise<PlatformPage> =>
  read(`/platforms?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
/** All that there are, for choosing and for their names; so many pages at most. */
export async function allPlatforms(): Promise<Summary[]> {
  const all: Summary[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < NAMED_PAGES; page += 1) {
    const got = await listPlatforms(cursor);
    all.push(...got.platforms);
    cursor = got.cursor;
    if (!cursor) break;
  }
  return all;
}
export const timeline = (id: string, cursor?: string): Promise<TimelinePage> =>
  read(`${at(id)}/timeline?limit=30${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
export const health = (id: string): Promise<Health> => read(`${at(id)}/health`);
export const estimate = (id: string): Promise<Estimate> => read(`${at(id)}/estimate`);
/** A platform with its ETag, which a change of it has to name. */
export async function describe(id: string): Promise<Seen> {
  const answer = await once(at(id), {});
  return { platform: (await answer.json()) as Platform, etag: answer.headers.get("etag") ?? "*" };
}

export const create = (request: unknown): Promise<Platform> => change("/platforms", { method: "POST", body: request });
export const start = (id: string): Promise<Platform> => change(`${at(id)}/start`, { method: "POST" });
export const stop = (id: string): Promise<Platform> => change(`${at(id)}/stop`, { method: "POST" });
export const retry = (id: string): Promise<Platform> => change(`${at(id)}/retry`, { method: "POST" });
export const remove = (id: string): Promise<Platform> => change(at(id), { method: "DELETE" });

export const patch = (id: string, etag: string, body: unknown): Promise<Platform> =>
  change(at(id), { method: "PATCH", body, headers: { "if-match": etag } });
export const dryRun = (id: string, etag: string, body: unknown): Promise<DryRun> =>
  change(`${at(id)}?dryRun=true`, { method: "PATCH", body, headers: { "if-match": etag } });

const events = (id: string): string => `${at(id)}/planned-events`;
const eventAt = (id: string, event: string): string => `${events(id)}/${encodeURIComponent(event)}`;
const asTrial = (dry: boolean): string => (dry ? "?dryRun=true" : "");

export const calendar = (id: string): Promise<Calendar> => read(events(id));
/** A planned event with its ETag. */
export async function showEvent(id: string, event: string): Promise<{ event: PlannedEvent; etag: string }> {
  const answer = await once(eventAt(id, event), {});
  return { event: (await answer.json()) as PlannedEvent, etag: answer.headers.get("etag") ?? "*" };
}
export const planEvent = (id: string, body: unknown, dry: boolean): Promise<EventPreview> =>
  change(`${events(id)}${asTrial(dry)}`, { method: "POST", body });
export const changeEvent = (id: string, event: string, etag: string, body: unknown, dry: boolean): Promise<PlannedEvent> =>
  change(`${eventAt(id, event)}${asTrial(dry)}`, { method: "PATCH", body, headers: { "if-match": etag } });
export const cancelEvent = (id: string, event: string, etag: string): Promise<PlannedEvent> =>
  change(eventAt(id, event), { method: "DELETE", headers: { "if-match": etag } });
/** A new address for calendar programs; the one before leads nowhere. */
export const makeFeed = (id: string): Promise<unknown> => change(`${at(id)}/calendar-feed`, { method: "POST" });
export const removeFeed = (id: string): Promise<unknown> => change(`${at(id)}/calendar-feed`, { method: "DELETE" });
/** An occurrence is the clock of its place: its colons are as they are in a path. */
export const report = (id: string, event: string, occurrence: string): Promise<EventReport> => read(`${eventAt(id, event)}/reports/${occurrence}`);

const webhookAt = (id: string): string => `/webhooks/${encodeURIComponent(id)}`;

export const listWebhooks = async (): Promise<Webhook[]> => (await read<{ webhooks: Webhook[] }>("/webhooks")).webhooks;
/** A webhook with its ETag. */
export async function showWebhook(id: string): Promise<{ webhook: Webhook; etag: string }> {
  const answer = await once(webhookAt(id), {});
  return { webhook: (await answer.json()) as Webhook, etag: answer.headers.get("etag") ?? "*" };
}
export const createWebhook = (body: unknown): Promise<WebhookMade> => change("/webhooks", { method: "POST", body });
export const changeWebhook = (id: string, etag: string, body: unknown): Promise<Webhook> =>
  change(webhookAt(id), { method: "PATCH", body, headers: { "if-match": etag } });
export const removeWebhook = (id: string): Promise<void> => change(webhookAt(id), { method: "DELETE" });
export const rotateSecret = (id: string): Promise<WebhookMade> => change(`${webhookAt(id)}/rotate-secret`, { method: "POST" });
export const testWebhook = (id: string): Promise<Delivery> => change(`${webhookAt(id)}/test`, { method: "POST" });
export const deliveries = (id: string, cursor?: string): Promise<DeliveryPage> =>
  read(`${webhookAt(id)}/deliveries?limit=20${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
export const resend = (id: string, message: string): Promise<Delivery> =>
  change(`${webhookAt(id)}/deliveries/${encodeURIComponent(message)}/resend`, { method: "POST" });

export const orphans = (unusedDays: string): Promise<Orphans> => read(`/orphans?unusedDays=${encodeURIComponent(unusedDays)}`);
export const removeOrphan = (id: string): Promise<OrphanStep> => change(`/orphans/${encodeURIComponent(id)}`, { method: "DELETE" });
