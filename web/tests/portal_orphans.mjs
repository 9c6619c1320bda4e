// What is left over, made up: a channel that still runs, a distribution that something uses, what cannot be removed yet, and a platform
// that nobody uses. And looking for it, and removing it.
import assert from "node:assert/strict";

const moment = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
const PLATFORM = "p-abcdefghjkmn";
const NEXT = "ask again when the channel has stopped: it is removed then";
const orphan = (kind, id, slot, state, more = {}) => ({
  id: `${kind}.${id}`, kind, name: `hl-${PLATFORM}-${slot.replace("/", "-")}-1`, platform: PLATFORM, slot, state, removable: true,
  createdAt: moment(-90_000), why: "the platform is gone", ...more,
});
let found = [
  orphan("channel", "3344556", "channel", "running", { arn: "arn:aws:medialive:eu-west-1:123456789012:channel:3344556", why: "the platform has another channel" }),
  orphan("distribution", "E2QWRUHAPOMQZL", "distribution", "ready", { arn: "arn:aws:cloudfront::123456789012:distribution/E2QWRUHAPOMQZL" }),
  orphan("input", "8172635", "input/studio", "in-use", { removable: false, createdAt: undefined, why: "the platform is gone; it is attached to a channel, which has to go first" }),
];
let unused = [{ id: "p-0123456789ae", name: "Stadium", phase: "Ready", createdAt: moment(-90_000), usdPerMonth: 14.6, cure: "DELETE /platforms/p-0123456789ae, or start it or plan an event for it" }];
let left = [{ service: "Secrets Manager", reason: "ThrottlingException: Rate exceeded" }];
let steps = 0;

/** `GET /orphans` and `DELETE /orphans/{orphanId}`. */
export function orphans(method, url) {
  if (method === "DELETE" && url.pathname.includes("distribution")) {
    return [409, { type: "urn:headend:problem:still-in-use", title: "Something else uses it", status: 409, detail: "AWS does not remove it while something else uses it" }];
  }
  if (method === "DELETE") return (steps += 1), [202, { id: url.pathname.split("/")[2], state: steps > 1 ? "removed" : "stopping", next: steps > 1 ? "nothing" : NEXT }];
  const days = url.searchParams.get("unusedDays");
  if (!(Number(days) > 0)) return [422, { type: "urn:headend:problem:invalid-query", title: "Invalid", status: 422, detail: "invalid", errors: [{ pointer: "/unusedDays", detail: "is from 1 to 3650" }] }];
  return [200, { orphans: found, unused, lookedAt: moment(0), left }];
}

async function lookAround({ page, look, site, asked }) {
  await page.goto(site);
  await page.getByRole("link", { name: "Orphans" }).click();
  const rows = page.locator(".orphans > li");
  await rows.nth(3).waitFor();
  assert.match(await rows.nth(0).textContent(), /^Encoder, running.*It runs, and costs as much as a channel on air.*The platform has another channel.*Made .* for the platform p-abcdefghjkmn/);
  assert.match(await rows.nth(2).textContent(), /at a time that AWS does not tell.*It cannot be removed now/);
  assert.equal(await rows.nth(2).getByRole("button").count(), 0);
  assert.match(await rows.nth(3).textContent(), /^OffStadiumDelete it, or start it or plan an event for it.*\$14\.60 a month/);
  await page.getByText("Secrets Manager: ThrottlingException").waitFor();
  await look("orphans");
  await page.getByLabel("Unused for days").fill("soon");
  await page.getByRole("button", { name: "Look again" }).click();
  await page.getByText("is from 1 to 3650").waitFor();
  assert.equal(await page.getByLabel("Unused for days").getAttribute("aria-invalid"), "true");
  assert.equal(asked.filter(({ pathname }) => pathname === "/orphans").length, 2, "it is looked for when somebody asks");
}

/** A channel is stopped before it goes: the page asks for the second step itself. */
async function remove({ page, look, asked }) {
  const rows = page.locator(".orphans > li");
  await rows.nth(0).getByRole("button", { name: "Remove" }).click();
  const sure = page.getByRole("dialog", { name: /^Remove hl-/ });
  await sure.getByText("It is stopped first").waitFor();
  await look("orphan-remove");
  assert.equal(asked.some(({ method, pathname }) => method === "DELETE" && pathname.startsWith("/orphans/")), false, "nothing before somebody is sure");
  await sure.getByRole("button", { name: "Remove" }).click();
  await rows.nth(0).getByText("AWS is stopping it").waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "H3");
  await rows.nth(1).getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog", { name: /distribution/ }).getByRole("button", { name: "Remove" }).click();
  await rows.nth(1).getByText("while something else uses it").waitFor();
  await look("orphan-stopping");
  await rows.nth(0).getByText("Removed.").waitFor();
  assert.equal(await rows.nth(0).getByRole("button").count(), 0);
  const keys = asked.filter(({ method, pathname }) => method === "DELETE" && pathname === "/orphans/channel.3344556").map(({ key }) => key);
  assert.equal(new Set(keys).size, 2, "each step is a request of its own");
}

async function nothing({ page, look }) {
  [found, unused, left] = [[], [], []];
  await page.getByLabel("Unused for days").fill("90");
  await page.getByRole("button", { name: "Look again" }).click();
  await page.getByRole("heading", { name: "Nothing is left over" }).waitFor();
  assert.equal(await page.locator(".orphans > li").count(), 0);
  await look("no-orphans");
}

export async function orphanStory(told) {
  const before = told.errors.length;
  for (const part of [lookAround, remove, nothing]) await part(told);
  assert.deepEqual(told.errors.splice(before).filter((text) => !/status of 503/.test(text)), []);
}
