// The form that asks for a platform: its defaults, and the request that it becomes. What is left at its default is left out.
import type { Format } from "./types";

export const LADDERS = {
  hd: { label: "HD", say: "1080p, 720p, 480p, 240p" },
  sd: { label: "SD", say: "480p, 240p; the cheapest" },
  uhd: { label: "UHD", say: "2160p and everything below" },
} as const;
export type LadderName = keyof typeof LADDERS;

/** The rungs of the named ladders (openapi.yaml, LadderName), for those who want another frame rate or GOP. */
const RUNGS = [
  { width: 3840, height: 2160, bitrate: 15_000_000 },
  { width: 1920, height: 1080, bitrate: 6_000_000 },
  { width: 1280, height: 720, bitrate: 3_000_000 },
  { width: 854, height: 480, bitrate: 1_500_000 },
  { width: 426, height: 240, bitrate: 500_000 },
];
const FIRST: Record<LadderName, number> = { uhd: 0, hd: 1, sd: 3 };

export const INPUTS = {
  RTMP_PUSH: "RTMP push (OBS, ffmpeg)",
  RTP_PUSH: "RTP push",
  URL_PULL: "HLS pull",
  RTMP_PULL: "RTMP pull",
  MP4_FILE: "MP4 file",
  MEDIACONNECT: "MediaConnect flow",
} as const;
export type InputType = keyof typeof INPUTS;

export const FRAME_RATES = ["23.976", "24", "25", "29.97", "30", "50", "59.94", "60"];
export const FORMATS: Record<Format, { label: string; segment: string; manifest: string }> = {
  hls: { label: "HLS", segment: "4", manifest: "master" },
  dash: { label: "DASH", segment: "4", manifest: "manifest" },
  cmaf: { label: "CMAF", segment: "2", manifest: "master" },
};
const formats = Object.keys(FORMATS) as Format[];

interface EndpointForm { on: boolean; manifest: string; segment: string; window: string; startover: string }
export interface Form {
  name: string; description: string;
  inputName: string; inputType: InputType; sources: string; allowAnywhere: boolean; surround: boolean; loop: boolean;
  ladder: LadderName; frameRate: string; gop: string;
  standard: boolean;
  language: string; audioLabel: string;
  loss: "" | "repeat" | "black" | "slate" | "color"; slateUrl: string; color: string;
  endpoints: Record<Format, EndpointForm>;
  archive: boolean; rollover: string;
  alarms: boolean; packager4xx: string; packager5xx: string; cdn4xx: string; cdn5xx: string;
  rotateDays: string; tags: string;
}

const endpoint = (format: Format): EndpointForm =>
  ({ on: true, manifest: FORMATS[format].manifest, segment: FORMATS[format].segment, window: "60", startover: "3600" });

export const EMPTY: Form = {
  name: "", description: "",
  inputName: "studio", inputType: "RTMP_PUSH", sources: "", allowAnywhere: false, surround: false, loop: false,
  ladder: "hd", frameRate: "30", gop: "2",
  standard: false,
  language: "", audioLabel: "",
  loss: "", slateUrl: "", color: "101010",
  endpoints: { hls: endpoint("hls"), dash: endpoint("dash"), cmaf: endpoint("cmaf") },
  archive: true, rollover: "300",
  alarms: true, packager4xx: "100", packager5xx: "10", cdn4xx: "5", cdn5xx: "1",
  rotateDays: "", tags: "",
};

/** Non-empty lines and comma-separated parts. */
export const lines = (text: string): string[] => text.split(/[\n,]/).map((line) => line.trim()).filter(Boolean);

/** A number as the API wants it; what is none goes as it is, so that the API says what is wrong with it. */
const number = (text: string): number | string | null => (text.trim() === "" ? null : Number.isNaN(Number(text)) ? text : Number(text));

export const isPush = (type: string): boolean => type === "RTMP_PUSH" || type === "RTP_PUSH" || type === "SRT_LISTENER";
/** Where the API keeps an input's sources. */
export const sourceMember = (type: string): string => (isPush(type) ? "allowFrom" : type === "MEDIACONNECT" ? "flows" : "urls");

type Json = Record<string, unknown>;

export function toRequest(form: Form): Json {
  const request: Json = { name: form.name };
  if (form.description) request["description"] = form.description;
  if (form.standard) request["channelClass"] = "standard";
  const input: Json = { name: form.inputName, type: form.inputType, [sourceMember(form.inputType)]: lines(form.sources) };
  if (isPush(form.inputType) && form.allowAnywhere) input["allowAnywhere"] = true;
  if (form.surround) input["sourceAudio"] = "5.1";
  if (form.inputType === "MP4_FILE" && form.loop) input["loop"] = true;
  request["inputs"] = [input];
  request["ladder"] = ladder(form);
  if (form.language || form.audioLabel) {
    request["audio"] = [{ layout: "stereo", language: form.language || null, label: form.audioLabel || null }];
  }
  if (form.loss) request["inputLoss"] = loss(form);
  request["endpoints"] = Object.fromEntries(formats.filter((format) => form.endpoints[format].on).map((format) => {
    const { manifest, segment, window, startover } = form.endpoints[format];
    return [format, { manifestName: manifest, segmentSeconds: number(segment), windowSeconds: number(window), startoverSeconds: number(startover) }];
  }));
  request["archive"] = { enabled: form.archive, ...(form.archive && { rolloverSeconds: number(form.rollover) }) };
  request["alarms"] = form.alarms
    ? { packager4xxCount: number(form.packager4xx), packager5xxCount: number(form.packager5xx), cdn4xxPercent: number(form.cdn4xx), cdn5xxPercent: number(form.cdn5xx) }
    : { enabled: false };
  if (form.rotateDays) request["cdnSecret"] = { rotateEveryDays: number(form.rotateDays) };
  const tags = lines(form.tags).map((line) => { const [key, ...rest] = line.split("="); return [key!.trim(), rest.join("=").trim()]; });
  if (tags.length > 0) request["tags"] = Object.fromEntries(tags);
  return request;
}

function ladder(form: Form): unknown {
  if (form.frameRate === EMPTY.frameRate && form.gop === EMPTY.gop) return form.ladder;
  return { frameRate: form.frameRate, gopSeconds: number(form.gop), rungs: RUNGS.slice(FIRST[form.ladder]) };
}

function loss(form: Form): Json {
  const more: Json = form.loss === "slate" ? { slateUrl: form.slateUrl } : form.loss === "color" ? { color: form.color } : {};
  return { show: form.loss, ...more };
}

/** The pointers at which the form shows problems; the others are shown above it. */
export function pointers(form: Form): string[] {
  return [
    "/name", "/description", "/channelClass", "/inputs/0/name", "/inputs/0/type", `/inputs/0/${sourceMember(form.inputType)}`, "/inputs/0/sourceAudio",
    "/ladder", "/ladder/frameRate", "/ladder/gopSeconds", "/audio/0/language", "/audio/0/label",
    "/inputLoss/show", "/inputLoss/slateUrl", "/inputLoss/color", "/endpoints",
    ...formats.flatMap((format) => ["manifestName", "segmentSeconds", "windowSeconds", "startoverSeconds"].map((field) => `/endpoints/${format}/${field}`)),
    "/archive/rolloverSeconds", "/alarms/packager4xxCount", "/alarms/packager5xxCount", "/alarms/cdn4xxPercent", "/alarms/cdn5xxPercent",
    "/cdnSecret/rotateEveryDays", "/tags",
  ];
}

/** Those of them that stand under Advanced. */
export const isAdvanced = (pointer: string): boolean =>
  !/^\/(name|inputs\/0\/(name|type|allowFrom|urls|flows)|ladder|endpoints)$/.test(pointer);
