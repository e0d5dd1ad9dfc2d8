import { describe, expect, it } from "vitest";
import { HEARD_ABOVE, loudness } from "./level";

const tone = (amplitude: number): Float32Array => Float32Array.from({ length: 480 }, (_, at) => amplitude * Math.sin((2 * Math.PI * at) / 48));

describe("loudness", () => {
  it("is nothing in silence, and everything at full scale", () => {
    expect(loudness(new Float32Array(480))).toBe(0);
    expect(loudness(new Float32Array(0))).toBe(0);
    expect(loudness(new Float32Array(480).fill(1))).toBe(1);
    expect(loudness(tone(1e-5))).toBe(0);
  });

  it("grows by equal steps for equal factors", () => {
    const [quiet, middle, loud] = [tone(0.01), tone(0.1), tone(1)].map(loudness) as [number, number, number];
    expect(middle - quiet).toBeCloseTo(loud - middle, 5);
  });

  it("tells speech from an empty room", () => {
    expect(loudness(tone(0.05))).toBeGreaterThan(HEARD_ABOVE);
    expect(loudness(tone(0.002))).toBeLessThan(HEARD_ABOVE);
  });
});
