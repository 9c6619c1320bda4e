// What a viewer is told in the place of a picture, or over it: pure functions of what was heard and seen.
import type { Heard } from "./config.js";

/** What the page knows. */
export interface Known {
  heard: Heard | undefined;
  /** The stream was live since the page was opened. */
  wasLive: boolean;
  /** There is a picture now. */
  playing: boolean;
  /** The picture is from before the signal was lost: viewers are behind the studio by their latency, or further. */
  fromBefore?: boolean;
}

export interface Told {
  /** For the style of the page and for tests. */
  kind: "picture" | "loading" | "not-started" | "starting" | "no-signal" | "ended" | "gone" | "unreachable";
  words: string;
}

export function told({ heard, wasLive, playing, fromBefore = false }: Known): Told {
  if (!heard) return { kind: "loading", words: "Loading…" };
  if (heard.kind === "gone") return { kind: "gone", words: "This stream does not exist, or is no more." };
  if (heard.kind === "unreachable") {
    if (playing) return { kind: "picture", words: "" };
    return { kind: "unreachable", words: "The server cannot be reached. Trying again…" };
  }
  const { live, signal } = heard.config;
  if (!live) {
    return wasLive
      ? { kind: "ended", words: "The stream has ended. Thank you for watching." }
      : { kind: "not-started", words: "The stream has not started yet." };
  }
  if (signal === "broken" && !(playing && fromBefore)) return { kind: "no-signal", words: "No signal from the studio. The picture comes back by itself." };
  return playing ? { kind: "picture", words: "" } : { kind: "starting", words: "The picture is on its way…" };
}

/** How long until then: `2 d 03:04:05`; nothing once it is past. */
export function countdown(start: string, now: number): string {
  const left = Math.floor((Date.parse(start) - now) / 1000);
  if (!Number.isFinite(left) || left <= 0) return "";
  const two = (number: number) => String(number).padStart(2, "0");
  const days = Math.floor(left / 86_400);
  const clock = `${two(Math.floor(left / 3_600) % 24)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
  return days > 0 ? `${days} d ${clock}` : clock;
}

export function bitRate(bitsPerSecond: number): string {
  return bitsPerSecond >= 1e6 ? `${(bitsPerSecond / 1e6).toFixed(1)} Mb/s` : `${Math.round(bitsPerSecond / 1e3)} kb/s`;
}
