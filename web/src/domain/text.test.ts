import { describe, expect, it } from "vitest";
import { looksLikeBsn, sentence, spoken } from "./text";

describe("a BSN in a note", () => {
  // 111222333 passes the check and is the tax office's own example of an invented number.
  it.each(["111222333", "bsn 111.222.333 genoemd", "111 222 333"])("is noticed: %s", (text) => {
    expect(looksLikeBsn(text)).toBe(true);
  });

  it.each(["", "111222334", "000000000", "0031790001112", "belt 12-11-2026"])("is not seen in: %s", (text) => {
    expect(looksLikeBsn(text)).toBe(false);
  });
});

describe("a label", () => {
  it("begins with a capital", () => {
    expect(["iemand anders", "", "DUO"].map(sentence)).toEqual(["Iemand anders", "", "DUO"]);
  });
});

describe("a number", () => {
  it("is written as it is said", () => {
    expect(["+31790000123", "+4930000000", ""].map(spoken)).toEqual(["079 000 01 23", "+4930000000", ""]);
  });
});
