// Fails when src/api/schema.d.ts is not what openapi-typescript makes of the API's description now.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "schema-"));
const fresh = join(folder, "schema.d.ts");
try {
  const cli = join("node_modules", "openapi-typescript", "bin", "cli.js");
  execFileSync(process.execPath, [cli, "../dialer/api/openapi.yaml", "-o", fresh], { stdio: ["ignore", "ignore", "inherit"] });
  if (readFileSync(fresh, "utf8") !== readFileSync("src/api/schema.d.ts", "utf8")) {
    console.error("src/api/schema.d.ts is stale: run `npm run types` and commit the result.");
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
