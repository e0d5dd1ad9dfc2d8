import { describe, expect, it } from "vitest";
import { answer, back, backTo, begin, decode, DEFAULT_STEPS, encode, fill, greeting, openedAs, type Run, stepOf, suggestion, verified } from "./script";

/** Follows the answers with these labels. */
function follow(run: Run, labels: readonly string[], isVerified: boolean): Run {
  return labels.reduce((now, label) => {
    if (now.now === null) throw new Error("the script has ended");
    const index = stepOf(now.now).answers.findIndex((candidate) => candidate.label === label);
    if (index === -1) throw new Error(`no answer ${label} at ${now.now}`);
    return answer(now, index, isVerified);
  }, run);
}

describe("default script", () => {
  it("names every next step, and every step can be reached", () => {
    const reached = new Set(["O1", "N1", "B1", "V1"]);
    for (const step of DEFAULT_STEPS) for (const { to } of step.answers) if (to !== null) reached.add(stepOf(to).id);
    expect([...reached].sort()).toEqual(DEFAULT_STEPS.map((step) => step.id).sort());
  });

  it("has no step with more answers than keys", () => {
    for (const step of DEFAULT_STEPS) expect(step.answers.length).toBeLessThanOrEqual(9);
  });

  it("says nothing about bills, companies or help before the gate", () => {
    for (const step of DEFAULT_STEPS.filter((candidate) => candidate.gate !== true))
      expect(`${step.say} ${step.hint ?? ""}`).not.toMatch(/rekening|schuld|betal|huur|energie|zorg|\{soort\}|hulp/i);
  });

  it("never passes the gate without a match, from any open step by any answer", () => {
    for (const step of DEFAULT_STEPS.filter((candidate) => candidate.gate !== true)) {
      step.answers.forEach((_, index) => {
        const after = answer({ given: [], now: step.id }, index, false);
        if (after.now !== null) expect(stepOf(after.now).gate).not.toBe(true);
      });
    }
  });

  it("opens with the match, and not from where it makes no sense", () => {
    expect(verified(follow(begin("out"), ["Ja, dat ben ik", "Ja"], false)).now).toBe("V1");
    expect(verified({ given: [], now: "T1" }).now).toBe("T1");
    expect(verified({ given: [], now: null }).now).toBeNull();
  });

  it("asks for a name first when somebody is rung back, and goes on as with a caller", () => {
    expect(verified(follow(begin("call_back"), ["Gevonden"], false)).now).toBe("V1");
    expect(suggestion(follow(begin("call_back"), ["Vroeg er niet om", "Afronden: verkeerd nummer"], false)).outcome).toBe("WRONG_PERSON");
    expect(suggestion(follow(begin("call_back"), ["Iemand anders vroeg het"], false)).outcome).toBe("THIRD_PARTY");
  });

  it("begins anew as what the call turns out to be, but never takes a step away that was taken", () => {
    expect(openedAs(begin("out"), "call_back")).toEqual(begin("call_back"));
    const begun = follow(begin("out"), ["Ja, dat ben ik"], false);
    expect(openedAs(begun, "call_back")).toBe(begun);
    const verifiedRun = verified(begin("in"));
    expect(openedAs(verifiedRun, "in")).toBe(verifiedRun);
    const same = begin("in");
    expect(openedAs(same, "in")).toBe(same);
  });

  it("points to the outcome of its path", () => {
    const asked = verified(follow(begin("out"), ["Ja, dat ben ik", "Ja"], false));
    const helped = follow(asked, ["Moeilijk", "Toeslagen", "Ja", "Gemeente belt terug", "Klopt", "4"], true);
    expect(helped.now).toBeNull();
    expect(suggestion(helped)).toEqual({ outcome: "HELP_WANTED", crisis: false, answers: { need: "allowances", kto: "4" } });
    expect(suggestion(follow(asked, ["Crisis", "Wil hulp"], true))).toMatchObject({ outcome: null, crisis: true });
  });

  it("survives being written down and read again", () => {
    const run = follow(begin("out"), ["Ja, dat ben ik", "Ja"], false);
    expect(encode(run)).toBe("O1.0 O2.0 I1");
    expect(decode(encode(run))).toEqual(run);
    const ended = follow(begin("out"), ["Die woont hier niet", "Afronden: verkeerd nummer"], false);
    expect(decode(encode(ended))).toEqual(ended);
    for (const bad of ["", "X9", "O1.7 O2", "O1.0", "X1.0 O1"]) expect(decode(bad)).toBeNull();
  });

  it("goes back one step, or to any step of the path", () => {
    const run = follow(begin("out"), ["Ja, dat ben ik", "Nee, nu niet"], false);
    expect(back(run).now).toBe("O2");
    expect(backTo(run, 0)).toEqual(begin("out"));
    expect(backTo(run, 7)).toBe(run);
    expect(back(begin("in"))).toEqual({ given: [], now: "N1" });
  });

  it("ignores an answer that is not there", () => {
    const run = begin("out");
    expect(answer(run, 8, true)).toBe(run);
    expect(answer({ given: [], now: null }, 0, true).now).toBeNull();
  });
});

describe("words", () => {
  it("fills what is known and hides what is not", () => {
    expect(fill("{groet}, met {medewerker}", { groet: "Goedemorgen", medewerker: "" })).toBe("Goedemorgen, met …");
  });

  it("greets by the clock", () => {
    expect([8, 12, 17, 18].map(greeting)).toEqual(["Goedemorgen", "Goedemiddag", "Goedemiddag", "Goedenavond"]);
  });
});
