// The report of a planned event for the made-up API, of one that is over and of one that is not; and reading and printing it.
import assert from "node:assert/strict";
import { FEED } from "./portal_events.mjs";

const MINUTE = 60_000;
const summary = (start) => `“Friday night” was on air from ${start} for 3 h 30 min. An input was lost for 4 min 10 s, and came back by itself after the second had taken over. Nothing is left to do.`;

/** The first that was on in the calendar is over, the one before it is not. */
let over = null;
export function reportOf(pathname) {
  const [, , id, , event, , occurrence] = pathname.split("/");
  over ??= occurrence;
  const start = Date.parse(`${occurrence}Z`) - 5.5 * 60 * MINUTE;
  const moment = (minutes) => new Date(start + minutes * MINUTE).toISOString();
  const planned = { onAirAt: moment(-6), start: moment(0), end: moment(210), offAirAt: moment(225) };
  const shared = { platform: { id, name: "Stadium" }, event, occurrence, title: "Friday night", planned };
  if (occurrence !== over) return { ...shared, final: false, actual: { askedAt: moment(-6) }, timeline: [], summary: "It has begun." };
  const texts = ["phase Starting -> Live", "alarm/input-loss-0: ALARM: no video arrives", "channel: restarted pipeline 0, since it was stuck for a minute", "asked: stop (by anna, generation 3)"];
  const timeline = Array.from({ length: 64 }, (_, at) => ({ id: `t${at}`, at: moment(at * 3.3), text: texts[at % texts.length], count: at % 9 === 1 ? 3 : 1 }));
  return {
    ...shared, final: true, actual: { askedAt: moment(-5.97), liveAt: moment(-2.4), endedAt: moment(210), offAt: moment(226.1) }, fate: "aired", onTime: true,
    secondsOnAir: 12_600, secondsOfTrouble: 250, timesOfTrouble: 1, remediesDecided: 2, alarms: timeline.slice(0, 2), remedies: [], requests: [], leftOut: { from: moment(211), until: moment(225), why: "too-many" }, cost: { usd: 12.34, verified: false }, timeline, summary: summary(moment(0)),
  };
}

async function readIt({ page, look, site, asked, errors }) {
  await page.goto(`${site}/p/p-0123456789ae`);
  const past = page.locator(".calendar .past").first();
  await past.waitFor();
  assert.equal(await past.getByRole("link").count(), 2, "a report only where there is one");
  await page.getByRole("button", { name: "Copy Subscribe in your calendar program" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${site}${FEED}`);
  assert.equal(await page.getByRole("link", { name: "Open in a calendar program" }).getAttribute("href"), `${site}${FEED}`.replace("http:", "webcal:"));
  await changeFeed({ page, site, asked, errors });
  await past.getByRole("link", { name: "Report of Friday night" }).first().click();
  await page.getByRole("heading", { name: "Friday night" }).waitFor();
  assert.match(page.url(), /\/p\/p-0123456789ae\/events\/e-00000000000b\/reports\/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  assert.match(asked.findLast(({ pathname }) => pathname.includes("/reports/")).pathname, /planned-events\/e-00000000000b\/reports\/[\dT:-]+$/);
  assert.equal(await page.title(), "Friday night, Stadium");
  assert.match(await page.locator(".summary").textContent(), /on air from (?:\w+ \d+ \w+, )?\d\d:\d\d for/, "moments of the summary are told by a clock");
  assert.deepEqual(await page.locator(".times td:nth-child(4)").allTextContents(), ["1 s after", "2 min 24 s before", "on the second", "1 min 06 s after"]);
  assert.match(await page.locator(".figures").textContent(), /Aired: on to its end.*On timeyes.*3 h 30 min.*4 min 10 s, onceRepairs decided on2Cost\$12\.34, of the right order/);
  assert.equal(await page.locator(".timeline li").count(), 64);
  await page.getByText(/^Lines are missing from .*: there are too many\.$/).waitFor();
  assert.match(await page.locator(".timeline li").first().textContent(), /State: Channel running/);
  await look("report");
}

/** Asked once more by the portal, since the first answer to every change is API Gateway's that it took too long. */
async function changeFeed({ page, site, asked, errors }) {
  const before = errors.length;
  const sent = (method) => asked.filter((one) => one.method === method && one.pathname === "/platforms/p-0123456789ae/calendar-feed");
  const calendar = page.locator(".calendar");
  for (const [button, title, method] of [["New address…", "Make a new address", "POST"], ["Take back…", "Take it back", "DELETE"]]) {
    await calendar.getByRole("button", { name: button }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
    assert.equal(sent(method).length, 0, "asked first");
    await calendar.getByRole("button", { name: button }).click();
    await page.getByRole("dialog").getByRole("button", { name: title }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    assert.equal(new Set(sent(method).map(({ key }) => key)).size, 1, `${method}, with one key`);
    assert.equal(sent(method).length, 2);
  }
  await page.goto(`${site}/p/p-0123456789ac`);
  await calendar.getByRole("button", { name: "Show in a calendar program" }).waitFor();
  await page.goBack();
  // The browser reports the 503.
  assert.deepEqual(errors.splice(before).filter((text) => !/status of 503/.test(text)), []);
}

/** Black on white, whatever the screen is, without what can be pressed, and on as many sheets as it takes. */
async function printIt({ page, shots }) {
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const inks = () => page.evaluate(() => ["body", ".report h1", ".panel", ".hint", ".figures .problem"].map((at) => getComputedStyle(document.querySelector(at))).map(({ color, backgroundColor }) => [color, backgroundColor]));
  const [BLACK, WHITE, NONE] = ["rgb(0, 0, 0)", "rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"];
  for (const [ink, paper] of await inks()) assert.ok(ink === BLACK && (paper === WHITE || paper === NONE), `${ink} on ${paper}`);
  for (const pressed of [".top", ".crumbs", ".report button"]) assert.equal(await page.locator(pressed).first().isVisible(), false, pressed);
  assert.equal(await page.getByRole("heading", { name: "Friday night" }).isVisible(), true);
  const sheets = await page.pdf({ format: "A4", ...(shots && { path: `${shots}/report.pdf` }) });
  const pages = sheets.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length;
  assert.ok(pages >= 2 && pages <= 4, `${pages} sheets`);
  // As wide as the sheet between its margins.
  await page.setViewportSize({ width: 658, height: 1000 });
  if (shots) await page.screenshot({ path: `${shots}/report-print.png` });
  await page.emulateMedia({ media: null });
}

async function notOver({ page, look }) {
  await page.goBack();
  await page.locator(".calendar .past").first().getByRole("link", { name: "Report of Friday night" }).nth(1).click();
  await page.getByText("It is not over yet").waitFor();
  assert.equal(await page.locator(".figures").count(), 0);
  await look("report-so-far");
  await page.goBack();
  await page.locator(".calendar").waitFor();
  assert.equal(await page.title(), "Headend");
}

export async function reportStory(told) {
  for (const part of [readIt, printIt, notOver]) await part(told);
}
