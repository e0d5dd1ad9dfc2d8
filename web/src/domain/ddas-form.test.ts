import { describe, expect, it } from "vitest";
import { ddasBody, ddasFaults, ddasForm, lastMonth } from "./ddas-form";

const FORM = { version: "1.2", municipality: "0637", supplier: "LEV", organisation: "Voorbeeldstad", kvk: "" };

describe("who a client is at the national exchange", () => {
  it("is whole with and without a number of the chamber of commerce", () => {
    expect(ddasFaults(FORM)).toEqual({});
    expect(ddasFaults({ ...FORM, kvk: "12345678" })).toEqual({});
    expect(ddasForm({ ...FORM, versions: ["1.2"] })).toEqual(FORM);
  });

  it("names what is wrong", () => {
    expect(ddasFaults({ version: "", municipality: "637", supplier: " ", organisation: "", kvk: "123" })).toEqual({
      version: "empty", municipality: "municipality", supplier: "empty", organisation: "empty", kvk: "kvk",
    });
  });

  it("is sent without blanks around it", () => {
    expect(ddasBody({ ...FORM, municipality: " 0637 ", supplier: " LEV " })).toEqual(FORM);
  });
});

describe("the month before", () => {
  it.each([
    ["2026-03-12", "2026-02-01", "2026-02-28"],
    ["2026-01-31", "2025-12-01", "2025-12-31"],
    ["2028-03-01", "2028-02-01", "2028-02-29"],
  ])("%s is %s to %s", (today, begin, end) => {
    expect(lastMonth(today)).toEqual({ begin, end });
  });
});
