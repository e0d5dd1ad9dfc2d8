import { describe, expect, it } from "vitest";
import { columnsOf, monthOf } from "./report";

describe("period", () => {
  it("is the month in Amsterdam", () => {
    expect(monthOf(new Date("2026-03-31T22:30:00Z"))).toEqual({ first: "2026-04-01", last: "2026-04-30" });
    expect(monthOf(new Date("2028-02-10T12:00:00Z"))).toEqual({ first: "2028-02-01", last: "2028-02-29" });
    expect(monthOf(new Date("2026-12-31T12:00:00Z"))).toEqual({ first: "2026-12-01", last: "2026-12-31" });
  });
});

describe("columns", () => {
  const word = (key: string): { key: string; label: string; means: string } => ({ key, label: key.toUpperCase(), means: "" });
  const report = { measures: [word("callable"), word("reached")], shares: [word("reach")] };

  it("are what the report knows, measures and shares in their order", () => {
    expect(columnsOf(report, "partner")).toEqual([
      { key: "callable", label: "CALLABLE", share: false },
      { key: "reached", label: "REACHED", share: false },
      { key: "reach", label: "REACH", share: true },
    ]);
  });

  it("are fewer by day", () => {
    expect(columnsOf(report, "day").map(({ key }) => key)).toEqual(["reached", "reach"]);
  });
});
