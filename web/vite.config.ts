import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the sources and passes the API on to a running service.
const service = process.env["DIALER_URL"] ?? "http://127.0.0.1:8080";

/** A packed copy beside each file that is worth it: packed once here, not for every browser. */
function packed(): Plugin {
  let folder = "";
  return {
    name: "packed",
    apply: "build",
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: () => {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|html|svg)$/.test(name)) continue;
        const file = join(folder, name);
        const text = readFileSync(file);
        if (text.length > 1024) writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  // The component library speaks thirty languages; two of them are ours.
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["nl-NL", "en-US"] }), enforce: "pre" }, packed()],
  build: {
    target: "es2023",
    // The content security policy knows no `data:` and no inline style or script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: service, ws: true }, "/sip": { target: service, ws: true } },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts"],
    restoreMocks: true,
  },
});
