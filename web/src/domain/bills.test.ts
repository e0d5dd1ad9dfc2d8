import { describe, expect, it } from "vitest";
import { decimals, euros, figure, monthName, months, percent, references } from "./bills";

describe("bills on the screen", () => {
  it("knows the months of Amsterdam", () => {
    expect(months(new Date("2026-01-31T23:30:00Z"), 3)).toEqual(["2026-02-01", "2026-01-01", "2025-12-01"]);
    expect(monthName("2026-02-01", "nl-NL")).toBe("februari 2026");
  });

  it("shows amounts as people write them", () => {
    expect(euros("-1234.50", "nl-NL").replace(/\s/g, " ")).toBe("€ -1.234,50");
    expect(decimals("12.912577", "nl-NL")).toBe("12,912577");
    expect(percent("21.00", "nl-NL")).toBe("21%");
  });

  it("reads figures with a comma or a point", () => {
    expect(["12,50", " 12.5 ", "126,345", "12"].map(figure)).toEqual(["12.50", "12.5", "126.345", "12"]);
    expect(["", "1,2,3", "-1", "1.2345", "een", "1e3"].map(figure)).toEqual([null, null, null, null, null, null]);
  });

  it("takes references apart, each once", () => {
    expect(references(" Z-1, Z-2;Z-1\nZ-3 ,, ")).toEqual(["Z-1", "Z-2", "Z-3"]);
    expect(references(" ")).toEqual([]);
  });
});
