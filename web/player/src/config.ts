// What the API says about a platform's stream: GET /platforms/{id}/player-config, and when to ask again.

export type Format = "hls" | "dash" | "cmaf";

export interface Source {
  format: Format;
  url: string;
}

export interface PlayerConfig {
  platform: string;
  title: string;
  live: boolean;
  signal: "ok" | "not-yet" | "broken";
  sources: Source[];
  /** The next planned event, where there is one; `start` in UTC. */
  next?: { title: string; start: string };
}

/** The last that was heard of the platform. */
export type Heard = { kind: "config"; config: PlayerConfig } | { kind: "gone" } | { kind: "unreachable" };

/** The answer is fresh for five seconds. */
const BETWEEN_LOOKS_MS = 5_000;
/** Who has no answer by then asks again. */
const PATIENCE_MS = 5_000;

/** The platform that the address names: `/player/{id}`. */
export function platformOf(path: string): string | undefined {
  return /^\/player\/([^/]+)\/?$/.exec(path)?.[1];
}

export async function look(platform: string): Promise<Heard> {
  try {
    const answer = await fetch(`/platforms/${encodeURIComponent(platform)}/player-config`, { cache: "no-cache", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 404) return { kind: "gone" };
    if (!answer.ok) return { kind: "unreachable" };
    const config = (await answer.json()) as PlayerConfig;
    // What is in between may answer in its own words.
    return typeof config.live === "boolean" && Array.isArray(config.sources) ? { kind: "config", config } : { kind: "unreachable" };
  } catch {
    return { kind: "unreachable" };
  }
}

/** Looks again and again, while anybody can see the page. */
export function follow(platform: string, heard: (what: Heard) => void): void {
  const again = async () => {
    if (!document.hidden) heard(await look(platform));
    setTimeout(again, BETWEEN_LOOKS_MS);
  };
  document.addEventListener("visibilitychange", async () => {
    if (!document.hidden) heard(await look(platform));
  });
  void again();
}
