// The player in a browser, on video that went through the local cloud: pushed, encoded, packaged, delivered.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { browser, localCloud, NEVER_MS, pause, PLATFORM, push, shoot, until } from "./harness.mjs";

/** Each format has to play for so long without a stall. */
const PLAY_SECS = 20;
/** Encoder and browser share the machine: what else runs on it for a moment may cost a stall, what is wrong costs one each time. */
const TRIES = 3;
/** Bits of the clock in the test picture: tenths of a second (cargo xtask push). */
const CLOCK_BITS = 24;
/** What Chromium says of a manifest that is not there. */
const GONE = /Failed to load resource: .* 404 .*\/out\/v1\//;

let cloud, chrome, page, sender, id;

const state = () => page.evaluate(() => document.body.dataset.state);
const reach = (wanted) => until(`the player says ${wanted}`, async () => (await state()) === wanted);
const video = (read, given) => page.evaluate(read, given);
const said = (id) => page.textContent(`#stat-${id}`);

before(async () => {
  cloud = await localCloud();
  chrome = await browser();
  id = (await cloud.call("POST", "/platforms", PLATFORM)).id;
  await cloud.reach(id, "Ready");
  page = await chrome.page();
});

after(async () => {
  await sender?.stop();
  await chrome?.close();
  await cloud?.stop();
});

test("before the start it says so, and with a start and a sender the picture comes by itself", async () => {
  await page.goto(`${cloud.site}/player/${id}`);
  await reach("not-started");
  await shoot(page, "player-not-started");
  await cloud.call("POST", `/platforms/${id}/start`);
  await cloud.reach(id, "Live");
  sender = push(cloud, id);
  await reach("picture");
  await page.click("#show-statistics");
});

/** Chooses it, and waits until the picture is of it: the one before still plays for a moment. */
async function choose(format) {
  if (await page.isChecked(`input[value=${format}]`)) return;
  const loaded = video(() => new Promise((done) => document.querySelector("video").addEventListener("loadeddata", () => done(), { once: true })));
  await page.check(`input[value=${format}]`);
  await loaded;
}

/** Seconds played in the time, and the stalls in it. */
async function watch() {
  const begun = await video(() => {
    const element = document.querySelector("video");
    const { player } = document.querySelector("#video");
    window.stalls = [];
    element.onwaiting = () => {
      const { buffered } = element;
      const ranges = Array.from({ length: buffered.length }, (_, at) => `${buffered.start(at)}–${buffered.end(at)}`);
      window.stalls.push(`at ${element.currentTime} of ${ranges}, live edge ${player.seekable().end(0)}, ${element.videoHeight} lines`);
    };
    return element.currentTime;
  });
  await pause(PLAY_SECS * 1000);
  return video((begun) => ({ played: document.querySelector("video").currentTime - begun, stalls: window.stalls }), begun);
}

for (const format of ["hls", "dash", "cmaf"]) {
  test(`${format} plays ${PLAY_SECS} seconds without a stall`, async () => {
    await choose(format);
    await until(`${format} plays`, () => video(() => {
      const element = document.querySelector("video");
      return element.readyState >= 3 && !element.paused && element.videoWidth > 0 && document.querySelector("#video").player.bufferedEnd() - element.currentTime > 4;
    }));
    const { sources } = await cloud.call("GET", `/platforms/${id}/player-config`);
    const { url } = sources.find((source) => source.format === format);
    const asked = [];
    const note = (request) => request.url().includes("/out/v1/") && asked.push(request.url());
    page.on("request", note);
    let seen;
    for (let tries = 1; tries <= TRIES; tries++) {
      seen = await watch();
      if (seen.stalls.length === 0) break;
      console.log(`${format}, try ${tries}: ${seen.stalls.join("; ")}`);
    }
    page.off("request", note);
    assert.deepEqual(seen.stalls, []);
    assert.ok(seen.played > PLAY_SECS * 0.97, `${seen.played} s were played in ${PLAY_SECS} s`);
    // It is this format that was played, and no other.
    assert.equal(await video(() => document.querySelector("#video").player.currentSrc()), url);
    const folder = url.slice(0, url.lastIndexOf("/") + 1);
    assert.deepEqual(asked.filter((it) => !it.startsWith(folder)), []);
    const segments = asked.filter((it) => it.endsWith({ hls: ".ts", dash: ".mp4", cmaf: ".mp4" }[format]));
    assert.ok(segments.length > 3, `${segments.length} segments of ${format} were asked for: ${asked.slice(-8).join(" ")}`);
    // Statistics are of what is shown.
    assert.ok(parseFloat(await said("buffer")) > 0 && parseFloat(await said("buffer")) < 60, await said("buffer"));
    assert.match(await said("bitrate"), /^\d+(?:\.\d)? [kM]b\/s$/);
    const [, dropped, of] = /^(\d+) of (\d+)$/.exec(await said("dropped"));
    assert.ok(Number(of) > PLAY_SECS * 20 && Number(dropped) < Number(of) / 4, await said("dropped"));
    await shoot(page, `player-${format}`);
  });
}

test("the quality that is chosen is the picture that comes, and Auto has all of them again", async () => {
  for (const lines of [240, 480]) {
    await page.selectOption("#quality", String(lines));
    await until(`a picture of ${lines} lines`, () => video(() => document.querySelector("video").videoHeight).then((height) => height === lines));
  }
  await until("the statistics say so", async () => (await said("resolution"))?.endsWith("× 480"));
  // The choice outlives a change of format.
  await page.selectOption("#quality", "240");
  await choose("hls");
  await until("a picture of 240 lines by HLS", () => video(() => document.querySelector("video").videoHeight).then((height) => height === 240));
  await pause(6_000);
  assert.deepEqual([await page.inputValue("#quality"), await video(() => document.querySelector("video").videoHeight)], ["240", 240]);
  await page.selectOption("#quality", "auto");
});

/** Seconds between the picture's own clock and ours, read off the blocks in the lowest twelfth of the picture. */
const behind = () => page.evaluate((bits) => {
  const element = document.querySelector("video");
  const canvas = Object.assign(document.createElement("canvas"), { width: element.videoWidth, height: element.videoHeight });
  const context = canvas.getContext("2d");
  context.drawImage(element, 0, 0);
  const y = Math.floor(canvas.height * (23 / 24));
  let clock = 0;
  for (let place = 0; place < bits; place++) {
    const [light] = context.getImageData(Math.floor((canvas.width * (place + 0.5)) / bits), y, 1, 1).data;
    clock = clock * 2 + (light > 127 ? 1 : 0);
  }
  const now = Math.floor(Date.now() / 100) % 2 ** bits;
  return ((now - clock + 2 ** bits) % 2 ** bits) / 10;
}, CLOCK_BITS);

for (const format of ["hls", "dash", "cmaf"]) {
  test(`the latency it shows is the picture's, by ${format}`, async () => {
    await choose(format);
    await until("a latency is shown", async () => parseFloat(await said("latency")) > 0);
    await pause(3_000);
    const [clock, shown] = [await behind(), parseFloat(await said("latency"))];
    assert.ok(Math.abs(clock - shown) <= 1, `the picture is ${clock} s old, the player says ${shown} s`);
  });
}

test("scrubbing back thirty seconds shows what was, and the LIVE button leads back to the edge", async () => {
  await choose("hls");
  await until("there is something to go back to", () => video(() => {
    const { player } = document.querySelector("#video");
    const range = player.seekable();
    return player.readyState() >= 3 && range.length > 0 && range.end(0) - range.start(0) > 36;
  }));
  let edge;
  await until("the picture is of now", async () => (edge = await behind()) < 40);
  await video(() => {
    const { player } = document.querySelector("#video");
    player.currentTime(player.currentTime() - 30);
  });
  let seen;
  const older = async () => Math.abs((seen = await behind()) - edge - 30) < 4;
  await until("the picture is thirty seconds older", older, 30_000).catch((error) => assert.fail(`${error.message}: ${edge} s at the edge, ${seen} s after`));
  // By keyboard: the controls hide until a mouse moves, and come back with the focus.
  await page.locator(".vjs-seek-to-live-control").press("Enter");
  await until("the picture is at the edge again", async () => (await behind()) < edge + 6);
});

test("a rung that fails is left alone, and an end while a quality is chosen leaves neither an error nor a last picture", async () => {
  const other = await chrome.page();
  let over = false, broken, asked = 0;
  await other.route("**/player-config", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), ...(over && { live: false }) } });
  });
  await other.route("**/out/v1/**", (route) => {
    if (route.request().url() !== broken) return route.continue();
    asked += 1;
    return route.fulfill({ status: 404, contentType: "text/plain", body: "Simulated." });
  });
  const shown = (wanted) => until(`the other page says ${wanted}`, async () => (await other.evaluate(() => document.body.dataset.state)) === wanted);
  const rung = () => other.evaluate(() => document.querySelector("#video").player.tech(true).vhs.playlists.media().resolvedUri);
  await other.goto(`${cloud.site}/player/${id}`);
  await shown("picture");
  broken = await rung();
  await until("another rung is played", async () => asked > 0 && (await rung()) !== broken);
  asked = 0;
  await pause(5_000);
  assert.ok(asked <= 1, `a rung that fails was asked for ${asked} times in five seconds`);
  // What is chosen takes effect a moment later: the end comes in between.
  await other.evaluate(() => {
    const quality = document.querySelector("#quality");
    const names = ["240", "480"];
    window.choosing = setInterval(() => {
      quality.value = names.reverse()[0];
      quality.dispatchEvent(new Event("change"));
    }, 40);
  });
  over = true;
  await shown("ended");
  await until("the picture is gone", () => other.evaluate(() => !document.querySelector("#video").player.currentSrc()));
  await pause(1_000);
  assert.deepEqual(other.problems.filter((problem) => !GONE.test(problem)), []);
  await other.close();
});

/** Manifests that are not there yet, or not any more, are asked for again; Chromium tells of each. Nothing else may be missing. */
function noProblems() {
  assert.deepEqual(page.problems.filter((problem) => !GONE.test(problem)), []);
}

test("a cut encoder is no signal, and when it is back the picture moves again", async () => {
  await sender.stop();
  await reach("no-signal");
  await shoot(page, "player-no-signal");
  sender = push(cloud, id);
  await reach("picture");
  await until("the picture is of now", async () => (await behind()) < 40);
});

test("nothing serious for people who do not see or use a mouse, no errors, and an embedded player without its frame", async () => {
  noProblems();
  const embedded = await chrome.page();
  const body = `<iframe src="${cloud.site}/player/${id}?embed=1" width="640" height="360" allow="autoplay"></iframe>`;
  // Another origin, of this machine too: browsers let no page of the internet look into it.
  const paper = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(body)).listen(0, "127.0.0.1");
  await once(paper, "listening");
  await embedded.goto(`http://127.0.0.1:${paper.address().port}/`);
  const frame = await (await embedded.waitForSelector("iframe")).contentFrame();
  await until("the frame shows the picture", () => frame.evaluate(() => document.body.dataset.state === "picture").catch(() => false));
  assert.equal(await frame.isVisible("#controls"), false);
  await embedded.close();
  paper.close();
});

test("the end is told, and so is a stream that does not exist", async () => {
  await sender.stop();
  await cloud.call("POST", `/platforms/${id}/stop`);
  await cloud.reach(id, "Ready");
  await reach("ended");
  await shoot(page, "player-ended");
  noProblems();
  await page.goto(`${cloud.site}/player/p-000000000000`);
  await reach("gone");
  await shoot(page, "player-gone");
}, { timeout: NEVER_MS });
