// Webhooks in words and as a form, without a browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Delivery, Webhook } from "../src/types";
import { answerInWords, byName, deliveryState, EMPTY_WEBHOOK, GROUPS, hearsInWords, outcomeInWords, outcomeOf, unchosen, webhookForm, webhookOf, webhookPatch, webhookState } from "../src/webhooks";

const webhook: Webhook = { id: "w-0123456789ab", url: "https://ops.example.net/", description: "On call", types: ["platform.failed"], platforms: [], enabled: true, createdAt: "2026-03-26T12:00:00.000Z" };
const answer = { at: "2026-03-26T12:00:00.000Z", milliseconds: 230, status: 500 };
const delivery: Delivery = { messageId: "p-0123456789ab-12", type: "platform.failed", platform: "p-0123456789ab", sequence: 12, createdAt: answer.at, state: "waiting", attempts: 1, lastAnswer: answer };

test("the form offers every message that is documented, and no other", () => {
  const documented = readFileSync("../../docs/messages.md", "utf8").matchAll(/^\| `([a-z]+\.[a-z-]+)` \|/gm);
  assert.deepEqual(GROUPS.flatMap(({ types }) => Object.keys(types)), [...documented].map(([, type]) => type));
});

test("what a webhook hears is said in words; a whole group by its name, what is not known as it stands", () => {
  const hears = (types: string[], platforms: string[] = []) => hearsInWords({ types, platforms }, new Map([["p-a", "Regatta"], ["p-b", "Town hall"]]));
  assert.equal(hears([]), "Everything of all platforms");
  assert.equal(hears(["platform.failed"]), "platform.failed of all platforms");
  assert.equal(hears(["event.ended", "platform.failed"], ["p-a"]), "platform.failed and event.ended, of Regatta");
  assert.equal(hears(["remediation.decided", "remediation.done", "remediation.given-up", "budget.reached"]), "Everything about repairs and budget.reached, of all platforms");
  assert.equal(hears(["drift.found"], ["p-a", "p-b", "p-c"]), "drift.found of Regatta, Town hall and p-c");
  assert.equal(hears([], ["p-a", "p-b", "p-c", "p-d"]), "Everything of 4 platforms");
});

test("what a receiver answered is its status and how long it took, or why there is none", () => {
  assert.equal(answerInWords(answer), "500 after 230 ms");
  assert.equal(answerInWords({ at: answer.at, milliseconds: 10_000, error: "no answer within 10 s" }), "no answer within 10 s");
  assert.equal(answerInWords({ ...answer, milliseconds: 1_520, status: 302, error: "redirects are not followed" }), "302 after 1.5 s, redirects are not followed");
  assert.equal(answerInWords({ at: answer.at, milliseconds: 40 }), "nothing after 40 ms");
});

test("a webhook that fails says so, off or on", () => {
  const trouble = { since: answer.at, failures: 3, lastAnswer: answer };
  const words = (more: Partial<Webhook>) => webhookState({ ...webhook, ...more }).map(({ word }) => word);
  assert.deepEqual([words({}), words({ enabled: false }), words({ trouble }), words({ trouble, enabled: false })], [["On"], ["Off"], ["Failing"], ["Failing", "Off"]]);
});

test("something has come of what was sent when it waits no more, or was answered once more; the log knows, or the answer itself", () => {
  const untried: Delivery = { ...delivery, attempts: 0 };
  delete untried.lastAnswer;
  const again: Delivery = { ...delivery, attempts: 2, lastAnswer: { ...answer, at: "2026-03-26T12:05:00.000Z" } };
  const of = (before: Delivery | null, answered: Delivery | null, log: Delivery[] = []) => outcomeOf({ type: "platform.failed", before, answered, at: 0 }, log);
  assert.equal(of(null, null, [delivery]), null, "it is still being sent");
  assert.equal(of(null, untried, [untried]), null);
  assert.equal(of(null, untried, [delivery]), delivery, "a first attempt that failed");
  assert.equal(of(delivery, delivery, [delivery]), null, "the answer of before is no outcome");
  assert.equal(of(delivery, delivery, [again]), again);
  assert.equal(of(delivery, again, [delivery]), again, "the log is behind the answer");
  assert.equal(of(null, { ...untried, state: "given-up" })?.state, "given-up", "not in the log yet");
  assert.equal(outcomeInWords(delivery), "was not delivered: 500 after 230 ms.");
  assert.equal(outcomeInWords({ ...delivery, state: "delivered", lastAnswer: { ...answer, status: 204 } }), "was delivered: 204 after 230 ms.");
  assert.deepEqual([deliveryState(untried).word, deliveryState(delivery).word, deliveryState({ state: "given-up", attempts: 9 }).word], ["Waiting", "Will be tried again", "Given up"]);
});

test("the form asks for all by empty lists, and a change for what is different only", () => {
  assert.deepEqual(webhookOf({ ...EMPTY_WEBHOOK, url: " https://a.example/ ", types: ["platform.live"] }), { url: "https://a.example/", description: "", types: [], platforms: [] });
  const was = webhookForm(webhook);
  assert.deepEqual(was, { url: "https://ops.example.net/", description: "On call", allTypes: false, types: ["platform.failed"], allPlatforms: true, platforms: [] });
  assert.deepEqual(webhookPatch(was, { ...was }), {});
  assert.deepEqual(webhookPatch(was, { ...was, allTypes: true, description: "" }), { description: "", types: [] });
});

test("who means to choose and chooses nothing is asked, since nothing chosen is everything", () => {
  assert.deepEqual(unchosen({ ...EMPTY_WEBHOOK, types: [] }), []);
  assert.deepEqual(unchosen({ ...EMPTY_WEBHOOK, allTypes: false, allPlatforms: false }).map(({ pointer }) => pointer), ["/types", "/platforms"]);
  assert.deepEqual(unchosen({ ...EMPTY_WEBHOOK, allTypes: false, types: ["platform.live"], allPlatforms: false, platforms: ["p-a"] }), []);
});

test("a problem of one box names it", () => {
  const form = { ...EMPTY_WEBHOOK, types: ["platform.live"], platforms: ["p-a"] };
  assert.deepEqual(byName([{ pointer: "/types/0", detail: "is none" }, { pointer: "/platforms/0", detail: "is not yours" }, { pointer: "/types", detail: "too many" }, { pointer: "/url", detail: "no" }], form), [
    { pointer: "/types", detail: "platform.live: is none" }, { pointer: "/platforms", detail: "p-a: is not yours" }, { pointer: "/types", detail: "too many" }, { pointer: "/url", detail: "no" },
  ]);
});
