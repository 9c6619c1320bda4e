// The portal's words and forms, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, pointers, toRequest } from "../src/form";
import type { Condition, Platform, Reading, Resource } from "../src/types";
import { alarmCount, consoleLink, dollars, duration, fieldOf, happening, healthLines, isHandsOff, metricName, problemsByField, reasonInWords, rtmpParts, stateOf, stillWrong, valueInWords } from "../src/words";

const fine: Condition[] = ["Ingest", "Encoding", "Packaging", "Delivery", "Signal"].map((name) => ({ name, status: "ok" }));
const but = (name: string, status: "not-yet" | "broken", reason = "why"): Condition[] => [...fine.filter((one) => one.name !== name), { name, status, reason }];

test("every phase has its big words", () => {
  const words = (["Provisioning", "Ready", "Starting", "Live", "Stopping", "TearingDown", "Gone", "Failed"] as const).map((phase) => stateOf(phase, fine).word);
  assert.deepEqual(words, ["Being built", "Off", "Warming up", "On air", "Ending", "Being removed", "Removed", "Failed"]);
});

test("a running channel without a picture is not on air", () => {
  assert.equal(stateOf("Live", but("Signal", "broken")).word, "Ready, no signal");
  assert.equal(stateOf("Live", but("Signal", "not-yet")).word, "Ready, no signal");
});

test("an alarm degrades what is on air, and a closed ingest alone does not", () => {
  assert.equal(stateOf("Live", but("Alarms", "broken")).word, "Degraded");
  assert.match(stateOf("Live", but("Delivery", "broken")).say, /CDN/);
  assert.match(stateOf("Live", but("Alarms", "broken", "in ALARM: alarm/cdn-5xx")).say, /alarm CDN 5xx/);
  assert.equal(stateOf("Live", but("IngestClosed", "broken")).word, "On air");
});

test("nobody is told On air before the conditions were read", () => {
  assert.equal(stateOf("Live").word, "Running");
});

test("durations are read at a glance", () => {
  assert.deepEqual([0, 59_999, 65_000, 7_620_000, 273_600_000, -5].map(duration), ["0 s", "59 s", "1 min 05 s", "2 h 07 min", "3 d 4 h", "0 s"]);
});

test("alarms are counted by their names", () => {
  const platform = { conditions: but("Alarms", "broken", "in ALARM: alarm/input-loss-0, alarm/cdn-5xx") } as Platform;
  assert.equal(alarmCount(platform), 2);
  assert.equal(alarmCount({ conditions: fine } as Platform), 0);
});

test("reasons name parts as people know them", () => {
  assert.equal(reasonInWords("not there: group/studio, input/studio"), "not there: allow-list of studio, input studio");
  assert.equal(reasonInWords("not there: endpoint/hls, channel"), "not there: HLS endpoint, encoder");
  assert.equal(reasonInWords("change group/studio in place"), "change allow-list of studio in place");
  assert.equal(reasonInWords("the channel is not running"), "the channel is not running");
});

test("an RTMP address is server and key, as encoders ask for it", () => {
  assert.deepEqual(rtmpParts("rtmp://198.51.100.244:1935/studio-7bc8/a"), { host: "rtmp://198.51.100.244:1935", server: "rtmp://198.51.100.244:1935/studio-7bc8", key: "a" });
  assert.equal(rtmpParts("rtp://198.51.100.244:5000"), null);
});

test("the timeline says who did what", () => {
  const say = (text: string) => happening({ id: "1", at: "", text, count: 1 });
  assert.deepEqual(say("asked: start (by anna, generation 2)"), { who: "anna", text: "asked to go on air" });
  assert.deepEqual(say("phase Starting -> Live"), { who: null, text: "State: Channel running" });
  assert.equal(say("alarm/input-loss-0: made, hl-p-1").text, "Alarm input loss, pipeline 0: made");
  assert.equal(say("alarm/cdn-5xx: ALARM: Threshold Crossed: 1 datapoint [7.0 (2026-01-14T09:00:00Z)] was greater").text, "Alarm CDN 5xx: alarm: Threshold Crossed: 1 datapoint was greater");
  assert.equal(say("something new").text, "something new");
});

test("resources lead to their page of AWS's console, in their own region", () => {
  const of = (slot: string, id: string, arn: string): Resource => ({ slot, id, arn, status: null, incarnation: 1 });
  assert.equal(consoleLink(of("channel", "42", "arn:aws:medialive:eu-west-1:1:channel:42")), "https://eu-west-1.console.aws.amazon.com/medialive/home?region=eu-west-1#/channels/42");
  assert.match(consoleLink(of("alarm/cdn-5xx", "a", "arn:aws:cloudwatch:us-east-1:1:alarm:a")) ?? "", /^https:\/\/us-east-1/);
  assert.equal(consoleLink(of("channel", "42", "arn:aws-cn:medialive:cn-north-1:1:channel:42")), null);
});

test("a problem stands at the field that it is about, or above the form", () => {
  assert.equal(fieldOf("/inputs/0/allowFrom/3", ["/inputs/0/name", "/inputs/0/allowFrom"]), "/inputs/0/allowFrom");
  assert.equal(fieldOf("/namesake", ["/name"]), null);
  const found = problemsByField([{ pointer: "/inputs/0/allowFrom/1", detail: "bad" }, { pointer: "/captions", detail: "odd" }], pointers(EMPTY));
  assert.deepEqual(found.get("/inputs/0/allowFrom"), ["Line 2: bad"]);
  assert.deepEqual(found.get(""), ["/captions: odd"]);
});

test("what was corrected is no longer wrong, and neither is what it was about", () => {
  const errors = [{ pointer: "/name", detail: "must not be empty" }, { pointer: "/hls/seconds", detail: "3 s; change it or /ladder/gop" }, { pointer: "/tags", detail: "odd" }];
  const was = { name: " ", hls: { seconds: 3 }, ladder: { gop: 2 } };
  const left = (now: object) => stillWrong(errors, was, now).map(({ pointer }) => pointer);
  assert.deepEqual(left({ ...was, name: "news" }), ["/hls/seconds", "/tags"]);
  assert.deepEqual(left({ ...was, ladder: { gop: 3 } }), ["/name", "/tags"]);
  assert.deepEqual(left(was), ["/name", "/hls/seconds", "/tags"]);
});

test("the form's defaults ask for a whole platform, and what is left at its default is named or left out", () => {
  const request = toRequest({ ...EMPTY, name: "news", sources: "198.51.100.7/32\n 198.51.100.8/32," });
  assert.deepEqual(request["inputs"], [{ name: "studio", type: "RTMP_PUSH", allowFrom: ["198.51.100.7/32", "198.51.100.8/32"] }]);
  assert.equal(request["ladder"], "hd");
  assert.equal("channelClass" in request, false);
  assert.deepEqual(Object.keys(request["endpoints"] as object), ["hls", "dash", "cmaf"]);
});

test("another frame rate sends the ladder's rungs, and a number that is none goes as it is", () => {
  const request = toRequest({ ...EMPTY, ladder: "sd", frameRate: "25", gop: "two" });
  assert.deepEqual(request["ladder"], { frameRate: "25", gopSeconds: "two", rungs: [{ width: 854, height: 480, bitrate: 1_500_000 }, { width: 426, height: 240, bitrate: 500_000 }] });
});

const reading = (metric: string, verdict: Reading["verdict"], more: Partial<Reading> = {}): Reading => ({ metric, unit: "Mb/s", verdict, text: "why", ...more });

test("what is critical comes before warnings, and what is well is folded away", () => {
  const metrics = [reading("NetworkIn", "ok"), reading("SvqTime", "warning"), reading("NetworkOut", "critical"), reading("FillMsec", "unknown")];
  const { wrong, well } = healthLines({ verdict: "critical", summary: "", metrics, alarms: [], at: "" });
  assert.deepEqual(wrong.map(({ metric }) => metric), ["NetworkOut", "SvqTime"]);
  assert.deepEqual(well.map(({ metric }) => metric), ["NetworkIn", "FillMsec"]);
});

test("metrics have names and values for people", () => {
  assert.equal(metricName(reading("InputVideoFrameRate", "ok", { pipeline: 1 })), "Video that arrives, pipeline 1");
  assert.equal(metricName(reading("Another", "ok")), "Another");
  assert.equal(valueInWords(reading("NetworkIn", "ok", { value: 7.26 })), "7.3 Mb/s");
});

test("small sums are not rounded to nothing", () => {
  assert.deepEqual([0, 0.0042, 5.1, 1234.5].map(dollars), ["$0.00", "$0.0042", "$5.10", "$1,234.50"]);
});

test("hands-off ends by itself", () => {
  const platform = { spec: { handsOff: { until: "2026-06-01T20:00:00Z" } } } as unknown as Platform;
  const at = Date.parse("2026-06-01T20:00:00Z");
  assert.deepEqual([isHandsOff(platform, at - 1), isHandsOff(platform, at)], [true, false]);
  assert.equal(isHandsOff({ spec: {} } as unknown as Platform, at), false);
});
