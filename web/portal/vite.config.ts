// Builds the portal into the root of the site: index.html and assets/, beside the player's folder.
import { rmSync } from "node:fs";
import { defineConfig } from "vite";

const api = process.env["HEADEND_API"] ?? "http://127.0.0.1:8080";
const site = new URL("../dist/", import.meta.url);

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  plugins: [
    {
      // The site is shared with the player, so only what the portal puts there is emptied.
      name: "forget-old-assets",
      apply: "build",
      buildStart: () => rmSync(new URL("assets/", site), { recursive: true, force: true }),
    },
  ],
  build: { outDir: "../dist", emptyOutDir: false, target: "es2022", modulePreload: { polyfill: false } },
  server: { host: "127.0.0.1", proxy: { "/platforms": api, "/webhooks": api, "/orphans": api } },
});
