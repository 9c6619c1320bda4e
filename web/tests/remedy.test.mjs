// A lost input as a viewer sees it: the next one comes into the picture within seconds of the alarm, and no later behind it than
// the player was before.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { browser, localCloud, PLATFORM, pause, push, shoot, until } from "./harness.mjs";

/** From the alarm to the first picture of the other input, by the stream's own clock. */
const WITHIN_SECS = 15;
/** A player may be so much later behind the live edge than before: its statistics are told once a second. */
const MORE_SECS = 2;

let cloud, chrome, page, studio, backup, id;

const input = (name) => ({ name, type: "RTMP_PUSH", allowFrom: ["127.0.0.1/32"] });
const said = (id) => page.textContent(`#stat-${id}`);
const latency = async () => parseFloat(await said("latency"));

before(async () => {
  cloud = await localCloud();
  chrome = await browser();
  // The account lives sixty times as fast: an hour until the first input is tried again is a minute.
  const remediation = { mode: "act", maxActionsPerHour: 10, clearSeconds: 3600 };
  id = (await cloud.call("POST", "/platforms", { ...PLATFORM, name: "Two inputs", inputs: [input("studio"), input("backup")], remediation })).id;
  await cloud.reach(id, "Ready");
  await cloud.call("POST", `/platforms/${id}/start`);
  await cloud.reach(id, "Live");
  page = await chrome.page();
});

after(async () => {
  await studio?.stop();
  backup?.kill();
  await chrome?.close();
  await cloud?.stop();
});

/** White, for as long as nobody ends it; it calls again when it was let go. */
function white(address) {
  const sources = ["-re", "-f", "lavfi", "-i", "color=white:size=854x480:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=48000"];
  const coding = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "flv"];
  const sender = { kill: () => (sender.over = true) && sender.ffmpeg.kill("SIGKILL") };
  const call = () => {
    sender.ffmpeg = spawn("ffmpeg", ["-nostdin", "-loglevel", "error", ...sources, ...coding, address], { stdio: "ignore" });
    sender.ffmpeg.once("exit", () => sender.over || setTimeout(() => sender.over || call(), 500));
  };
  call();
  return sender;
}

/** How bright the picture is; 255 is white. */
const light = () => page.evaluate(() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 9 });
  const context = canvas.getContext("2d");
  context.drawImage(document.querySelector("video"), 0, 0, 16, 9);
  const { data } = context.getImageData(0, 0, 16, 9);
  return data.reduce((sum, value, at) => sum + (at % 4 === 3 ? 0 : value), 0) / (data.length * 0.75);
});

test("the next input is in the picture within seconds of the alarm, and the player is no later than before", async () => {
  const { ingest } = await cloud.call("GET", `/platforms/${id}`);
  backup = white(ingest.find((it) => it.input === "backup").url);
  studio = push(cloud, id);
  await page.goto(`${cloud.site}/player/${id}`);
  await until("the picture", () => page.evaluate(() => document.body.dataset.state === "picture"));
  await page.click("#show-statistics");
  await until("a picture of the studio, with a latency", async () => (await latency()) > 0 && (await light()) < 220);
  const alarm = async (from) => {
    const { entries } = await cloud.call("GET", `/platforms/${id}/timeline?limit=50`);
    return entries.find(({ at, text }) => Date.parse(at) >= from && /^alarm\/input-loss-0: ALARM/.test(text))?.at;
  };
  await pause(5_000);
  const before = await latency();
  const cut = Date.now();
  await studio.stop();
  await until("white in the picture", async () => (await light()) > 240);
  const shown = Date.now();
  // Between two segments the player may not know for a moment what it shows.
  const behind = await until("a latency", latency);
  const rang = Date.parse(await until("the alarm on the timeline", () => alarm(cut)));
  const first = shown - behind * 1000;
  console.log(`alarm ${(rang - cut) / 1000} s after the cut; the second input's picture is of ${(first - rang) / 1000} s after it, ${behind} s behind (${before} s before)`);
  assert.ok(first - rang <= WITHIN_SECS * 1000, `the first picture is of ${(first - rang) / 1000} s after the alarm`);
  assert.ok(behind <= before + MORE_SECS, `the player was ${before} s behind, and is ${behind} s behind now`);
  await shoot(page, "player-second-input");
});
