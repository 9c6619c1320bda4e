// What belongs to the account and to no platform, made up: webhooks with a receiver that fails, answers late and gets well. And what a
// person does with them in the portal.
import assert from "node:assert/strict";
import { orphans, orphanStory } from "./portal_orphans.mjs";

const moment = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
const bad = { at: moment(-3), milliseconds: 10_000, error: "no answer within 10 s" };
const broken = { at: moment(-2), milliseconds: 230, status: 500, said: "<h1>Internal Server Error</h1>" };
const well = { at: moment(-1), milliseconds: 84, status: 204 };

const LONG = "https://hooks.example.net/services/T0123456789/B0123456789/a-path-that-is-longer-than-any-telephone-is-wide-0123456789abcdef";
const hook = (end, url, more = {}) => ({ id: `w-00000000000${end}`, url, description: "", types: [], platforms: [], enabled: true, createdAt: moment(-9000), ...more });
export const webhooks = [
  hook("a", "https://ops.example.net/headend", { description: "On call", types: ["platform.failed", "platform.degraded", "remediation.decided", "remediation.done", "remediation.given-up"], trouble: { since: moment(-200), failures: 12, lastAnswer: broken } }),
  hook("b", LONG, { platforms: ["p-0123456789aa", "p-0123456789ab"], previousSecretUntil: moment(600) }),
  hook("c", "https://accounting.example.net/", { types: ["budget.reached"], enabled: false }),
];
const versions = new Map(webhooks.map(({ id }) => [id, 1]));
const etag = (id) => `"w${versions.get(id)}"`;

const delivery = (sequence, type, more) => ({ messageId: `p-0123456789aa-${sequence}`, type, platform: "p-0123456789aa", sequence, createdAt: moment(-400 + sequence), state: "delivered", attempts: 1, lastAnswer: well, ...more });
const log = [
  delivery(32, "platform.failed", { state: "waiting", attempts: 0, lastAnswer: undefined }),
  delivery(31, "remediation.decided", { state: "waiting", attempts: 4, nextAttemptAt: moment(7), lastAnswer: broken }),
  delivery(30, "platform.degraded", { state: "given-up", attempts: 18, lastAnswer: bad }),
  ...Array.from({ length: 25 }, (_, at) => delivery(29 - at, "platform.live")),
];
const PAGE = 20;
const SECRET = "whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/** Somebody else is quicker, once. */
let overtaken = false;
/** So many looks at the log until the receiver has answered the test. */
const LOOKS = 2;
let looks = 0;
let lastPatch = null;

function listed(url) {
  const from = Number(url.searchParams.get("cursor") ?? 0);
  looks += 1;
  if (looks > LOOKS && log[0].type === "webhook.test") Object.assign(log[0], { state: "delivered", attempts: 1, lastAnswer: well });
  const cursor = from + PAGE < log.length ? { cursor: String(from + PAGE) } : {};
  return { deliveries: log.slice(from, from + PAGE), ...cursor };
}

const tried = (delivery) => Object.assign(delivery, { state: "waiting", attempts: delivery.attempts + 1, nextAttemptAt: moment(5), lastAnswer: { ...bad, at: moment(0) } });

function problemsOf({ url, types = [] }) {
  const errors = [];
  if (!url?.startsWith("https://")) errors.push({ pointer: "/url", detail: "begins with https://" });
  if (types.includes("event.overran")) errors.push({ pointer: `/types/${types.indexOf("event.overran")}`, detail: "is not sent today" });
  return errors.length > 0 ? [422, { type: "urn:headend:problem:invalid", title: "Invalid", status: 422, detail: "it is not valid", errors }] : null;
}

function changed(found, body, match) {
  if (!overtaken) {
    overtaken = true;
    versions.set(found.id, 9);
  }
  if (match !== etag(found.id)) return [412, { type: "urn:headend:problem:changed", title: "Changed", status: 412, detail: "the webhook has been changed since" }];
  versions.set(found.id, versions.get(found.id) + 1);
  lastPatch = body;
  return [200, Object.assign(found, body)];
}

function webhook(method, url, body, match) {
  const [, , id, what, message, again] = url.pathname.split("/");
  const found = webhooks.find((one) => one.id === id);
  if (!id && method === "GET") return [200, { webhooks }];
  if (!id) {
    const made = hook("d", body.url, body);
    return problemsOf(body) ?? (versions.set(made.id, 1), webhooks.push(made), [201, { ...made, secret: SECRET }]);
  }
  if (what === "rotate-secret") return [200, { ...Object.assign(found, { previousSecretUntil: moment(24 * 60) }), secret: SECRET }];
  if (what === "test") return (looks = 0), log.unshift({ ...delivery(0, "webhook.test", { state: "waiting", attempts: 0, lastAnswer: undefined, createdAt: moment(0) }), messageId: "w-test-1", platform: undefined, sequence: undefined }), [202, log[0]];
  // The outcome is in the answer, and in the log.
  if (again) return [200, tried(log.find((one) => one.messageId === message))];
  if (what === "deliveries") return [200, listed(url)];
  if (method === "DELETE") return webhooks.splice(webhooks.indexOf(found), 1), [204, null];
  return method === "PATCH" ? changed(found, body, match) : [200, found, etag(id)];
}

/** Answers for what the account has; the caller has looked at the token, and lost the first answer to each change. */
export function account(request, answer) {
  const url = new URL(request.url, "http://api");
  let text = "";
  request.on("data", (part) => (text += part));
  request.on("end", () => {
    const [status, body, tag = '"none"'] = url.pathname.startsWith("/orphans")
      ? orphans(request.method, url)
      : webhook(request.method, url, text ? JSON.parse(text) : null, request.headers["if-match"]);
    answer.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json", etag: tag });
    answer.end(body === null ? undefined : JSON.stringify(body));
  });
}

// ---------------------------------------------------------------- what a person does
const text = (locator) => locator.textContent();

async function list({ page, look, asked, site }) {
  await page.goto(site);
  await page.getByRole("link", { name: "Webhooks" }).click();
  const rows = page.locator(".hooks > li");
  await rows.nth(2).waitFor();
  await page.getByText("of Sunday service and Town hall").waitFor();
  const first = await text(rows.nth(0));
  assert.match(first, /^Failing.*Hears platform\.degraded, platform\.failed and everything about repairs, of all platforms.*Failing since .*, 12 attempts.*: 500 after 230 ms<h1>Internal/s);
  assert.equal(await rows.nth(0).locator(".trouble").evaluate((one) => getComputedStyle(one).color), await page.evaluate(() => getComputedStyle(document.querySelector(".chip.bad")).color), "in red");
  assert.deepEqual(await page.locator(".hooks .chip").allTextContents(), ["Failing", "On", "Off"]);
  await look("webhooks");
  await rows.nth(2).getByRole("button", { name: "Switch on" }).click();
  await page.getByText("Somebody has changed this webhook meanwhile").waitFor();
  await rows.nth(2).getByRole("button", { name: "Switch on" }).click();
  await rows.nth(2).locator(".chip.ok").waitFor();
  assert.equal(asked.findLast(({ method }) => method === "PATCH").match, '"w9"', "what is switched is the webhook as it is now");
}

async function create({ page, look }) {
  await page.getByRole("link", { name: "New webhook" }).click();
  await page.getByLabel("Description").fill("Chat");
  await page.getByRole("radio", { name: "Only these" }).first().check();
  await page.getByRole("button", { name: "Create webhook" }).click();
  await page.getByText("choose at least one, or everything").waitFor();
  await page.getByRole("checkbox", { name: "event.overran" }).check();
  await page.getByRole("checkbox", { name: "event.ended" }).check();
  await page.getByRole("radio", { name: "Only these" }).nth(1).check();
  await page.getByRole("checkbox", { name: "Regatta" }).check();
  await page.getByRole("button", { name: "Create webhook" }).click();
  await page.getByText("begins with https://").waitFor();
  await page.getByText("event.overran: is not sent today").waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "url");
  await look("webhook-problems");
  await page.getByLabel("URL").fill("https://chat.example.net/in");
  await page.getByRole("checkbox", { name: "event.overran" }).uncheck();
  await page.getByRole("button", { name: "Create webhook" }).click();
  await page.getByRole("heading", { name: "The webhook is made" }).waitFor();
  await page.getByText("It is shown this once").waitFor();
  await page.getByRole("button", { name: "Copy Secret" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), SECRET);
  await look("webhook-secret");
  await page.getByRole("link", { name: "Go on to the webhook" }).click();
  await page.getByRole("heading", { name: "Chat" }).waitFor();
  assert.equal(await page.getByText(SECRET).count(), 0, "the secret is shown once");
  assert.match(await text(page.locator(".hook")), /Hears event\.ended of Regatta/);
}

async function deliveries({ page, look, site, asked }) {
  await page.goto(`${site}/account/webhooks/w-00000000000a`);
  const rows = page.locator(".deliveries > li");
  await rows.nth(19).waitFor();
  assert.equal(await rows.count(), PAGE);
  assert.match(await text(rows.nth(0)), /Waiting platform\.failedSunday serviceno\. 32Not tried yet/);
  assert.match(await text(rows.nth(1)), /Will be tried again.*4 attempts, answered .*: 500 after 230 ms\. Next attempt (at|on) .*Internal Server Error/);
  assert.match(await text(rows.nth(2)), /Given up.*18 attempts.*no answer within 10 s/);
  await look("webhook");
  await page.getByRole("button", { name: "Earlier ones" }).click();
  await rows.nth(27).waitFor();
  assert.equal(await page.getByRole("button", { name: "Earlier ones" }).count(), 0, "that was the last page");
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("The test is sent; waiting for the answer").waitFor();
  await page.getByText("The test was delivered: 204 after 84 ms.").waitFor();
  assert.match(await text(rows.nth(0)), /Delivered webhook\.test/, "the newest comes first");
  await page.getByRole("button", { name: "Resend platform.degraded" }).click();
  await page.getByText("The message platform.degraded was not delivered: no answer within 10 s.").waitFor();
  await look("webhook-outcome");
  assert.ok(asked.some(({ method, pathname }) => method === "POST" && pathname.endsWith("/deliveries/p-0123456789aa-30/resend")));
}

/** What somebody else has changed since it was opened is not overwritten. */
async function change({ page, look, asked }) {
  versions.set("w-00000000000a", 20);
  await page.reload();
  await page.getByText("Change", { exact: true }).click();
  await page.getByLabel("Description").fill("Night shift");
  versions.set("w-00000000000a", 21);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Somebody has changed this webhook since you opened it").waitFor();
  await look("webhook-stale");
  await page.getByRole("button", { name: "Read it again" }).click();
  await page.getByText("Somebody has changed").waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Description").inputValue(), "On call");
  await page.getByLabel("Description").fill("Night shift");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Night shift" }).waitFor();
  assert.equal(asked.findLast(({ method }) => method === "PATCH").match, '"w21"');
  assert.deepEqual(lastPatch, { description: "Night shift" }, "only what is different is sent");
}

async function rotateAndRemove({ page, look }) {
  await page.getByRole("button", { name: "Rotate secret" }).click();
  await page.getByRole("dialog", { name: "Make a new secret?" }).waitFor();
  await look("webhook-rotate");
  await page.getByRole("button", { name: "Make a new secret" }).click();
  await page.getByRole("heading", { name: "A new secret" }).waitFor();
  await page.getByText("The old secret signs too until").waitFor();
  assert.equal(await page.getByText(SECRET).count(), 1);
  await page.waitForFunction(() => document.activeElement?.textContent === "A new secret");
  await page.getByRole("button", { name: "Switch off" }).click();
  await page.locator(".hook .chip", { hasText: "Off" }).waitFor();
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("heading", { name: "Webhooks" }).waitFor();
  await page.locator(".hooks > li").nth(2).waitFor();
  assert.deepEqual(webhooks.map(({ id }) => id.at(-1)), ["b", "c", "d"]);
  webhooks.length = 0;
  await page.reload();
  await page.getByRole("heading", { name: "No webhooks yet" }).waitFor();
  await look("no-webhooks");
}

export async function accountStory(told) {
  const before = told.errors.length;
  for (const part of [list, create, deliveries, change, rotateAndRemove]) await part(told);
  assert.deepEqual(told.errors.splice(before).filter((text) => !/status of (?:503|412)/.test(text)), []);
  await orphanStory(told);
}
