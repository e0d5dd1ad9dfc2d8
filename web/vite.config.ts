import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the sources and passes the API on to a running service.
const service = process.env["DIALER_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  // The component library speaks thirty languages; two of them are ours.
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["nl-NL", "en-US"] }), enforce: "pre" }],
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
