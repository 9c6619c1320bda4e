// What the API says, in words for people. Pure functions, tested without a browser.
import type { Condition, FieldError, Health, Phase, Platform, Reading, Resource, TimelineEntry } from "./types";

export type Tone = "idle" | "work" | "live" | "warn" | "bad";
export interface State { word: string; tone: Tone; say: string }

const PHASES: Record<Exclude<Phase, "Live">, State> = {
  Provisioning: { word: "Being built", tone: "work", say: "AWS is making the parts. Nothing is on air, and nothing runs." },
  Ready: { word: "Off", tone: "idle", say: "Everything is made and at rest. Start it when you are." },
  Starting: { word: "Warming up", tone: "work", say: "The encoder is starting; that takes a minute or two." },
  Stopping: { word: "Ending", tone: "work", say: "The encoder is stopping. Viewers see the end." },
  TearingDown: { word: "Being removed", tone: "work", say: "Everything that was made is being removed. The recordings stay." },
  Gone: { word: "Removed", tone: "idle", say: "Nothing of it is left in AWS but its recordings." },
  Failed: { word: "Failed", tone: "bad", say: "Somebody has to fix something; below it says what." },
};

/** The state of a platform in big words. Conditions are unknown while only a line of the list was read. */
export function stateOf(phase: Phase, conditions?: Condition[]): State {
  if (phase !== "Live") return PHASES[phase];
  if (!conditions) return { word: "Running", tone: "live", say: "The channel runs." };
  const signal = conditions.find((condition) => condition.name === "Signal");
  if (signal && signal.status !== "ok") {
    return { word: "Ready, no signal", tone: "warn", say: "The channel runs, and no picture comes in. Start your encoder." };
  }
  const wrong = conditions.filter((condition) => condition.status !== "ok" && condition.name !== "IngestClosed");
  if (wrong.length > 0) {
    const names = wrong.map(({ name, reason }) => (name === "Alarms" && reason ? reasonInWords(reason) : conditionName(name))).join(", ");
    return { word: "Degraded", tone: "warn", say: `On air, and something is not right: ${names}.` };
  }
  return { word: "On air", tone: "live", say: "Your picture goes out to viewers." };
}

const CONDITIONS: Record<string, string> = {
  Ingest: "Ingest", Encoding: "Encoder", Packaging: "Packager", Delivery: "CDN", Signal: "Signal", Alarms: "Alarms", Drift: "Changed by hand",
  IngestClosed: "Nobody may push",
};
export const conditionName = (name: string): string => CONDITIONS[name] ?? name;

/** Reasons name slots; people know them by other names. */
export function reasonInWords(reason: string): string {
  return reason.replace(/\b(?:group|input|endpoint|alarm)\/[a-z0-9-]+|\b(?:secret|packaging|channel|distribution)(?=,|$)/g, (slot) => {
    const words = slotInWords(slot);
    return words.charAt(0).toLowerCase() === words.charAt(0) || /^[A-Z]{2}/.test(words) ? words : words.charAt(0).toLowerCase() + words.slice(1);
  });
}

export function slotInWords(slot: string): string {
  const [kind, name = ""] = slot.split("/");
  switch (kind) {
    case "group": return `Allow-list of ${name}`;
    case "input": return `Input ${name}`;
    case "endpoint": return `${name.toUpperCase()} endpoint`;
    case "alarm": return `Alarm ${name.replace("cdn", "CDN").replace("-loss", " loss").replace("-alerts", " alerts").replace(/-(\dxx)/, " $1").replace(/-(\d)$/, ", pipeline $1")}`;
    case "secret": return "CDN secret";
    case "packaging": return "Packager";
    case "channel": return "Encoder";
    case "distribution": return "CDN distribution";
    default: return slot;
  }
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** 3 s, 4 min 05 s, 2 h 07 min, 3 d 4 h. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86400)];
  const two = (number: number): string => String(number).padStart(2, "0");
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${two(minutes % 60)} min`;
  if (minutes > 0) return `${minutes} min ${two(seconds % 60)} s`;
  return `${seconds} s`;
}

/** The input on air: the first, unless a pair has failed over, which the API does not tell. */
export function onAirInput(platform: Platform): string | null {
  return platform.phase === "Live" ? (platform.spec.inputs[0]?.name ?? null) : null;
}

export function alarmCount(platform: Platform): number {
  const alarms = platform.conditions.find((condition) => condition.name === "Alarms" && condition.status === "broken");
  return alarms ? (alarms.reason?.match(/alarm\/[a-z0-9-]+/g)?.length ?? 1) : 0;
}

const METRICS: Record<string, string> = {
  InputVideoFrameRate: "Video that arrives", NetworkIn: "Data that arrives", FillMsec: "Made-up frames", DroppedFrames: "Dropped frames",
  SvqTime: "Slow encoding", PipelinesLocked: "Pipelines in step", NetworkOut: "Sent to the packager", ActiveAlerts: "Alerts of MediaLive",
  EgressRequestCount: "Requests of viewers",
};
export const metricName = ({ metric, pipeline }: Reading): string =>
  `${METRICS[metric] ?? metric}${pipeline === undefined ? "" : `, pipeline ${pipeline}`}`;
export const valueInWords = ({ value, unit }: Reading): string => `${Math.round((value ?? 0) * 10) / 10} ${unit}`;

/** What needs a person comes first; what is well, or not known, is folded away. */
export function healthLines({ metrics }: Health): { wrong: Reading[]; well: Reading[] } {
  const bad = ({ verdict }: Reading): boolean => verdict === "warning" || verdict === "critical";
  const wrong = [...metrics.filter(({ verdict }) => verdict === "critical"), ...metrics.filter(({ verdict }) => verdict === "warning")];
  return { wrong, well: metrics.filter((reading) => !bad(reading)) };
}

export const isHandsOff = ({ spec }: Platform, now: number): boolean => spec.handsOff !== undefined && Date.parse(spec.handsOff.until) > now;

/** $0.0042, $5.10, $1,234.50: small sums keep what tells them from nothing. */
export function dollars(usd: number): string {
  const digits = usd !== 0 && Math.abs(usd) < 0.1 ? 4 : 2;
  return `$${usd.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** Day and time by the reader's clock. */
export const clock = (at: string): string =>
  new Date(at).toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false });

/** An RTMP address as encoders ask for it: server with the application, and the stream key. */
export function rtmpParts(url: string): { server: string; key: string; host: string } | null {
  const found = /^(rtmps?:\/\/[^/]+)\/([^/]+)\/(.+)$/.exec(url);
  return found ? { host: found[1]!, server: `${found[1]}/${found[2]}`, key: found[3]! } : null;
}

export function ffmpegCommand(type: string, url: string): string {
  const picture = "ffmpeg -re -i input.mp4 -c:v libx264 -preset veryfast -b:v 5M -maxrate 5M -bufsize 10M -g 60 -pix_fmt yuv420p -c:a aac -b:a 128k -ar 48000";
  if (type === "RTMP_PUSH") return `${picture} -f flv '${url}'`;
  if (type === "RTP_PUSH") return `${picture} -f rtp_mpegts '${url}'`;
  return `${picture} -f mpegts '${url}'`;
}

/** Where a resource is in AWS's console; null where it has no page, or in another partition than `aws`. */
export function consoleLink(resource: Resource, all: Resource[] = []): string | null {
  const [, partition, , region] = resource.arn.split(":");
  if (partition !== "aws") return null;
  const id = encodeURIComponent(resource.id);
  const home = (service: string): string => `https://${region}.console.aws.amazon.com/${service}/home?region=${region}`;
  switch (resource.slot.split("/")[0]) {
    case "channel": return `${home("medialive")}#/channels/${id}`;
    case "input": return `${home("medialive")}#/inputs/${id}`;
    case "group": return `${home("medialive")}#/input-security-groups/${id}`;
    case "packaging": return `${home("mediapackage")}#/channels/${id}`;
    case "endpoint": {
      const channel = all.find((other) => other.slot === "packaging");
      return channel ? `${home("mediapackage")}#/channels/${encodeURIComponent(channel.id)}` : null;
    }
    case "distribution": return `https://us-east-1.console.aws.amazon.com/cloudfront/v4/home#/distributions/${id}`;
    case "alarm": return `${home("cloudwatch")}#alarmsV2:alarm/${id}`;
    case "secret": return `https://${region}.console.aws.amazon.com/secretsmanager/secret?name=${id}&region=${region}`;
    default: return null;
  }
}

export interface Happening { who: string | null; text: string }

const ASKED: Record<string, string> = {
  created: "asked for this platform", start: "asked to go on air", stop: "asked to go off air", delete: "asked to remove it",
  retry: "asked to try again",
};

/** An entry of the timeline: who, and what, in words. What is not known stays as it is. */
export function happening(entry: TimelineEntry): Happening {
  const asked = /^asked: (.+) \(by (.+), generation \d+\)$/.exec(entry.text);
  if (asked) return { who: asked[2]!, text: ASKED[asked[1]!] ?? `asked: ${asked[1]}` };
  const planned = /^asked: planned event (".*") (made|changed|cancelled) \(by (.+), calendar \d+\)$/s.exec(entry.text);
  if (planned) return { who: planned[3]!, text: `${planned[2] === "made" ? "planned" : planned[2]} the event ${planned[1]}` };
  const phase = /^phase (\w+) -> (\w+)$/.exec(entry.text);
  if (phase) {
    const word = phase[2] === "Live" ? "Channel running" : (PHASES[phase[2] as Exclude<Phase, "Live">]?.word ?? phase[2]);
    return { who: null, text: `State: ${word}` };
  }
  const slot = /^((?:group|input|endpoint|alarm)\/[a-z0-9-]+|secret|packaging|channel|distribution): (.*)$/s.exec(entry.text);
  if (!slot) return { who: null, text: entry.text };
  const what = slot[2]!.replace(/^made, .*$/s, "made").replace(/^ALARM: /, "alarm: ").replace(/ \[[^\]]*\]/, "");
  return { who: null, text: `${slotInWords(slot[1]!)}: ${what}` };
}

/** Which field of a form a problem belongs to: the longest of the form's pointers that the problem's begins with. */
export function fieldOf(pointer: string, fields: readonly string[]): string | null {
  const inside = fields.filter((field) => pointer === field || pointer.startsWith(`${field}/`));
  return inside.sort((a, b) => b.length - a.length)[0] ?? null;
}

function valueAt(body: unknown, pointer: string): unknown {
  return pointer.split("/").slice(1).reduce<unknown>((inside, step) => (inside as Record<string, unknown> | undefined)?.[step], body);
}

/** What may still be wrong after a change: problems whose field, and whose fields that their words name, are as they were. */
export function stillWrong(errors: readonly FieldError[], before: unknown, after: unknown): FieldError[] {
  const same = (pointer: string): boolean => JSON.stringify(valueAt(before, pointer)) === JSON.stringify(valueAt(after, pointer));
  return errors.filter(({ pointer, detail }) => [pointer, ...(detail.match(/(?<= )\/[A-Za-z0-9/]+/g) ?? [])].every(same));
}

/** Problems by field; under "" what belongs to no field of the form. */
export function problemsByField(errors: readonly FieldError[], fields: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const error of errors) {
    const field = fieldOf(error.pointer, fields);
    const index = field === null ? null : /^\/(\d+)$/.exec(error.pointer.slice(field.length));
    const text = field === null ? `${error.pointer}: ${error.detail}` : index ? `Line ${Number(index[1]) + 1}: ${error.detail}` : error.detail;
    found.set(field ?? "", [...(found.get(field ?? "") ?? []), text]);
  }
  return found;
}
