import { describe, expect, it } from "vitest";
import { en } from "./en";
import { codeMessage, loadLanguage, message } from "./index";
import { nl } from "./nl";

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

describe("catalogue", () => {
  it("asks for the same parameters in both languages", () => {
    for (const key of Object.keys(nl) as (keyof typeof nl)[]) expect([key, placeholders(en[key])]).toEqual([key, placeholders(nl[key])]);
  });

  it("is Dutch until the English has come", async () => {
    expect(message("en", "case.phone")).toBe("Nummer {n}");
    await loadLanguage("en");
    expect(message("en", "case.phone")).toBe("Number {n}");
  });

  it("fills parameters, and leaves one that is not given in sight", () => {
    expect(message("nl", "case.phone", { n: 2 })).toBe("Nummer 2");
    expect(message("nl", "case.phone")).toBe("Nummer {n}");
  });

  it("falls back for a code it does not know", () => {
    expect(codeMessage("nl", "error", "conflict", "x")).toBe(nl["error.conflict"]);
    expect(codeMessage("nl", "error", "brand-new", "x")).toBe("x");
  });
});
