import { describe, expect, it } from "vitest";
import { figureText, heatOf, numberTyped, percentTyped, plotted, pointsOf, topOf, type WorkRow } from "./report-work";

const row = (key: string, share: number | null): WorkRow => ({ key, label: key, values: { share } });

describe("a figure", () => {
  it("is a count, a share, or a time", () => {
    expect(figureText("count", 1234, "nl-NL")).toBe("1.234");
    expect(figureText("share", 0.4567, "nl-NL")).toBe("45,7%");
    expect(figureText("seconds", 8.25, "nl-NL")).toBe("8,3 s");
    expect(figureText("score", 4, "nl-NL")).toBe("4,0");
    expect(figureText("score", -12.34, "en-GB")).toBe("-12.3");
    expect(figureText("seconds", 332.6, "nl-NL")).toBe("5:33 min");
    expect(figureText("seconds", 59.96, "nl-NL")).toBe("60 s");
    expect(figureText("share", null, "nl-NL")).toBeNull();
    expect(figureText("count", undefined, "nl-NL")).toBeNull();
  });
});

describe("the heat of hours", () => {
  it("has a cell for each hour between the first and the last, of each day that has one", () => {
    const heat = heatOf([row("1-09", 0.1), row("1-11", 0.5), row("6-10", null), row("3-10", 0.3)], "share");
    expect(heat.hours).toEqual([9, 10, 11]);
    expect(heat.days.map(({ day }) => day)).toEqual([1, 3, 6]);
    expect(heat.days.map(({ cells }) => cells.map(({ level }) => level))).toEqual([
      [1, 0, 5],
      [0, 3, 0],
      [0, 0, 0],
    ]);
    expect(heat.days[0]?.cells[1]?.row).toBeNull();
    expect(heat.days[2]?.cells[1]?.row?.key).toBe("6-10");
  });

  it("is even where all are the same, and empty where there is nothing", () => {
    expect(heatOf([row("2-12", 0.2), row("2-13", 0.2)], "share").days[0]?.cells.map(({ level }) => level)).toEqual([3, 3]);
    expect(heatOf([], "share")).toEqual({ hours: [], days: [] });
  });
});

describe("a line", () => {
  it("leaves out what is not known, at its place", () => {
    expect(pointsOf([row("a", 0.1), row("b", null), row("c", 0.3)], "share")).toEqual([
      { at: 0, share: 0.1, label: "a" },
      { at: 1, share: 0.3, label: "c" },
    ]);
    expect(pointsOf([row("a", 0.1)], "share")).toEqual([{ at: 0, share: 0.1, label: "a" }]);
  });

  it("is there when there is anything to draw", () => {
    const rows = [row("a", null), row("b", 0.1)];
    expect(plotted({ plot: "line", plotted: "share", rows })).toBe(true);
    expect(plotted({ plot: "line", plotted: "share", rows: [row("a", null)] })).toBe(false);
    expect(plotted({ plot: "line", plotted: "", rows })).toBe(false);
    expect(plotted({ plot: "none", plotted: "share", rows })).toBe(false);
  });

  it("stands under a round figure", () => {
    expect([topOf([]), topOf([0.011]), topOf([0.13]), topOf([0.61]), topOf([0.97])]).toEqual([0.02, 0.02, 0.14, 0.7, 1]);
  });
});

describe("what is typed", () => {
  it("is a number with a comma or a point, and not too much", () => {
    expect(percentTyped(0.8)).toBe("80");
    expect(percentTyped(0.015)).toBe("1,5");
    expect(numberTyped(" 1,5 ", 100)).toBe(1.5);
    expect(numberTyped("100", 100)).toBe(100);
    expect(numberTyped("101", 100)).toBeNull();
    expect(numberTyped("veel", 100)).toBeNull();
    expect(numberTyped("", 100)).toBeNull();
  });
});
