import { describe, expect, it } from "vitest";
import { amsterdamToIso, birthDate, dateTime, duration, hourInAmsterdam, isoDay, isoToAmsterdam, postcode } from "./dates";

describe("calendar times are Amsterdam's", () => {
  it("turns typed winter and summer times into the right moment", () => {
    expect(amsterdamToIso("2026-11-23", "09:00")).toBe("2026-11-23T08:00:00.000Z");
    expect(amsterdamToIso("2026-07-01", "09:00")).toBe("2026-07-01T07:00:00.000Z");
  });

  it("refuses what is no date or time", () => {
    expect(amsterdamToIso("2026-13-01", "09:00")).toBeNull();
    expect(amsterdamToIso("23-11-2026", "09:00")).toBeNull();
    expect(amsterdamToIso("2026-11-23", "9")).toBeNull();
  });

  it("goes there and back", () => {
    expect(isoToAmsterdam("2026-11-23T22:30:00Z")).toEqual({ date: "2026-11-23", time: "23:30" });
    expect(isoDay(new Date("2026-11-23T23:30:00Z"))).toBe("2026-11-24");
    expect(hourInAmsterdam(new Date("2026-07-01T22:00:00Z"))).toBe(0);
  });

  it("is written short", () => {
    expect(dateTime("2026-11-23T08:05:00Z", "nl-NL")).toBe("ma 23 nov, 09:05");
  });
});

describe("durations", () => {
  it.each([
    [-3, "0:00"],
    [7.9, "0:07"],
    [754, "12:34"],
    [3723, "1:02:03"],
  ])("%d s is %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe("what a resident says", () => {
  it.each([
    ["1-2-1980", "1980-02-01"],
    ["01021980", "1980-02-01"],
    [" 01 / 02 / 1980 ", "1980-02-01"],
    ["31-2-1980", null],
    ["1-2-80", null],
    ["", null],
  ])("birth date %s", (typed, iso) => {
    expect(birthDate(typed)).toBe(iso);
  });

  it.each([
    ["2711 ab", "2711AB"],
    ["2711AB", "2711AB"],
    ["0711AB", null],
    ["2711A", null],
  ])("postcode %s", (typed, code) => {
    expect(postcode(typed)).toBe(code);
  });
});
