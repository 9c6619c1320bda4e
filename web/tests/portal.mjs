// The portal in a browser: from an empty account to On air and back to nothing, through its pages alone; only the test picture
// comes from outside, pushed to the address that was copied from the page. The account has to be empty and have pictures:
// `node portal.mjs --api URL [--site URL] [--shots DIR] [--browser PATH]`. Without --site it serves web/dist itself.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { open, ZONE } from "./portal_browser.mjs";
import { serve } from "./portal_serve.mjs";

const { values: options } = parseArgs({
  options: {
    api: { type: "string", default: "http://127.0.0.1:8080" }, site: { type: "string" }, shots: { type: "string" },
    browser: { type: "string", default: "/usr/bin/chromium" }, timeout: { type: "string", default: "240" },
  },
});
const NAME = "Evening news";
const SHOW = "Election night";
/** How long the account may take for a step; it is a bound against hanging, no measure. */
const PATIENCE = Number(options.timeout) * 1000;

let outage;
let server;
let site = options.site;
if (!site) {
  outage = { on: false };
  server = await serve(0, options.api, { outage });
  site = `http://127.0.0.1:${server.address().port}`;
}
const { page, errors, look, close } = await open({ ...options, site, patience: PATIENCE });

const state = (word) => page.locator(".state .big", { hasText: new RegExp(`^${word}$`) }).waitFor();
/** Server and stream key, as they were copied from the page. */
const copied = [];
const button = (name) => page.getByRole("button", { name, exact: true });

async function emptyAccount() {
  await page.goto(site);
  await page.getByRole("heading", { name: "No platforms yet" }).waitFor();
  await look("empty");
  await page.getByRole("link", { name: "Create your first platform" }).click();
}

async function problemsStandAtTheirFields() {
  await page.getByLabel("Name", { exact: true }).fill(" ");
  await page.getByLabel("Who may push").fill("127.0.0.1/32\n10.0.0.1/8");
  await page.getByText("Advanced", { exact: true }).click();
  await page.getByLabel("GOP, in seconds").fill("1.7");
  await button("Create platform").click();
  const wrong = async (label) => {
    const field = page.getByLabel(label, { exact: true });
    await page.locator("[aria-invalid]").first().waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true", `${label} is marked`);
    const ids = (await field.getAttribute("aria-describedby")).split(" ");
    return (await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()))).join(" ");
  };
  assert.match(await wrong("Name"), /empty|blank/);
  assert.match(await wrong("Who may push"), /Line 2: .*10\.0\.0\.0\/8/);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("name")), "name", "the first wrong field has the focus");
  await look("create-problems");
}

async function create() {
  await page.getByLabel("GOP, in seconds").fill("2");
  await page.getByLabel("Name", { exact: true }).fill(NAME);
  await page.getByLabel("Who may push").fill("127.0.0.1/32");
  assert.equal(await page.locator("[aria-invalid], .problem").count(), 0, "what was corrected is no longer wrong");
  await look("create");
  await button("Create platform").click();
  await state("Being built");
  await look("being-built");
  await state("Off");
  await look("off");
}

async function change() {
  await page.getByText("Settings", { exact: true }).click();
  const allowed = page.getByLabel("Who may push to studio");
  await allowed.fill("127.0.0.1/99");
  await button("Save").click();
  await page.locator("[aria-invalid]").waitFor();
  await allowed.fill("127.0.0.1/32\n198.51.100.7/32");
  await button("What would be done?").click();
  await page.locator(".plan li").first().waitFor();
  await look("settings");
  await button("Save").click();
  await page.getByText("Taken from 127.0.0.1/32, 198.51.100.7/32 only.").waitFor();
  await page.getByText("Settings", { exact: true }).click();
}

async function onAir() {
  await button("Start").click();
  await state("Warming up");
  await look("warming-up");
  await state("Ready, no signal");
  await look("no-signal");
  await button("Reveal Server").click();
  copied.length = 0;
  for (const label of ["Copy Server", "Copy Stream key"]) {
    await button(label).click();
    copied.push(await page.evaluate(() => navigator.clipboard.readText()));
  }
  const sender = push(copied.join("/"));
  try {
    await state("On air");
    assert.match(await page.locator(".state .facts").textContent(), /Running \d/);
    await look("on-air");
    await care();
    await page.getByRole("link", { name: "Platforms", exact: true }).click();
    await page.locator(".card .chip", { hasText: "On air" }).waitFor();
    await look("list");
    if (outage) await connectionLost();
    await page.getByRole("link", { name: NAME }).click();
    await state("On air");
  } finally {
    sender.kill("SIGKILL");
  }
}

/** Health in words, the hands-off switch, and what it costs. */
async function care() {
  await page.locator(".verdict").waitFor();
  await page.getByText(/more measurements?$/).click();
  await page.locator(".readings", { hasText: "Video that arrives, pipeline 0" }).waitFor();
  await page.locator(".readings .line", { hasText: "Video that arrives, pipeline 0" }).getByText(/\d frames a second$/).waitFor();
  await button("Hands off for 2 hours").click();
  await page.getByText(/^Hands off until /).waitFor();
  await page.getByText("What it is made of").click();
  await page.locator(".prices", { hasText: "An hour on air" }).waitFor();
  await look("care");
  await button("End hands-off").click();
  await button("Hands off for 2 hours").waitFor();
}

/** A picture and a tone, as any encoder sends them; like any, it calls again when it was let go. */
function push(address) {
  const sources = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
  const coding = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-pix_fmt", "yuv420p", "-b:v", "800k", "-c:a", "aac", "-f", "flv"];
  const sender = { kill: () => (sender.over = true) && sender.ffmpeg.kill("SIGKILL") };
  const call = () => {
    sender.ffmpeg = spawn("ffmpeg", ["-nostdin", "-loglevel", "error", "-re", ...sources, ...coding, address], { stdio: ["ignore", "ignore", "inherit"] });
    sender.ffmpeg.once("exit", () => sender.over || setTimeout(() => sender.over || call(), 1_000));
  };
  call();
  return sender;
}

async function connectionLost() {
  const before = errors.length;
  outage.on = true;
  await page.getByText("Connection lost").waitFor();
  await look("connection-lost");
  outage.on = false;
  await page.getByText("Connection lost").waitFor({ state: "detached" });
  // The browser itself reports every request that had no answer.
  const said = errors.splice(before);
  assert.deepEqual(said.filter((text) => !text.includes("net::ERR")), []);
}

async function offAir() {
  await button("Stop").click();
  await page.getByRole("dialog", { name: "Go off air?" }).waitFor();
  await look("stop");
  await button("Go off air").click();
  await state("Ending");
  await look("ending");
  await state("Off");
}

/** From now, in UTC, as a field for date and time takes it. */
const inMinutes = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 16);

async function problemsOfAnEvent() {
  await page.getByRole("link", { name: "Plan an event" }).click();
  assert.equal(await page.getByLabel("Time zone").inputValue(), ZONE);
  assert.match(await page.getByLabel("Start", { exact: true }).inputValue(), /:00$/, "the next full hour");
  await page.getByLabel("Every week").check();
  assert.equal(await page.locator(".days input:checked").count(), 1, "the day of the start is chosen");
  await page.getByLabel("Start", { exact: true }).fill("2030-03-29T19:00");
  await page.getByLabel("Time zone").fill("Europe/Pariss");
  await button("Plan it").click();
  await page.locator("[aria-invalid]").nth(1).waitFor();
  const wrong = await page.locator("[aria-invalid]").evaluateAll((fields) => fields.map(({ name }) => name));
  assert.deepEqual(wrong, ["title", "zone"]);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("name")), "title", "the first wrong field has the focus");
  await look("plan-problems");
  await page.getByLabel("Title").fill(SHOW);
  await page.getByLabel("Time zone").fill("Europe/Paris");
  await page.getByLabel("Last day").fill("2030-04-20");
  await page.getByLabel("Not on").fill("2030-04-05");
  await button("Add this day").click();
  await button("When would it be on?").click();
  await page.locator(".trial li").nth(2).waitFor();
  assert.deepEqual((await page.locator(".trial li").allTextContents()).map((text) => text.slice(0, 23)), ["Fri 29 Mar 2030, 19:00 ", "Fri 12 Apr 2030, 19:00 ", "Fri 19 Apr 2030, 19:00 "]);
  await look("plan-trial");
}

/** It begins within the minute, too soon to warm up: that is said before it is planned. */
async function plan() {
  await page.getByLabel("Once").check();
  await page.getByLabel("Time zone").fill("UTC");
  await page.getByLabel("Start", { exact: true }).fill(inMinutes(1));
  await page.getByLabel("End", { exact: true }).fill(inMinutes(60));
  await button("Plan it").click();
  await page.getByText("the lead time is too short").waitFor();
  await look("plan-warned");
  await button("Plan it anyway").click();
  await page.locator(".calendar h3", { hasText: SHOW }).waitFor();
}

/** The platform has one channel. */
async function overlap() {
  await page.getByRole("link", { name: "Plan an event" }).click();
  await page.getByLabel("Title").fill("Late film");
  await page.getByLabel("Time zone").fill("UTC");
  await page.getByLabel("Start", { exact: true }).fill(inMinutes(30));
  await button("Plan it").click();
  await page.locator(".wrong [name=start]").waitFor();
  assert.match(await page.locator(".wrong .problem").textContent(), /overlaps "Election night", which is on from .*\d\d:\d\d to /);
  await look("plan-overlap");
  await page.getByRole("link", { name: "Back" }).click();
}

/** The event takes the channel, goes on air, is given another end, and gives the channel up when it is cancelled. */
async function byEvent() {
  await state("Ready, no signal");
  const sender = push(copied.join("/"));
  try {
    await state("On air");
    await page.locator(".state .event", { hasText: `On air for “${SHOW}” until` }).waitFor();
    await page.locator(".next.live .countdown", { hasText: "ends in" }).waitFor();
    if (options.site) await preview();
    await look("on-air-event");
    await page.getByRole("link", { name: `Change ${SHOW}` }).click();
    await page.getByLabel("End", { exact: true }).fill(inMinutes(26 * 60));
    await button("Save").click();
    await page.locator(".next .countdown", { hasText: "ends in 1 d 1 h" }).waitFor();
    await page.getByRole("link", { name: "Platforms", exact: true }).click();
    await page.locator(".card", { hasText: `On air for “${SHOW}”` }).waitFor();
    await page.getByRole("link", { name: NAME }).click();
    await button(`Cancel… ${SHOW}`).click();
    const cancel = page.getByRole("dialog", { name: `Cancel “${SHOW}”?` });
    await cancel.getByText("It has the channel now").waitFor();
    await cancel.getByRole("button", { name: "Cancel the event" }).click();
    sender.kill("SIGKILL");
    await page.getByText(`“${SHOW}” is cancelled.`).waitFor();
    await state("Off");
  } finally {
    sender.kill("SIGKILL");
  }
  await page.getByText(`gives the channel up: it was cancelled or moved`).first().waitFor();
  assert.equal(await page.locator(".calendar h3").count(), 0);
}

/** The site's own player in the page, with the picture that is pushed. */
async function preview() {
  const frame = page.frames().find((one) => one.url().includes("/player/"));
  await frame.waitForFunction(() => document.body.dataset.state === "picture");
  // Not the black that stands for no signal, with which the channel began.
  await frame.waitForFunction(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
    const context = canvas.getContext("2d");
    context.drawImage(document.querySelector("video"), 0, 0, 8, 8);
    return context.getImageData(0, 0, 8, 8).data.some((light, at) => at % 4 !== 3 && light > 128);
  });
  assert.equal(await frame.locator("#controls").isVisible(), false, "embedded, without its frame");
}

async function backToNothing() {
  await button("Delete…").click();
  const confirm = page.getByRole("dialog", { name: "Delete this platform?" });
  await confirm.waitFor();
  await confirm.getByRole("textbox").fill("Evening new");
  assert.equal(await confirm.getByRole("button", { name: "Delete", exact: true }).isDisabled(), true, "another name deletes nothing");
  await look("delete");
  await confirm.getByRole("textbox").fill(NAME);
  await confirm.getByRole("button", { name: "Delete", exact: true }).click();
  await state("Being removed");
  await look("being-removed");
  await state("Removed");
  await look("removed");
  await page.getByRole("link", { name: "Platforms", exact: true }).click();
  await page.getByRole("heading", { name: "No platforms yet" }).waitFor();
}

try {
  await emptyAccount();
  await problemsStandAtTheirFields();
  await create();
  await change();
  await onAir();
  await offAir();
  await problemsOfAnEvent();
  await plan();
  await overlap();
  await byEvent();
  await backToNothing();
  assert.deepEqual(errors, [], "the console has no errors");
  console.log("portal: PASSED");
} catch (error) {
  console.error(errors.join("\n"));
  throw error;
} finally {
  await close();
  server?.close();
}
