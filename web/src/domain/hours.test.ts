import { describe, expect, it } from "vitest";
import { isHours, parseHours, parseNumber, showHours, showWeek } from "./hours";

describe("opening hours", () => {
  it.each([
    ["", []],
    ["8:30-21:00", [["08:30", "21:00"]]],
    ["8.30 – 21", [["08:30", "21:00"]]],
    ["9-12, 13 tot 17:30", [["09:00", "12:00"], ["13:00", "17:30"]]],
    ["9-12;12-13", [["09:00", "12:00"], ["12:00", "13:00"]]],
  ])("reads %j", (text, found) => expect(parseHours(text)).toEqual(found));

  it.each([
    ["negen uur", "format"],
    ["9", "format"],
    ["9-12-13", "format"],
    ["9-24", "format"],
    ["9:5-12", "format"],
    ["9:60-12", "format"],
    ["9-9", "order"],
    ["17-9", "order"],
    ["9-13, 12-17", "order"],
  ])("refuses %j: %s", (text, fault) => expect(parseHours(text)).toBe(fault));

  it("are shown as they are read", () => {
    const text = "09:00-12:00, 13:00-17:00";
    const found = parseHours(text);
    expect(isHours(found) && showHours(found)).toBe(text);
  });
});

describe("a week", () => {
  it("joins neighbouring days with the same hours", () => {
    const office = [["09:00", "17:00"]];
    expect(showWeek([office, office, [], office, [["09:00", "12:00"], ["13:00", "17:00"]], [], []])).toEqual([
      { from: "mon", until: "tue", text: "09:00-17:00" },
      { from: "thu", until: "thu", text: "09:00-17:00" },
      { from: "fri", until: "fri", text: "09:00-12:00, 13:00-17:00" },
    ]);
    expect(showWeek([])).toEqual([]);
  });
});

describe("numbers", () => {
  it.each([["2,5", 2.5], ["2.5", 2.5], [" 30 ", 30], ["-1", -1], ["", null], ["3 lijnen", null], ["1,2,3", null], ["1e3", null]])("%j is %j", (text, value) =>
    expect(parseNumber(text)).toBe(value),
  );
});
