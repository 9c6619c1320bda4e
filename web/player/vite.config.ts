// The player's build: files under /player/ of the site, none inlined (the site's Content-Security-Policy forbids it).
import { defineConfig } from "vite";

export default defineConfig({
  base: "/player/",
  build: { outDir: "../dist/player", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1000 },
});
