import { describe, expect, it } from "vitest";
import { known, SCRIPT } from "../testing/script";
import {
  answer, answersOf, back, backTo, begin, decode, encode, fill, greeting, hasEnglish, kindsSaid, type Known, openedAs, passagesOf, pathOf, type Run, said, type Step, stepOf, suggestion,
  verified,
} from "./script";

const MATCHED = known({ verified: true });

/** Follows the answers with these keys. */
function follow(run: Run, keys: readonly number[], what: Known = known()): Run {
  return keys.reduce((now, key) => {
    const next = answer(SCRIPT, now, key, what);
    if (next === now) throw new Error(`no answer ${key} at ${now.now ?? "the end"}`);
    return next;
  }, run);
}

function step(id: string): Step {
  const found = stepOf(SCRIPT, id);
  if (found === null) throw new Error(`no step ${id}`);
  return found;
}

describe("a run through a script", () => {
  it("never opens a resident's step without a match, from any step by any answer", () => {
    for (const { id, answers } of SCRIPT.steps)
      for (const { key } of answers) {
        const after = answer(SCRIPT, { given: [], now: id }, key, known({ arrears: ["rent"], crisis: true }));
        if (after.now !== id && after.now !== null) expect(step(after.now).audience).not.toBe("resident");
      }
    expect(answer(SCRIPT, { given: [], now: "L1" }, 2, MATCHED).now).toBe("A1");
  });

  it("goes on with the match, and not from where it makes no sense", () => {
    expect(verified(SCRIPT, follow(begin(SCRIPT, "out"), [1, 1])).now).toBe("V1");
    expect(verified(SCRIPT, { given: [], now: "I2" }).now).toBe("V1");
    for (const now of ["T1", "L1", null]) expect(verified(SCRIPT, { given: [], now }).now).toBe(now);
  });

  it("begins as the call came about, and anew as what it turns out to be, but takes no step away", () => {
    expect((["out", "in", "call_back"] as const).map((opening) => begin(SCRIPT, opening).now)).toEqual(["O1", "N1", "B1"]);
    expect(openedAs(SCRIPT, begin(SCRIPT, "out"), "call_back")).toEqual(begin(SCRIPT, "call_back"));
    const begun = follow(begin(SCRIPT, "out"), [1]);
    expect(openedAs(SCRIPT, begun, "call_back")).toBe(begun);
    const matched = verified(SCRIPT, begin(SCRIPT, "in"));
    expect(openedAs(SCRIPT, matched, "in")).toBe(matched);
    const same = begin(SCRIPT, "in");
    expect(openedAs(SCRIPT, same, "in")).toBe(same);
  });

  it("points to the outcome of its path", () => {
    const asked = verified(SCRIPT, follow(begin(SCRIPT, "out"), [1, 1]));
    const helped = follow(asked, [1, 1, 4], MATCHED);
    expect(helped.now).toBeNull();
    expect(suggestion(SCRIPT, helped)).toEqual({ outcome: "HELP_WANTED", crisis: false, answers: { need: "allowances", kto: "4" } });
    expect(suggestion(SCRIPT, follow(asked, [6], MATCHED))).toMatchObject({ outcome: null, crisis: true });
    expect(suggestion(SCRIPT, { given: [{ at: "gone", answer: 1 }], now: null })).toEqual({ outcome: null, crisis: false, answers: {} });
  });

  it("survives being written down and read again", () => {
    const run = follow(begin(SCRIPT, "out"), [1, 1]);
    expect(encode(run)).toBe("O1.1 O2.1 I1");
    expect(decode(SCRIPT, encode(run))).toEqual(run);
    const ended = follow(begin(SCRIPT, "out"), [2, 1]);
    expect(decode(SCRIPT, encode(ended))).toEqual(ended);
    for (const bad of ["", "X9", "O1.7 O2", "O1.1", "X1.1 O1"]) expect(decode(SCRIPT, bad)).toBeNull();
  });

  it("goes back one step, or to any step of the path", () => {
    const run = follow(begin(SCRIPT, "out"), [1, 2]);
    expect(back(run).now).toBe("O2");
    expect(backTo(run, 0)).toEqual(begin(SCRIPT, "out"));
    expect(backTo(run, 7)).toBe(run);
    expect(back(begin(SCRIPT, "in"))).toEqual({ given: [], now: "N1" });
    expect(pathOf(SCRIPT, run, "nl")).toEqual([{ title: "O1", label: "Ja" }, { title: "O2", label: "Nu niet" }]);
    expect(pathOf(SCRIPT, { given: [{ at: "gone", answer: 1 }], now: null }, "en")).toEqual([{ title: "gone", label: "" }]);
  });

  it("ignores an answer that is not there, and a step that is gone", () => {
    const run = begin(SCRIPT, "out");
    expect(answer(SCRIPT, run, 8, MATCHED)).toBe(run);
    expect(answer(SCRIPT, { given: [], now: null }, 1, MATCHED).now).toBeNull();
    const broken = { ...SCRIPT, steps: SCRIPT.steps.filter(({ id }) => id !== "O2") };
    expect(answer(broken, run, 1, MATCHED)).toBe(run);
  });
});

describe("conditions", () => {
  const keys = (id: string, what: Known): readonly number[] => answersOf(step(id), what).map(({ key }) => key);

  it("show an answer when what they ask is known", () => {
    expect(keys("O2", known())).toEqual([1, 2]);
    expect(keys("O2", known({ language: "en" }))).toEqual([1, 2, 3]);
    expect(keys("V1", known({ verified: true, arrears: ["energy", "rent"], crisis: true }))).toEqual([1, 6, 7, 8]);
    expect(keys("V1", known({ verified: true, arrears: ["energy"], crisis: false }))).toEqual([1, 6]);
  });

  it("know nothing of arrears and crisis before the match, whatever was loaded", () => {
    expect(keys("V1", known({ arrears: ["rent"], crisis: true }))).toEqual([1, 6]);
  });

  it("add passages to what is said", () => {
    const passages = (what: Known): number => passagesOf(step("O2"), what).length;
    expect([known(), known({ attempt: "again" }), known({ attempt: null })].map(passages)).toEqual([1, 2, 1]);
  });

  it("do not let a hidden answer be chosen by its key", () => {
    const run: Run = { given: [], now: "O2" };
    expect(answer(SCRIPT, run, 3, known())).toBe(run);
  });

  it.each([
    ["identity", "open", known(), true],
    ["identity", "matched", MATCHED, true],
    ["opening", "in", known({ opening: "in" }), true],
    ["weather", "rain", known(), false],
  ] as const)("%s is %s", (fact, value, what, shown) => {
    const asked: Step = { ...step("O2"), also: [{ say: { nl: "x", en: "" }, when: [{ fact, is: [value] }] }] };
    expect(passagesOf(asked, what).length > 1).toBe(shown);
  });
});

describe("words", () => {
  it("are Dutch, unless English is spoken and there is any", () => {
    expect(said({ nl: "Dag", en: "Hello" }, "en")).toBe("Hello");
    expect(said({ nl: "Dag", en: "" }, "en")).toBe("Dag");
    expect(hasEnglish(SCRIPT)).toBe(true);
    expect(hasEnglish({ ...SCRIPT, steps: [step("O2")] })).toBe(false);
  });

  it("fills what is known and hides what is not", () => {
    expect(fill("{groet}, met {medewerker}", { groet: "Goedemorgen", medewerker: "" })).toBe("Goedemorgen, met …");
  });

  it("greets by the clock", () => {
    expect([8, 12, 17, 18].map((hour) => greeting(hour, "nl"))).toEqual(["Goedemorgen", "Goedemiddag", "Goedemiddag", "Goedenavond"]);
    expect([8, 12, 18].map((hour) => greeting(hour, "en"))).toEqual(["Good morning", "Good afternoon", "Good evening"]);
  });

  it("names each kind of arrears once", () => {
    expect(kindsSaid(["rent", "energy", "rent"], "nl")).toBe("huur en energie");
    expect(kindsSaid(["other", "new"], "en")).toBe("fixed costs");
  });
});
