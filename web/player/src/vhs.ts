// The part of Video.js's streaming engine (VHS) that we look into, and what its types do not say.
import type Player from "video.js/dist/types/player";

export interface Rung {
  id: string;
  width?: number;
  height?: number;
  bandwidth: number;
  /** `disabled`: the viewer chose another. */
  playlist: { disabled?: boolean };
  /** Enabling switches to it. */
  enabled(wanted: boolean): boolean;
}

interface Segment {
  /** Seconds on the player's clock, once it was loaded. */
  start?: number;
  end?: number;
  duration: number;
  /** HLS: EXT-X-PROGRAM-DATE-TIME, carried on from segment to segment. */
  dateTimeObject?: Date;
  programDateTime?: number;
  /** DASH: seconds since the availability start time. */
  presentationTime?: number;
}

interface Vhs {
  /** Absent until the manifest is read. */
  representations?(): Rung[];
  playlists: { media(): { segments: Segment[]; attributes?: { BANDWIDTH?: number } } | undefined };
}

export function vhs(player: Player): Vhs | undefined {
  const tech = player.tech({ IWillNotUseThisInPlugins: true }) as unknown as { vhs?: Vhs } | undefined;
  return tech?.vhs;
}

/** Milliseconds since 1970 at which the picture now shown was made; for DASH `began` is the availability start time. */
export function madeAt(player: Player, began: number | undefined): number | undefined {
  const now = player.currentTime() ?? 0;
  const segments = vhs(player)?.playlists.media()?.segments ?? [];
  const shown = segments.find((it) => it.start !== undefined && it.start <= now && now < (it.end ?? it.start + it.duration));
  if (shown?.start === undefined) return undefined;
  const within = (now - shown.start) * 1000;
  const date = shown.dateTimeObject?.getTime() ?? shown.programDateTime;
  if (date !== undefined && began === undefined) return date + within;
  if (began !== undefined && shown.presentationTime !== undefined) return began + shown.presentationTime * 1000 + within;
  return undefined;
}

/** When the timeline of a DASH manifest begins: what its segments' times are counted from. */
export async function availabilityStart(manifest: string): Promise<number | undefined> {
  try {
    const text = await (await fetch(manifest)).text();
    const began = new DOMParser().parseFromString(text, "application/xml").documentElement.getAttribute("availabilityStartTime");
    const at = began === null ? NaN : Date.parse(began);
    return Number.isFinite(at) ? at : undefined;
  } catch {
    return undefined;
  }
}
