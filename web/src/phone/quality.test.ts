import { describe, expect, it } from "vitest";
import type { Sample } from "./ports";
import { QualityMeter } from "./quality";

const sample = (at: number, more: Partial<Sample> = {}): Sample => ({ at, received: at * 50, lost: 0, sent: at * 50, jitter: 0.004, roundTrip: 0.02, ...more });

describe("quality", () => {
  it("is good while packets come", () => {
    const meter = new QualityMeter();
    meter.put(sample(1));
    expect(meter.put(sample(2))).toEqual({ grade: "good", loss: 0, jitterMs: 4, roundTripMs: 20, hears: true });
  });

  it("counts loss over the last five seconds, so that an old hole is no news", () => {
    const meter = new QualityMeter();
    meter.put(sample(0));
    expect(meter.put(sample(1, { received: 40, lost: 10 }))).toMatchObject({ loss: 0.2, grade: "poor" });
    let last = "";
    for (let at = 2; at <= 7; at += 1) last = meter.put(sample(at, { received: 40 + (at - 1) * 50, lost: 10 })).grade;
    expect(last).toBe("good");
  });

  it.each([
    [{ jitter: 0.04 }, "fair"],
    [{ jitter: 0.07 }, "poor"],
    [{ roundTrip: 0.4 }, "fair"],
    [{ roundTrip: 0.7 }, "poor"],
    [{ roundTrip: null }, "good"],
  ] as const)("grades %o as %s", (more, grade) => {
    expect(new QualityMeter().put(sample(1, more)).grade).toBe(grade);
  });

  it("hears nothing after three seconds without a packet, and hears again with the next", () => {
    const meter = new QualityMeter();
    meter.put(sample(1));
    expect(meter.put(sample(3, { received: 50 })).hears).toBe(true);
    expect(meter.put(sample(4, { received: 50 })).hears).toBe(false);
    expect(meter.deafFor(11)).toBe(10);
    expect(meter.put(sample(5, { received: 51 })).hears).toBe(true);
  });

  it("is deaf from the first sample on when nothing ever comes", () => {
    const meter = new QualityMeter();
    meter.put(sample(1, { received: 0 }));
    expect(meter.put(sample(5, { received: 0 })).hears).toBe(false);
    meter.reset();
    expect(meter.deafFor(100)).toBe(0);
    expect(meter.put(sample(6, { received: 0 })).hears).toBe(true);
  });

  it("takes duplicates, which make a negative loss, for none", () => {
    const meter = new QualityMeter();
    meter.put(sample(1, { lost: 5 }));
    expect(meter.put(sample(2, { lost: 3 })).loss).toBe(0);
  });
});
