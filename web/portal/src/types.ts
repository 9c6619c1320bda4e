// What the API answers, as openapi.yaml has it: the fields that the portal reads.

export type Phase = "Provisioning" | "Ready" | "Starting" | "Live" | "Stopping" | "TearingDown" | "Gone" | "Failed";
export type Status = "ok" | "not-yet" | "broken";
export type Format = "hls" | "dash" | "cmaf";

export interface Condition { name: string; status: Status; reason?: string }
export interface Ingest { input: string; type: string; pipeline: number; url: string; allowedFrom: string[] }
export interface Resource { slot: string; id: string; arn: string; status: string | null; incarnation: number }
export interface Failure { slot: string; code: string; message: string; cure: string; at: string }

export interface InputSpec { name: string; type: string; allowFrom?: string[]; urls?: string[]; flows?: string[]; [more: string]: unknown }
export interface Rung { name?: string; width: number; height: number; bitrate: number }
export interface Ladder { frameRate: string; gopSeconds: number; rungs: Rung[] }

export interface Spec {
  name: string;
  description?: string;
  channelClass: string;
  inputs: InputSpec[];
  ladder: Ladder;
  endpoints: Partial<Record<Format, { segmentSeconds: number; windowSeconds: number; startoverSeconds: number }>>;
  archive: { enabled: boolean };
  guard: { idleStopMinutes: number; maxRunHours?: number; monthlyBudgetUsd?: number; onBudget: "warn" | "stop" };
  remediation: { mode: "act" | "dry-run" | "off"; maxActionsPerHour: number; clearSeconds: number };
  handsOff?: { until: string };
  [more: string]: unknown;
}

export interface Summary { id: string; name: string; phase: Phase; createdAt: string }

export interface Platform extends Summary {
  liveSince?: string;
  onAirEvent?: NextOccurrence;
  nextEvent?: NextOccurrence;
  goneAt?: string;
  intent: { want: "Idle" | "Live" | "Gone"; by: string; at: string; generation: number };
  conditions: Condition[];
  progress: { done: number; total: number; waitingOn: string[] };
  ingest: Ingest[];
  playback: { format: Format; url: string }[];
  resources: Resource[];
  failures?: Failure[];
  meter: Meter;
  guardStop?: { at: string; rule: string; reason: string };
  spec: Spec;
}

export interface Meter {
  month: string;
  running: boolean;
  runningSeconds: number;
  usd: number;
  usdPerHour: number;
  verified: boolean;
  budget?: { usd: number; percent: number };
}
export interface HourlyCost {
  usdPerHour: number;
  verified: boolean;
  rows: { service: string; what: string; for: string; usdPerHour: number; date: string; source: string; verified: boolean }[];
}
export interface Estimate { verified: boolean; assumptions: string[]; idle: HourlyCost; live: HourlyCost }

export type Verdict = "off" | "ok" | "unknown" | "warning" | "critical";
export interface Reading { metric: string; pipeline?: number; value?: number; unit: string; verdict: Verdict; text: string }
export interface Health { verdict: Verdict; summary: string; metrics: Reading[]; alarms: { alarm: string; since: string; reason: string }[]; at: string }

export type Fate = "aired" | "stopped" | "cancelled" | "missed" | "no-room";
export interface NextOccurrence { event: string; occurrence: string; title: string; onAirAt: string; start: string; end: string }
export interface Occurrence extends NextOccurrence { offAirAt: string; onAir: boolean }
export interface PlannedEvent {
  id: string;
  title: string;
  /** By the clocks of `timeZone`. */
  start: string;
  end: string;
  timeZone: string;
  warmupSeconds: number;
  overrunSeconds: number;
  recurrence?: string;
  exceptions?: string[];
  missedStart: "start-late" | "skip";
  upcoming: Occurrence[];
  past: { occurrence: string; fate: Fate; at: string; report?: string }[];
  warnings?: FieldError[];
}
/** What an event would be: it gets its id when it is planned. */
export type EventPreview = Omit<PlannedEvent, "id">;
export interface Calendar { events: PlannedEvent[]; upcoming: Occurrence[]; feed?: string }

/** What became of one occurrence. Not everything was always kept, and not everything is known before it is over. */
export interface EventReport {
  platform: { id: string; name: string };
  event: string;
  occurrence: string;
  title: string;
  final: boolean;
  planned: { onAirAt?: string; start?: string; end?: string; offAirAt?: string };
  actual: { askedAt?: string; liveAt?: string; endedAt?: string; offAt?: string };
  fate?: Fate;
  onTime?: boolean;
  secondsOnAir?: number;
  secondsOfTrouble?: number;
  timesOfTrouble?: number;
  remediesDecided?: number;
  cost?: unknown;
  /** How many; or their lines, which the timeline has too. */
  alarms?: number | unknown[];
  remedies?: number | unknown[];
  requests?: number | unknown[];
  timeline: TimelineEntry[];
  leftOut?: { from: string; until: string; why: string };
  summary: string;
}

export interface PlatformPage { platforms: Summary[]; cursor?: string }
export interface TimelineEntry { id: string; at: string; text: string; count: number }
export interface TimelinePage { entries: TimelineEntry[]; cursor?: string }
export interface DryRun { changes: { pointer: string; when: string; how: string }[]; steps: string[] }

export interface Answer { at: string; milliseconds: number; status?: number; said?: string; error?: string }
export interface Webhook {
  id: string;
  url: string;
  description?: string;
  /** None are all. */
  types: string[];
  platforms: string[];
  enabled: boolean;
  createdAt: string;
  previousSecretUntil?: string;
  /** While its last attempts failed. */
  trouble?: { since: string; failures: number; lastAnswer: Answer };
}
/** What is made, or has a new secret: the answer in which that stands, and no other does. */
export type WebhookMade = Webhook & { secret?: string };
export interface Delivery {
  messageId: string;
  type: string;
  platform?: string;
  sequence?: number;
  createdAt: string;
  state: "waiting" | "delivered" | "given-up";
  attempts: number;
  nextAttemptAt?: string;
  lastAnswer?: Answer;
}
export interface DeliveryPage { deliveries: Delivery[]; cursor?: string }

export interface Orphan {
  /** What it is removed by. */
  id: string;
  kind: string;
  arn?: string;
  name: string;
  platform: string;
  slot?: string;
  createdAt?: string;
  why: string;
  removable: boolean;
  state?: string;
}
export interface Unused { id: string; name: string; phase: Phase; createdAt: string; usdPerMonth?: number; cure: string }
export interface Orphans { orphans: Orphan[]; unused: Unused[]; lookedAt: string; left?: Record<string, unknown>[] }
export interface OrphanStep { id: string; state: string; next?: string }

export interface FieldError { pointer: string; detail: string }
export interface ProblemDocument { type: string; title: string; status: number; detail: string; errors?: FieldError[] }
