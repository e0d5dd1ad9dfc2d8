import { describe, expect, it } from "vitest";
import { isCard, search } from "./knowledge";

const CARDS = [
  { id: "1", title: "Toeslagen", text: "Aanvragen bij de Belastingdienst" },
  { id: "2", title: "Kwijtschelding", text: "Bel de gemeente over toeslagen en belasting" },
];
const found = (typed: string): readonly string[] => search(CARDS, typed).map(({ id }) => id);

describe("knowledge cards", () => {
  it("are found by every word, in any case, the title first", () => {
    expect(found("")).toEqual(["1", "2"]);
    expect(found("TOESLAGEN")).toEqual(["1", "2"]);
    expect(found("kwijt  gemeente")).toEqual(["2"]);
    expect(found("belasting kwijt")).toEqual(["2"]);
    expect(found("huur")).toEqual([]);
  });

  it("have everything before they are sent, and end after they begin", () => {
    const form = { client: "c", title: "T", text: "x", from: "2026-03-02", to: "" };
    expect(isCard(form)).toBe(true);
    expect(isCard({ ...form, to: "2026-03-02" })).toBe(true);
    for (const change of [{ client: "" }, { title: " " }, { text: "" }, { from: "" }, { to: "2026-03-01" }]) expect(isCard({ ...form, ...change })).toBe(false);
  });
});
