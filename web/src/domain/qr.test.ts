import { describe, expect, it } from "vitest";
import { encode } from "uqr";
import { qrPath } from "./qr";

const ADDRESS = "otpauth://totp/Het%20Gesprek:noor?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Het%20Gesprek";

/** Which units a path of `M x y h w v1 H x z` pieces fills. */
function filled(path: string): Set<string> {
  const found = new Set<string>();
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1H\d+z/g)) {
    for (let step = 0; step < Number(width); step += 1) found.add(`${Number(x) + step},${Number(y)}`);
  }
  return found;
}

describe("QR code", () => {
  it("fills exactly the dark modules, inside a quiet zone", () => {
    const { size, path } = qrPath(ADDRESS);
    const { data } = encode(ADDRESS, { ecc: "M", border: 4 });
    expect(size).toBe(data.length);
    const dark = new Set(data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`${x},${y}`] : []))));
    expect(filled(path)).toEqual(dark);
    for (const place of dark) for (const part of place.split(",").map(Number)) expect(part >= 4 && part < size - 4).toBe(true);
    // The three finders stand in their corners.
    for (const corner of ["4,4", `${size - 5},4`, `4,${size - 5}`]) expect(dark.has(corner)).toBe(true);
    expect(dark.has(`${size - 5},${size - 5}`) && dark.has("5,5")).toBe(false);
  });
});
