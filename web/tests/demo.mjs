// `cargo xtask demo --video`: one platform's whole life with a picture, and what a producer and a viewer see of it, in screenshots.
import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { browser, localCloud, pause, PLATFORM, push, ROOT, SHOTS, until } from "./harness.mjs";

const NAMED = "demo-";
/** Long enough for the statistics of a format to mean something. */
const WATCH_MS = 6_000;

const begun = Date.now();
const tell = (text) => console.log(`[${((Date.now() - begun) / 1000).toFixed(1).padStart(5)} s] ${text}`);

let count = 0;
async function shoot(page, name) {
  const file = join(SHOTS, `${NAMED}${String(++count).padStart(2, "0")}-${name}.png`);
  await page.screenshot({ path: file, fullPage: true });
  tell(`  picture: ${relative(ROOT, file)}`);
}

async function live(cloud, chrome) {
  const { id } = await cloud.call("POST", "/platforms", PLATFORM);
  tell(`created ${id} (${PLATFORM.name})`);
  const portal = await chrome.page();
  await portal.goto(`${cloud.site}/p/${id}`);
  const says = (word) => portal.locator(".state .big", { hasText: new RegExp(`^${word}$`) }).waitFor({ timeout: 180_000 });
  await portal.locator(".state .big").waitFor();
  await shoot(portal, "being-built");
  await cloud.reach(id, "Ready");
  const viewer = await chrome.page();
  const seen = (state) => until(`the player says ${state}`, async () => (await viewer.evaluate(() => document.body.dataset.state)) === state);
  await viewer.goto(`${cloud.site}/player/${id}`);
  await seen("not-started");
  await shoot(viewer, "not-started");
  await cloud.call("POST", `/platforms/${id}/start`);
  tell("asked to start");
  await cloud.reach(id, "Live");
  tell("live; nobody sends yet");
  const sender = push(cloud, id);
  try {
    await seen("picture");
    tell("an encoder sends, and viewers see it");
    await viewer.click("#show-statistics");
    for (const format of ["hls", "dash", "cmaf"]) {
      await viewer.check(`input[value=${format}]`);
      await until(`${format} plays`, () => viewer.evaluate(() => document.querySelector("video").readyState >= 3));
      await pause(WATCH_MS);
      tell(`  ${format}: latency ${await viewer.textContent("#stat-latency")}, ${await viewer.textContent("#stat-resolution")}`);
      await shoot(viewer, format);
    }
    await says("On air");
    await shoot(portal, "on-air");
  } finally {
    await sender.stop();
  }
  await seen("no-signal");
  tell("the encoder was cut");
  await shoot(viewer, "no-signal");
  await cloud.call("POST", `/platforms/${id}/stop`);
  tell("asked to stop");
  await seen("ended");
  await shoot(viewer, "ended");
  await cloud.reach(id, "Ready");
  await cloud.call("DELETE", `/platforms/${id}`);
  tell("asked to tear down");
  await cloud.reach(id, "Gone");
  const left = await (await fetch(`${cloud.aws}/_headend/inventory`)).json();
  assert.deepEqual(left.resources ?? left, [], "what is left in the account");
  tell("nothing is left in the account (the archive bucket belongs to the stack)");
}

const cloud = await localCloud();
for (const old of readdirSync(SHOTS).filter((name) => name.startsWith(NAMED))) rmSync(join(SHOTS, old));
tell(`the stack runs on a simulated account: api ${cloud.api}, portal ${cloud.site}`);
const chrome = await browser();
try {
  await live(cloud, chrome);
} finally {
  await chrome.close();
  await cloud.stop();
}
