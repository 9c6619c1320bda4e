// What browser tests have in common: a local cloud of their own with pictures and the site, a test picture that is pushed, and
// Debian's Chromium. The folder of the programs is HEADEND_PROGRAMS, target/debug if nothing is said.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const PROGRAMS = resolve(ROOT, process.env.HEADEND_PROGRAMS ?? "target/debug");
export const SHOTS = resolve(ROOT, process.env.HEADEND_SCREENSHOTS ?? "target/screenshots");
const BROWSER = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
];
/** Longer than anything takes that happens at all, on a busy machine. */
export const NEVER_MS = 180_000;

const rung = (name, width, height, bitrate) => ({ name, width, height, bitrate });
const endpoint = { segmentSeconds: 2, windowSeconds: 60, startoverSeconds: 600 };
/** Small enough for the encoder and the browser on one machine. */
export const PLATFORM = {
  name: "Evening news",
  inputs: [{ name: "studio", type: "RTMP_PUSH", allowFrom: ["127.0.0.1/32"] }],
  ladder: { frameRate: 25, gopSeconds: 2, rungs: [rung("480p", 854, 480, 1_200_000), rung("240p", 426, 240, 400_000)] },
  endpoints: { hls: endpoint, dash: endpoint, cmaf: endpoint },
  archive: null,
};

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Asks again until the answer is a good one. */
export async function until(what, ask, limitMs = NEVER_MS) {
  const end = Date.now() + limitMs;
  let last;
  while (Date.now() < end) {
    last = await ask();
    if (last) return last;
    await pause(250);
  }
  throw new Error(`not within ${limitMs / 1000} s: ${what}`);
}

/** A local cloud; `stop` ends it. */
export async function localCloud(options = []) {
  mkdirSync(SHOTS, { recursive: true });
  if (!existsSync(join(ROOT, "web/dist/player/index.html"))) throw new Error("the pages are not built; build them with: npm run build (in web)");
  const [cdn, ingest] = [await freePort(), await freePort()];
  const line = [
    "--port=0", "--aws-port=0", "--site=web/dist", "--site-port=0", "--media", `--cdn-port=${cdn}`, `--ingest-port=${Math.max(ingest, 20_000)}`,
    "--max-height=480", "--speed=60", `--functions=${PROGRAMS}`,
    `--parameter=PlaybackUrlPattern=http://{domain}.localhost:${cdn}`, `--parameter=PlaybackSources=http://*.localhost:${cdn}`, ...options,
  ];
  const child = spawn(join(PROGRAMS, "headend-local"), line, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const ready = await Promise.race([once(lines, "line"), gone]);
  if (child.exitCode !== null) throw new Error(`the local cloud ended with ${child.exitCode}`);
  const word = (name) => ready[0].split(" ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
  const [api, aws, site] = [word("api"), word("aws"), word("site")];
  return {
    api, aws, site,
    async call(method, path, body) {
      const headers = { "idempotency-key": crypto.randomUUID(), ...(body ? { "content-type": "application/json" } : {}) };
      const answer = await fetch(api + path, { method, headers, body: body && JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : undefined;
    },
    async reach(id, phase) {
      await until(`${id} is ${phase}`, async () => (await this.call("GET", `/platforms/${id}`)).phase === phase);
    },
    async stop() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

/** Sends the test picture with its clock until `stop`. */
export function push(cloud, platform) {
  const line = ["push", "--api", cloud.api, "--platform", platform, "--size", "854x480", "--rate", "25"];
  // A group of its own, so that ffmpeg ends with it.
  const child = spawn(join(PROGRAMS, "xtask"), line, { cwd: ROOT, stdio: ["ignore", "ignore", "ignore"], detached: true });
  const gone = once(child, "exit");
  return {
    async stop() {
      try { process.kill(-child.pid, "SIGKILL"); } catch { return; }
      await gone;
    },
  };
}

/** Debian's Chromium, or what HEADEND_CHROMIUM names. */
export function chromiumProgram() {
  const program = process.env.HEADEND_CHROMIUM ?? spawnSync("sh", ["-c", "command -v chromium"]).stdout.toString().trim();
  if (!program) throw new Error("chromium is missing; install it with: apt-get install chromium");
  return program;
}

/** A browser whose pages remember what went wrong in them. */
export async function browser() {
  const launched = await chromium.launch({ executablePath: chromiumProgram(), args: BROWSER });
  return {
    async page(size = { width: 1280, height: 800 }) {
      const page = await launched.newPage({ viewport: size });
      page.problems = [];
      page.on("console", (message) => message.type() === "error" && page.problems.push(`${message.text()} ${message.location().url}`));
      page.on("pageerror", (error) => page.problems.push(error.stack ?? String(error)));
      return page;
    },
    close: () => launched.close(),
  };
}

/** A picture of the page for people, at both widths that we care for; nothing in it may be grave for those who do not see it. */
export async function shoot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  const before = page.viewportSize();
  for (const size of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(size);
    await pause(400);
    const found = await grave(page);
    if (found.length > 0) throw new Error(`axe on ${name}, ${size.width} pixels wide: ${found.join("; ")}`);
    await page.screenshot({ path: join(SHOTS, `${name}-${size.width}.png`) });
  }
  await page.setViewportSize(before);
}

/** What axe finds that is serious or critical. */
async function grave(page) {
  const { default: axe } = await import("axe-core");
  // Not as a script of the page, which its Content-Security-Policy would refuse.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  const found = violations.filter((it) => ["serious", "critical"].includes(it.impact));
  return found.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join(" | ")}`);
}
