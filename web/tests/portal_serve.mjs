// Serves the built site on this machine as the site's distribution does: files, pages by address, the API's paths from the API, and
// a Content-Security-Policy as strict as the template's. `node portal_serve.mjs PORT API` serves until it is ended.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml" };
const API = ["/platforms", "/webhooks", "/orphans"];
const policy = (pool) => [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", `connect-src 'self' ${pool}`, "frame-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
].join("; ");

/** `outage.on` makes the API unreachable; `config` stands for the site's config.json, `pool` is where its user pool is. */
export function serve(port, api, { outage = { on: false }, config, pool = "" } = {}) {
  const server = createServer((asked, answer) => {
    const path = new URL(asked.url, "http://site").pathname;
    if (API.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))) return outage.on ? asked.socket.destroy() : forward(api, asked, answer);
    if (path === "/config.json" && config) return answer.setHeader("content-type", "application/json").end(JSON.stringify(config));
    const player = path === "/player" || path.startsWith("/player/");
    const file = join(DIST, normalize(extname(path) ? path : player ? "/player/index.html" : "/index.html"));
    answer.setHeader("content-security-policy", policy(pool));
    if (!file.startsWith(DIST) || !existsSync(file) || !statSync(file).isFile()) {
      // A site without a player still has a page where it would be.
      answer.statusCode = player && !extname(path) ? 200 : 404;
      return answer.setHeader("content-type", "text/html").end("<!doctype html><html lang=en><title>No player</title><p>The player is not built.</p></html>");
    }
    answer.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
    createReadStream(file).pipe(answer);
  });
  return new Promise((done) => server.listen(port, "127.0.0.1", () => done(server)));
}

function forward(api, asked, answer) {
  const onward = request(new URL(asked.url, api), { method: asked.method, headers: { ...asked.headers, host: new URL(api).host } }, (got) => {
    answer.writeHead(got.statusCode, got.headers);
    got.pipe(answer);
  });
  onward.on("error", () => answer.destroy());
  asked.pipe(onward);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port = "8090", api = "http://127.0.0.1:8080"] = process.argv.slice(2);
  await serve(Number(port), api);
  console.log(`ready site=http://127.0.0.1:${port} api=${api}`);
}
