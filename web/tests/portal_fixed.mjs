// The portal against an API and a user pool that are made up here: signing in, and states that are hard to come by.
// `node portal_fixed.mjs [--shots DIR] [--browser PATH]`.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { open } from "./portal_browser.mjs";
import { account, accountStory } from "./portal_account.mjs";
import { calendarOf, keptOf } from "./portal_events.mjs";
import { reportOf, reportStory } from "./portal_report.mjs";
import { serve } from "./portal_serve.mjs";

const { values: options } = parseArgs({ options: { shots: { type: "string" }, browser: { type: "string", default: "/usr/bin/chromium" } } });
const PATIENCE = 30_000;

// ---------------------------------------------------------------- the API
const ID = "p-0123456789a";
const fine = ["Ingest", "Encoding", "Packaging", "Delivery", "Signal"].map((name) => ({ name, status: "ok" }));
const broken = (name, reason) => [...fine.filter((one) => one.name !== name), { name, status: "broken", reason }];
const input = { name: "studio", type: "RTMP_PUSH", allowFrom: [], sourceAudio: "stereo" };
const guard = { idleStopMinutes: 20, monthlyBudgetUsd: 300, onBudget: "stop" };
const remediation = { mode: "act", maxActionsPerHour: 3, clearSeconds: 60 };
const meter = { month: "2026-01", running: true, runningSeconds: 277_200, usd: 263.34, usdPerHour: 3.42, verified: false, budget: { usd: 300, percent: 87.8 } };
const judder = "30.00 frames a second arrive and 25 are made, so that motion judders: set 25 in the encoder, or ladder.frameRate";
const reading = (metric, verdict, value, unit, text) => ({ metric, pipeline: 0, verdict, value, unit, text });
const health = {
  verdict: "critical", summary: "nothing arrives from the network: check the encoder's uplink, its address, and allowFrom", alarms: [], at: "2026-01-14T09:05:00.000Z", windowSeconds: 300,
  metrics: [
    reading("InputVideoFrameRate", "warning", 30, "frames a second", judder),
    reading("NetworkIn", "critical", 0, "Mb/s", "nothing arrives from the network: check the encoder's uplink, its address, and allowFrom"),
    reading("SvqTime", "ok", 0, "%", "encoding keeps up"),
  ],
};
const platform = (end, name, phase, more = {}) => ({
  id: ID + end, name, phase, createdAt: "2026-01-14T09:00:00.468Z", intent: { want: "Live", by: "anna", at: "2026-01-14T09:00:00.468Z", generation: 2 },
  conditions: fine, progress: { done: 15, total: 15, waitingOn: [] }, ingest: [], playback: [], resources: [],
  spec: { name, channelClass: "single", inputs: [input], ladder: { frameRate: "30", gopSeconds: 2, rungs: [] }, endpoints: {}, archive: { enabled: true }, guard, remediation },
  meter, links: {}, ...more,
});
const failure = { slot: "channel", code: "ServiceQuotaExceededException", message: "You have reached the limit of 5 channels", cure: "Ask AWS for a higher quota of channels in Service Quotas, then retry", at: "2026-01-14T09:00:00.468Z" };
const platforms = [
  platform("a", "Sunday service", "Live", { liveSince: "2026-01-14T09:03:20.359Z", intent: { want: "Live", by: 'planned event "Mass"', at: "2026-01-14T09:00:00.468Z", generation: 2 }, onAirEvent: keptOf("on-air"), nextEvent: keptOf("series"), conditions: broken("Alarms", "in ALARM: alarm/cdn-5xx, alarm/packager-5xx") }),
  platform("b", "Town hall", "Failed", { failures: [failure], progress: { done: 8, total: 15, waitingOn: [] }, conditions: broken("Encoding", "channel: ServiceQuotaExceededException: You have reached the limit of 5 channels") }),
  platform("c", "A name that is as long as names may be, eighty letters, and has no end in sight !", "Live", { liveSince: "2026-01-01T09:03:20.359Z", conditions: broken("IngestClosed", "no CIDR may push to: studio; name one in allowFrom"), ingest: [{ input: "studio", type: "RTMP_PUSH", pipeline: 0, url: "rtmp://198.51.100.244:1935/studio-7bc852a1fbabc06a/a", allowedFrom: [] }] }),
  platform("d", "Regatta", "Provisioning", { progress: { done: 9, total: 15, waitingOn: ["waiting for the CDN distribution, usually 3 to 8 minutes"] }, conditions: fine.map(({ name }) => ({ name, status: "not-yet", reason: "not there: distribution" })) }),
  platform("e", "Stadium", "Ready", { guardStop: { at: "2026-01-14T09:00:00.468Z", rule: "idle", reason: "no video has arrived for 20 minutes; push to an input, then start it again" }, intent: { want: "Idle", by: "anna", at: "2026-01-14T09:00:00.468Z", generation: 2 }, nextEvent: keptOf("series") }),
];

const asked = [];
let goodToken = "first";
let refused = false;
const api = createServer((request, answer) => {
  const { pathname } = new URL(request.url, "http://api");
  asked.push({ method: request.method, pathname, match: request.headers["if-match"], key: request.headers["idempotency-key"], token: request.headers.authorization });
  const send = (status, body) => answer.writeHead(status, { "content-type": "application/json", etag: '"g2"' }).end(JSON.stringify(body));
  if (request.headers.authorization !== `Bearer ${goodToken}`) return send(401, { message: "Unauthorized" });
  if (pathname === "/platforms") return send(200, { platforms: platforms.map(({ id, name, phase, createdAt }) => ({ id, name, phase, createdAt })) });
  // The first answer to each request that changes something is API Gateway's that the function took too long. (An answer that is
  // cut off would be asked for again by the browser itself.)
  if (request.method !== "GET" && asked.filter((one) => one.key === asked.at(-1).key).length === 1) return send(503, { message: "Service Unavailable" });
  if (/^\/(webhooks|orphans)/.test(pathname)) return account(request, answer);
  const found = platforms.find(({ id }) => pathname.startsWith(`/platforms/${id}`));
  if (pathname.includes("/reports/")) return send(200, reportOf(pathname));
  if (pathname.includes("/planned-events")) {
    const calendar = calendarOf(found.onAirEvent ? ["on-air", "series"] : found.nextEvent ? ["series", "once", "over"] : []);
    const event = calendar.events.find(({ id }) => pathname.endsWith(id));
    if (request.method === "DELETE" && !refused) return (refused = true), send(412, { detail: "the planned event has been changed since" });
    return send(200, event ?? calendar);
  }
  if (pathname.endsWith("/health")) return send(200, health);
  return pathname.endsWith("/timeline") ? send(200, { entries: [] }) : send(request.method === "GET" ? 200 : 202, found);
});

// ---------------------------------------------------------------- the user pool
const pool = { challenge: null, state: null, grants: [], lies: false, lives: 3600 };
const poolServer = createServer((request, answer) => {
  const url = new URL(request.url, "http://pool");
  answer.setHeader("access-control-allow-origin", "*");
  if (url.pathname === "/login") {
    pool.challenge = url.searchParams.get("code_challenge");
    assert.equal(url.searchParams.get("code_challenge_method"), "S256");
    const back = new URLSearchParams({ code: "the-code", state: pool.lies ? "another" : url.searchParams.get("state") });
    return answer.writeHead(302, { location: `${url.searchParams.get("redirect_uri")}?${back}` }).end();
  }
  if (url.pathname === "/logout") return answer.writeHead(302, { location: url.searchParams.get("logout_uri") }).end();
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    const grant = Object.fromEntries(new URLSearchParams(body));
    pool.grants.push(grant);
    const proven = createHash("sha256").update(grant.code_verifier ?? "").digest("base64url") === pool.challenge;
    const given = grant.grant_type === "refresh_token" ? grant.refresh_token === "refresh" : proven && grant.code === "the-code";
    if (!given) return answer.writeHead(400).end("{}");
    answer.setHeader("content-type", "application/json");
    answer.end(JSON.stringify({ access_token: goodToken, refresh_token: grant.refresh_token ? undefined : "refresh", expires_in: pool.lives }));
  });
});

const listen = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(`http://127.0.0.1:${server.address().port}`)));
const [apiUrl, poolUrl] = [await listen(api), await listen(poolServer)];
const signIn = { authorizeUrl: `${poolUrl}/login`, tokenUrl: `${poolUrl}/token`, logoutUrl: `${poolUrl}/logout`, clientId: "portal", scopes: "openid platforms/read" };
const siteServer = await serve(0, apiUrl, { config: { signIn }, pool: poolUrl });
const site = `http://127.0.0.1:${siteServer.address().port}`;
const { page, errors, look, close } = await open({ ...options, site, patience: PATIENCE });

async function signingIn() {
  await page.goto(`${site}/p/${ID}a`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await look("sign-in");
  pool.lies = true;
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await page.getByText("another state than it left with").waitFor();
  assert.equal(pool.grants.length, 0, "a code that somebody else asked for is not used");
  pool.lies = false;
  pool.lives = 30;
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await page.locator(".big", { hasText: "Degraded" }).waitFor();
  assert.equal(page.url(), `${site}/p/${ID}a`, "back at the page that was asked for, with nothing in its address");
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage)), "{}");
}

/** A token that ends within a minute is exchanged before it is used. */
async function refreshing() {
  goodToken = "second";
  pool.lives = 3600;
  await page.waitForFunction(() => sessionStorage.getItem("headend-tokens")?.includes("second"));
  assert.ok(pool.grants.some((grant) => grant.grant_type === "refresh_token"));
}

/** One that the API refuses before its time is exchanged, and what was asked with it is asked again. */
async function refusedEarly() {
  const renewed = pool.grants.length;
  goodToken = "third";
  await page.waitForFunction(() => sessionStorage.getItem("headend-tokens")?.includes("third"));
  assert.equal(pool.grants.length, renewed + 1, "once for all that were refused");
  assert.equal(await page.getByRole("heading", { name: "Sign in" }).count(), 0);
}

async function statesHardToComeBy() {
  assert.match(await page.locator(".verdict").textContent(), /nothing arrives from the network/);
  assert.deepEqual(await page.locator(".readings > li:visible b").allTextContents(), ["Data that arrives, pipeline 0", "Video that arrives, pipeline 0"], "the worst comes first");
  assert.match(await page.locator(".bill").textContent(), /\$263\.34 in 2026-01, for 3 d 5 h on air.*87\.8 % of the budget of \$300\.00, at which it is stopped/);
  await look("degraded");
  await page.getByRole("link", { name: "Platforms", exact: true }).click();
  await page.locator(".card").nth(4).waitFor();
  assert.deepEqual(await page.locator(".card .chip").allTextContents(), ["Degraded", "Failed", "On air", "Being built", "Off"]);
  assert.match(await page.locator(".card").nth(4).textContent(), /Waiting for “Friday night” (?:at|on) .* in \d/);
  assert.match(await page.locator(".card").nth(0).textContent(), /On air for “Mass” until \d\d:\d\d|On air for “Mass” until \w+ \d/);
  await look("many");
  await page.getByRole("link", { name: /A name that/ }).click();
  await page.getByText("Nobody may push yet").waitFor();
  await look("closed");
  await page.goto(`${site}/p/${ID}b`);
  await page.getByRole("heading", { name: "What has to be fixed" }).waitFor();
  await look("failed");
}

/** An event ends by itself; who stays on after it says start, and who stops it ends this occurrence. */
async function duringAnEvent() {
  await page.goto(`${site}/p/${ID}a`);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("This ends “Mass” this time only.").waitFor();
  await page.getByRole("button", { name: "Stay on air" }).click();
  const before = errors.length;
  await page.getByRole("button", { name: "Stay on after it" }).click();
  await page.waitForFunction(() => document.querySelector(".state button:disabled") === null);
  assert.equal(asked.filter(({ method, pathname }) => method === "POST" && pathname.endsWith("a/start")).length, 2);
  assert.deepEqual(errors.splice(before).filter((text) => !/status of 503/.test(text)), []);
}

async function plannedEvents() {
  await page.goto(`${site}/p/${ID}e`);
  const card = page.locator(".calendar");
  await card.locator(".events > li").nth(2).waitFor();
  assert.match(await page.locator(".state .event").textContent(), /^Waiting for “Friday night” (?:at|on) .* in \d/);
  assert.deepEqual(await card.locator("h3").allTextContents(), ["Friday night", "Cup final", "Rehearsal"], "what comes first stands first");
  assert.match(await card.locator(".past").first().textContent(), /Aired: on to its end.*Missed: it was too late.*Not on air: no channel was free/);
  assert.match(await page.locator(".bill").textContent(), /Stopped by the guard: no video has arrived for 20 minutes/);
  await look("events");
  await card.getByRole("button", { name: "Earlier ones of Friday night" }).click();
  assert.match(await card.locator(".past").first().textContent(), /Stopped: a person.*Cancelled: /);
  await card.getByRole("link", { name: "Change Friday night" }).click();
  await page.getByLabel("Friday", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Title").inputValue(), "Friday night");
  assert.equal(await page.getByLabel("Friday", { exact: true }).isChecked(), true);
  assert.equal(await page.getByRole("button", { name: "Save" }).isDisabled(), true, "nothing is different yet");
  await page.getByText("Advanced", { exact: true }).click();
  await look("change-event");
  await page.goBack();
}

/** What was changed since it was read is not cancelled; one of a series is left out by its date. */
async function cancelling() {
  const before = errors.length;
  const card = page.locator(".calendar");
  const cancel = page.getByRole("dialog", { name: "Cancel “Friday night”?" });
  await card.getByRole("button", { name: "Cancel… Friday night" }).click();
  await cancel.waitFor();
  await look("cancel-event");
  await cancel.getByRole("button", { name: "Cancel all of them" }).click();
  await cancel.getByText("has been changed since").waitFor();
  await page.keyboard.press("Escape");
  await card.getByRole("button", { name: "Cancel… Friday night" }).click();
  await cancel.getByRole("button", { name: "Leave out the next one only" }).click();
  await card.getByText("“Friday night” leaves out").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Planned events", "the focus is not lost");
  const { match } = asked.findLast(({ method }) => method === "PATCH");
  assert.equal(match, '"g2"');
  assert.deepEqual(errors.splice(before).filter((text) => !/status of (?:503|412)/.test(text)), []);
}

/** A request that nobody knows the fate of is sent again with the key that it had. */
async function sentAgain() {
  const before = errors.length;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForFunction(() => document.querySelector(".state button:disabled") === null);
  const retries = asked.filter(({ pathname }) => pathname.endsWith("/retry"));
  assert.equal(retries.length, 2);
  assert.ok(retries[0].key);
  assert.equal(retries[0].key, retries[1].key);
  // The browser reports the 503.
  assert.deepEqual(errors.splice(before).filter((text) => !/status of 503/.test(text)), []);
}

async function signingOut() {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem("headend-tokens")), null);
}

try {
  await signingIn();
  await refreshing();
  await refusedEarly();
  await statesHardToComeBy();
  await sentAgain();
  await duringAnEvent();
  await plannedEvents();
  await cancelling();
  await reportStory({ page, look, asked, errors, site, shots: options.shots });
  await accountStory({ page, look, asked, errors, site });
  await signingOut();
  assert.deepEqual(errors, [], "the console has no errors");
  console.log("portal, made up: PASSED");
} catch (error) {
  console.error(errors.join("\n"));
  throw error;
} finally {
  await close();
  for (const server of [siteServer, api, poolServer]) server.close();
}
