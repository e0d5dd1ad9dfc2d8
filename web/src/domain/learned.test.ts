import { describe, expect, it } from "vitest";
import { shareAt, times } from "./learned";

describe("what was learned, in words", () => {
  it("finds the share at a moment", () => {
    const places = [0, 10, 20];
    const shares = [0, 0.2, 0.3];
    expect(shareAt(places, shares, 19)).toBe(0.2);
    expect(shareAt(places, shares, 20)).toBe(0.3);
    expect(shareAt(places, shares, 99)).toBe(0.3);
    expect(shareAt(places, shares, -1)).toBe(0);
  });

  it("tells a level against the usual one", () => {
    expect(times(1.05).word).toBe("usual");
    expect(times(1.8)).toEqual({ word: "more", factor: 1.8 });
    expect(times(0.5)).toEqual({ word: "less", factor: 2 });
  });
});
