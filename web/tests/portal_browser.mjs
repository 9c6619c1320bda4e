// A browser for the portal's tests: what its console says is collected, and every page is looked at in both colours and widths.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** Where whoever looks is: not where the machine's clock is, nor where events take place. */
export const ZONE = "America/Los_Angeles";
/** What the browser says of answers that the tests ask for on purpose. */
const EXPECTED = /status of (?:401|409|422)/;

export async function open({ site, browser: executablePath, shots, patience }) {
  if (shots) mkdirSync(shots, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "dark", timezoneId: ZONE });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: site });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const errors = [];
  page.on("console", (message) => {
    const about = message.location().url;
    // The preview is the player's page, and its own test's business.
    const players = about.includes("/player/") || about.includes(".localhost");
    if (message.type() === "error" && !players && !EXPECTED.test(message.text())) errors.push(`${message.text()} ${about}`);
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  const look = (name) => lookAt(context, page, name, shots);
  const close = async () => {
    if (shots) await page.screenshot({ path: `${shots}/last.png`, fullPage: true });
    await browser.close();
  };
  return { page, errors, look, close };
}

/** Nothing serious for people with assistive technology, and nothing wider than the screen; pictures for those who look. */
async function lookAt(context, page, name, shots) {
  // axe comes in past the page's policy, as an extension would.
  const session = await context.newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: AXE });
  await session.detach();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      const { violations } = await page.evaluate(() => globalThis.axe.run({ exclude: ["iframe"] }, { iframes: false }));
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), [], `axe on ${name}, ${colorScheme}, ${width}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} is wider than ${width} pixels`);
      if (shots) await page.screenshot({ path: `${shots}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
  console.log(`ok ${name}`);
}
