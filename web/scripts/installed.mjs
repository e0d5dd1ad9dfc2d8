/** Exit code 0 when everything that package-lock.json names is installed in that version; what is optional may be missing. */

import { readFileSync } from "node:fs";

const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return {};
  }
};
const installed = packagesOf("node_modules/.package-lock.json");
const missing = Object.entries(packagesOf("package-lock.json")).filter(
  ([place, wanted]) => place !== "" && installed[place]?.version !== wanted.version && wanted.optional !== true && wanted.devOptional !== true,
);
process.exit(missing.length === 0 ? 0 : 1);
