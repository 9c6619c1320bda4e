// Orphans in words, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cureInWords, isDone, isRunning, kindInWords, leftInWords, stepInWords } from "../src/orphans";

test("a removal is over when nothing is to be asked for again", () => {
  const next = "ask again when the channel has stopped: it is removed then";
  assert.deepEqual(["stopping", "disabling", "waiting"].map((state) => isDone({ id: "channel.1", state, next })), [false, false, false]);
  assert.equal(isDone({ id: "input.1", state: "removed", next: "nothing" }), true);
  assert.equal(isDone({ id: "distribution.1", state: "removing", next: "nothing" }), true);
  assert.equal(isDone({ id: "input.1", state: "gone" }), true, "another state without a next step");
  assert.equal(stepInWords({ id: "channel.1", state: "stopping", next }), "AWS is stopping it; it is removed after that.");
  assert.equal(stepInWords({ id: "channel.1", state: "draining", next: "ask again" }), "draining; ask again");
});

test("what is left over is called as everywhere in the portal", () => {
  assert.equal(kindInWords({ kind: "distribution" }), "CDN distribution");
  assert.equal(kindInWords({ kind: "flow" }), "flow");
  assert.deepEqual([isRunning({ kind: "channel", state: "running" }), isRunning({ kind: "channel", state: "ready" }), isRunning({ kind: "input", state: "running" })], [true, false, false]);
});

test("a cure has no paths of the API in it", () => {
  assert.equal(cureInWords("DELETE /platforms/p-abcdefghjkmn, or start it or plan an event for it"), "Delete it, or start it or plan an event for it");
});

test("what AWS did not tell is said, whatever is known of it", () => {
  assert.deepEqual(leftInWords({ left: [{ service: "MediaLive channels", reason: "AccessDenied" }, { kind: "alarm" }] }), ["MediaLive channels: AccessDenied", "alarm"]);
  assert.deepEqual(leftInWords({}), []);
});
