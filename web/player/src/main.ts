// The viewers' player: finds out what there is to play, plays it, says what is wrong, and goes on by itself.
import "./before.js";
import "video.js/dist/video-js.css";
import "./player.css";
import videojs from "video.js";
import { follow, platformOf, type Format, type Heard, type PlayerConfig } from "./config.js";
import { availabilityStart, madeAt, vhs, type Rung } from "./vhs.js";
import { bitRate, countdown, told } from "./words.js";

const TYPES: Record<Format, string> = { hls: "application/x-mpegURL", cmaf: "application/x-mpegURL", dash: "application/dash+xml" };
const NAMES: Record<Format, string> = { hls: "HLS", dash: "DASH", cmaf: "CMAF" };
/** A source that failed is asked again after this; longer each time, up to the last. */
const RETRIES_MS = [1_000, 2_000, 4_000, 8_000];
/** Three is how far behind the live edge one plays. */
const FIRST_SEGMENTS = 4;
/** A window that stays too short is played all the same after this. */
const FIRST_WAIT_MS = 30_000;
/** VHS switches to another rung so long after it was enabled (0.1 s), also on a player that is reset by then, which fails. */
const SWITCH_MS = 250;

const part = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const platform = platformOf(location.pathname);
const embedded = new URLSearchParams(location.search).get("embed") === "1";
document.body.classList.toggle("embedded", embedded);

// What goes wrong is told to the viewer, and tried again.
videojs.log.level("off");
const player = videojs(part("video"), {
  preload: "auto",
  controls: true,
  fill: true,
  liveui: true,
  errorDisplay: false,
  userActions: { hotkeys: true },
  // The rung is chosen by what really arrives; browsers' own guess of the line is coarse.
  html5: { vhs: { overrideNative: true, useDevicePixelRatio: true, useNetworkInformationApi: false }, nativeAudioTracks: false, nativeVideoTracks: false },
});

const quality = part<HTMLSelectElement>("quality");

const state = {
  heard: undefined as Heard | undefined,
  wasLive: false,
  format: undefined as Format | undefined,
  url: undefined as string | undefined,
  began: undefined as number | undefined,
  /** Milliseconds since 1970 at which a source was loaded that does not play yet. */
  loaded: undefined as number | undefined,
  failures: 0,
  retry: 0,
  /** Milliseconds since 1970 since when there has been no signal. */
  lost: undefined as number | undefined,
};

/** Pictures move; a last frame that stands still does not count. */
let lastMoved = 0;
player.on("timeupdate", () => {
  lastMoved = Date.now();
  if (!player.paused()) state.failures = 0;
});
const playing = () => !player.error() && player.readyState() >= 2 && (player.paused() || Date.now() - lastMoved < 5_000);

function config(): PlayerConfig | undefined {
  return state.heard?.kind === "config" ? state.heard.config : undefined;
}

function load(format: Format, url: string): void {
  Object.assign(state, { format, url, began: undefined, loaded: Date.now(), retry: 0 });
  if (format === "dash") void availabilityStart(url).then((began) => url === state.url && (state.began = began));
  player.error(undefined as never);
  player.src({ src: url, type: TYPES[format] });
  player.addClass("vjs-waiting");
}

/** Plays once there is enough behind the live edge: who begins on a stream's first segment would wait for each of the next. */
function begin(): void {
  if (state.loaded === undefined) return;
  const segments = vhs(player)?.playlists.media()?.segments.length ?? 0;
  if (segments === 0 || (segments < FIRST_SEGMENTS && Date.now() - state.loaded < FIRST_WAIT_MS)) return;
  state.loaded = undefined;
  player.removeClass("vjs-waiting");
  // Browsers let nothing with sound play that nobody asked for; where nothing may play at all, the viewer presses Play.
  const muted = (refused: DOMException) => {
    // Another source, or none, has come in between.
    if (refused.name !== "NotAllowedError") return undefined;
    player.muted(true);
    return player.play();
  };
  void player.play()?.catch(muted)?.catch(() => undefined);
}

player.on("error", () => {
  clearTimeout(state.retry);
  const wait = RETRIES_MS[Math.min(state.failures++, RETRIES_MS.length - 1)];
  state.retry = window.setTimeout(() => {
    if (config()?.live && state.format && state.url) load(state.format, state.url);
  }, wait);
  show();
});

function heard(what: Heard): void {
  const before = config();
  state.heard = what;
  const now = config();
  if (now) {
    // Who comes when it is lost already sees no picture from before.
    if (now.signal !== "broken") state.lost = undefined;
    else state.lost ??= before?.signal === "ok" ? Date.now() : 0;
    document.title = now.title;
    part("title").textContent = now.title;
    showFormats(now);
    const wanted = now.sources.find((source) => source.format === state.format) ?? now.sources[0];
    if (now.live && wanted) {
      state.wasLive = true;
      if (wanted.url !== state.url) load(wanted.format, wanted.url);
    } else unload();
  } else if (what.kind === "gone") unload();
  show();
}

/** Nothing comes any more: what is buffered is not the stream. */
function unload(): void {
  if (!state.url) return;
  clearTimeout(state.retry);
  Object.assign(state, { url: undefined, loaded: undefined });
  // A player that plays is reset only once it goes on playing, which it never may.
  player.pause();
  window.setTimeout(() => state.url === undefined && player.reset(), SWITCH_MS);
}

function showFormats(now: PlayerConfig): void {
  const formats = now.sources.map((source) => source.format);
  const box = part("formats");
  const key = formats.join();
  if (box.dataset["formats"] === key) return;
  box.dataset["formats"] = key;
  box.querySelectorAll("label").forEach((label) => label.remove());
  for (const [at, source] of now.sources.entries()) {
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: "format", value: source.format });
    radio.checked = state.format ? source.format === state.format : at === 0;
    radio.addEventListener("change", () => {
      const chosen = config()?.sources.find((other) => other.format === source.format);
      if (chosen) load(chosen.format, chosen.url);
    });
    const label = document.createElement("label");
    label.append(radio, NAMES[source.format]);
    box.append(label);
  }
}

function show(): void {
  const made = madeAt(player, state.format === "dash" ? state.began : undefined);
  const fromBefore = made !== undefined && state.lost !== undefined && made < state.lost;
  const tell = told({ heard: state.heard, wasLive: state.wasLive, playing: playing(), fromBefore });
  document.body.dataset["state"] = tell.kind;
  part("notice").hidden = tell.kind === "picture";
  if (part("notice-words").textContent !== tell.words) {
    part("notice-words").textContent = tell.words;
    part("status").textContent = tell.words || "Playing.";
  }
  const next = tell.kind === "not-started" || tell.kind === "ended" ? config()?.next : undefined;
  const left = next && countdown(next.start, Date.now());
  part("countdown").textContent = next && left ? `${next.title} begins in ${left}` : "";
}

function showQualities(): void {
  const rungs = [...(vhs(player)?.representations?.() ?? [])].sort((a, b) => b.bandwidth - a.bandwidth);
  const key = rungs.map((rung) => rung.id).join();
  // Between two sources there are none, and the choice stays.
  if (rungs.length === 0 || quality.dataset["rungs"] === key) return;
  quality.dataset["rungs"] = key;
  const chosen = quality.value || "auto";
  const options = rungs.map((rung) => new Option(`${rung.height ? `${rung.height}p` : "Sound"} · ${bitRate(rung.bandwidth)}`, nameOf(rung, rungs)));
  quality.replaceChildren(new Option("Auto", "auto"), ...options);
  quality.value = [...quality.options].some((option) => option.value === chosen) ? chosen : "auto";
}

/** A rung's name that is the same in every format: its lines, and its place among those that have as many. */
function nameOf(rung: Rung, all: readonly Rung[]): string {
  const alike = all.filter((other) => other.height === rung.height).sort((a, b) => b.bandwidth - a.bandwidth);
  const place = alike.indexOf(rung);
  return `${rung.height ?? "sound"}${place > 0 ? `-${place + 1}` : ""}`;
}

function choose(): void {
  if (state.url === undefined) return;
  const rungs = [...(vhs(player)?.representations?.() ?? [])];
  for (const rung of rungs) {
    const wanted = quality.value === "auto" || nameOf(rung, rungs) === quality.value;
    // Not what `enabled()` answers: a rung that VHS itself leaves out for a while is not one to switch to.
    if (wanted === Boolean(rung.playlist.disabled)) rung.enabled(wanted);
  }
}
quality.addEventListener("change", choose);

function showStatistics(): void {
  const said = (id: string, text: string) => (part(`stat-${id}`).textContent = text);
  const frames = player.getVideoPlaybackQuality() as { droppedVideoFrames?: number; totalVideoFrames?: number };
  const ahead = player.bufferedEnd() - (player.currentTime() ?? 0);
  const bandwidth = vhs(player)?.playlists.media()?.attributes?.BANDWIDTH;
  const made = madeAt(player, state.format === "dash" ? state.began : undefined);
  const latency = made === undefined ? undefined : (Date.now() - made) / 1000;
  said("resolution", player.videoWidth() ? `${player.videoWidth()} × ${player.videoHeight()}` : "–");
  said("bitrate", bandwidth ? bitRate(bandwidth) : "–");
  said("buffer", player.videoWidth() ? `${Math.max(ahead, 0).toFixed(1)} s` : "–");
  said("latency", latency === undefined ? "–" : `${latency.toFixed(1)} s`);
  said("dropped", frames.totalVideoFrames ? `${frames.droppedVideoFrames ?? 0} of ${frames.totalVideoFrames}` : "–");
}

part("show-statistics").addEventListener("click", () => {
  const panel = part("statistics");
  panel.hidden = !panel.hidden;
  part("show-statistics").setAttribute("aria-expanded", String(!panel.hidden));
});

part("copy-embed").addEventListener("click", async () => {
  const address = `${location.origin}/player/${platform}?embed=1`;
  const code = `<iframe src="${address}" title="${document.title.replace(/[&"<>]/g, "")}" width="640" height="360" allow="autoplay; fullscreen; picture-in-picture"></iframe>`;
  try {
    await navigator.clipboard.writeText(code);
    part("copy-embed").textContent = "Copied";
  } catch {
    window.prompt("The embed code:", code);
  }
  setTimeout(() => (part("copy-embed").textContent = "Copy embed code"), 2_000);
});

if (platform) {
  setInterval(() => {
    begin();
    show();
    showQualities();
    // Another source has all its rungs enabled.
    choose();
    showStatistics();
  }, 500);
  follow(platform, heard);
} else {
  part("notice").hidden = false;
  part("notice-words").textContent = "Which stream? Its address is /player/ and the platform's id.";
}
