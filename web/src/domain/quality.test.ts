import { describe, expect, it } from "vitest";
import type { QualityTrend } from "../api/types";
import { cardOf, isCard, isVerdict, rowsOf, trendTable, type VerdictForm, verdictOf } from "./quality";

const CARD = [
  { code: "tone", label: "Toon", weight: 1, fatal: false },
  { code: "identity", label: "Identiteit", weight: 3, fatal: true },
];
const WHOLE: VerdictForm = { points: { tone: "2", identity: "none" }, right: "yes", wanted: "", reason: "", coaching: " Rustig " };

describe("a verdict", () => {
  it("is whole when each point is judged and the outcome too", () => {
    expect(isVerdict(WHOLE, CARD)).toBe(true);
    expect(isVerdict({ ...WHOLE, points: { tone: "2" } }, CARD)).toBe(false);
    expect(isVerdict({ ...WHOLE, right: "" }, CARD)).toBe(false);
    expect(isVerdict({ ...WHOLE, coaching: "123456782" }, CARD)).toBe(false);
    expect(verdictOf(WHOLE)).toEqual({ points: { tone: 2, identity: null }, wanted: null, reason: "", coaching: "Rustig" });
  });

  it("has another outcome with its reason", () => {
    const wrong: VerdictForm = { ...WHOLE, right: "no", wanted: "NO_HELP", reason: " wil niet " };
    expect(isVerdict(wrong, CARD)).toBe(true);
    expect(isVerdict({ ...wrong, reason: "x" }, CARD)).toBe(false);
    expect(isVerdict({ ...wrong, wanted: "" }, CARD)).toBe(false);
    expect(verdictOf(wrong)).toMatchObject({ wanted: "NO_HELP", reason: "wil niet" });
    expect(verdictOf({ ...wrong, right: "yes" })).toMatchObject({ wanted: null, reason: "" });
  });
});

describe("a scorecard", () => {
  it("keeps its codes and gives new points one of their own", () => {
    const rows = [...rowsOf(CARD), { code: "", label: "Toon", weight: "2", fatal: false }, { code: "", label: "3 × één", weight: "10", fatal: true }, { code: "", label: "!", weight: "1", fatal: false }];
    expect(cardOf(rows).map(({ code }) => code)).toEqual(["tone", "identity", "toon", "een", "punt"]);
    const twice = [...rows, { code: "", label: "toon", weight: "2", fatal: false }];
    expect(cardOf(twice).at(-1)?.code).toBe("toon_2");
  });

  it("has words and a weight at each point", () => {
    expect(isCard(rowsOf(CARD))).toBe(true);
    expect(isCard([])).toBe(false);
    expect(isCard([{ code: "", label: " ", weight: "1", fatal: false }])).toBe(false);
    expect(isCard([{ code: "", label: "x", weight: "11", fatal: false }])).toBe(false);
  });
});

it("puts weeks side by side, the team's row as the service sends it", () => {
  const line = (agent: string | null, week: string, reviewed: number, right: number): QualityTrend => ({ agent, agent_name: agent ?? "", week, reviewed, right, score: 80 });
  const { weeks, rows } = trendTable([line(null, "2026-02-16", 9, 9), line(null, "2026-02-23", 4, 3), line(null, "2026-03-02", 2, 2), line("noor", "2026-03-02", 2, 2)], 2);
  expect(weeks).toEqual(["2026-02-23", "2026-03-02"]);
  expect(rows.map(({ agent, reviewed, right }) => [agent, reviewed, right])).toEqual([[null, 6, 5], ["noor", 2, 2]]);
});
