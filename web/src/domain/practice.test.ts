import { describe, expect, it } from "vitest";
import { scenario } from "../testing/practice";
import { SCRIPT } from "../testing/script";
import type { PracticePoint } from "../api/types";
import { BEGUN, type Conversation, dayAfter, heard, judge, nextOf, tellsOfHealth } from "./practice";
import type { Run } from "./script";

const NOW = new Date("2026-03-02T09:00:00Z");
const WORDS = ["ziek", "depress"];
const DONE: Run = {
  given: [{ at: "O1", answer: 1 }, { at: "O2", answer: 1 }, { at: "V1", answer: 1 }, { at: "A1", answer: 1 }, { at: "K1", answer: 4 }],
  now: null,
};
const GOOD: Conversation = { ...BEGUN, run: DONE, replies: { O2: 1 }, matched: true, ending: "hang_up", filing: { outcome: "HELP_WANTED", note: "Bel is kapot." } };

function missed(talk: Conversation, played = scenario()): readonly PracticePoint[] {
  return judge({ scenario: played, script: SCRIPT, healthWords: WORDS, talk, now: NOW })
    .filter(({ met }) => !met)
    .map(({ point }) => point);
}

function details(point: PracticePoint, talk: Conversation, played = scenario()): unknown {
  return judge({ scenario: played, script: SCRIPT, healthWords: WORDS, talk, now: NOW }).find((one) => one.point === point)?.details;
}

describe("what is heard", () => {
  const at = (now: string | null): Run => ({ given: [], now });

  it("is the question first, then the line, with what was wrong about the reply", () => {
    expect(heard(scenario(), at("O2"), {}).kind).toBe("question");
    expect(heard(scenario(), at("O2"), { O2: 1 })).toMatchObject({ kind: "line", says: { nl: "Vraag maar" }, wrong: null });
    expect(heard(scenario(), at("O2"), { O2: 0 })).toMatchObject({ kind: "line", wrong: { why: { nl: "Te vroeg" } } });
    expect(heard(scenario(), at("O1"), {})).toMatchObject({ kind: "line", says: { nl: "Ja" } });
  });

  it("is nothing where the resident does not follow, and goodbye at the end", () => {
    expect(heard(scenario(), at("T1"), {}).kind).toBe("astray");
    expect(heard(scenario(), at(null), {}).kind).toBe("farewell");
  });
});

describe("judging", () => {
  it("finds nothing wrong with a good conversation", () => {
    expect(missed(GOOD)).toEqual([]);
  });

  it("misses the check that was not made, that told too much, or that took another for the resident", () => {
    expect(details("identity", { ...GOOD, matched: false })).toEqual([{ kind: "reason", reason: "no_check" }]);
    expect(details("identity", { ...GOOD, replies: { O2: 0 } })).toEqual([{ kind: "reason", reason: "told" }]);
    expect(details("identity", GOOD, scenario({ verifies: false }))).toEqual([{ kind: "reason", reason: "somebody_else" }]);
    expect(missed({ ...GOOD, matched: false }, scenario({ verifies: false }))).toEqual([]);
  });

  it("names each answer that was not heard, as the path stood at the end", () => {
    const run: Run = { given: [{ at: "O1", answer: 2 }, { at: "T1", answer: 1 }], now: null };
    expect(details("answers", { ...GOOD, run })).toEqual([
      { kind: "answer", heard: { nl: "Ja", en: "Ja (en)" }, chose: { nl: "Iemand anders", en: "" } },
      { kind: "answer", heard: null, chose: { nl: "Klaar", en: "" } },
    ]);
  });

  it("wants the right reply to each question", () => {
    expect(details("replies", { ...GOOD, replies: {} })).toEqual([{ kind: "asked", question: { nl: "Waarover?", en: "Waarover? (en)" } }]);
    expect(details("replies", { ...GOOD, replies: { O2: 0 } })).toMatchObject([{ kind: "reply", why: { nl: "Te vroeg" } }]);
  });

  it("wants the right outcome, and nothing filed is none", () => {
    expect(missed({ ...GOOD, filing: { outcome: "NO_HELP" } })).toEqual(["outcome"]);
    expect(missed({ ...GOOD, filing: null })).toEqual(["outcome"]);
  });

  it("wants an end: by hand, and not before the conversation was done", () => {
    expect(details("ending", { ...GOOD, run: { ...DONE, now: "K1" } })).toEqual([{ kind: "reason", reason: "too_soon" }]);
    expect(details("ending", { ...GOOD, ending: null })).toEqual([{ kind: "reason", reason: "not_ended" }]);
    expect(missed({ ...GOOD, run: { ...DONE, now: "V1" }, ending: "handed" })).toEqual([]);
    const machine = scenario({ ending: "voicemail", points: ["ending"] });
    expect(missed({ ...BEGUN, ending: "voicemail" }, machine)).toEqual([]);
    expect(missed({ ...BEGUN, ending: "hang_up" }, machine)).toEqual(["ending"]);
  });

  it.each([
    ["s1", "12:00", true],
    ["s2", "12:00", false],
    ["gone", "12:00", false],
    ["s2", "00:00", true],
  ])("takes slot %s from %s: %s", (slot, from, met) => {
    const played = scenario({ slot: { from, first_is_taken: false }, points: ["appointment"] });
    const slots = { s1: "2026-03-03T11:30:00Z", s2: "2026-03-03T09:30:00Z" }; // half past twelve and half past ten in Amsterdam
    expect(missed({ ...GOOD, slots, filing: { outcome: "HELP_APPOINTMENT", slot } }, played)).toEqual(met ? [] : ["appointment"]);
  });

  it.each([
    ["2026-03-03T13:30:00Z", true],
    ["2026-03-03T16:00:00Z", true],
    ["2026-03-03T13:29:00Z", false],
    ["2026-03-03T16:01:00Z", false],
    ["2026-03-04T14:00:00Z", false],
    [null, false],
  ])("takes a call-back at %s: %s", (at, met) => {
    const played = scenario({ wish: { days: 1, from: "14:30", until: "17:00" }, points: ["appointment"] });
    expect(missed({ ...GOOD, filing: { outcome: "CALL_LATER", appointment_at: at } }, played)).toEqual(met ? [] : ["appointment"]);
  });

  it("wants what is special to be ticked, and the crisis desk to be rung", () => {
    const played = scenario({ flags: ["CRISIS"], crisis_desk: true, points: ["flags", "crisis"] });
    expect(missed(GOOD, played)).toEqual(["flags", "crisis"]);
    expect(missed({ ...GOOD, crisisDesk: true, filing: { outcome: "HELP_WANTED", flags: ["CRISIS", "VULNERABLE"] } }, played)).toEqual([]);
  });

  it("wants a note without a citizen service number and health, and one where there is something to note", () => {
    const reasons = (note: string, more: Partial<Conversation> = {}): unknown => details("note", { ...GOOD, ...more, filing: { outcome: "HELP_WANTED", note } }, scenario({ note: true }));
    expect(reasons("Bel is kapot.")).toEqual([]);
    expect(reasons(" ")).toEqual([{ kind: "reason", reason: "nothing_noted" }]);
    expect(reasons("BSN 123456782, is ziek")).toEqual([{ kind: "reason", reason: "bsn" }, { kind: "reason", reason: "health" }]);
    expect(reasons("Bel is kapot.", { bsn: true })).toEqual([{ kind: "reason", reason: "bsn" }]);
  });
});

describe("small rules", () => {
  it("finds words about health at their beginning only", () => {
    expect(tellsOfHealth("Is Zieker dan eerst", WORDS)).toBe(true);
    expect(tellsOfHealth("muziek, en ziek", WORDS)).toBe(true);
    expect(tellsOfHealth("houdt van muziek", WORDS)).toBe(false);
  });

  it("counts days by Amsterdam's calendar, over the change of the clocks too", () => {
    expect(dayAfter(new Date("2026-03-28T23:30:00Z"), 1)).toBe("2026-03-30"); // it is the 29th there already
    expect(dayAfter(new Date("2026-10-24T12:00:00Z"), 1)).toBe("2026-10-25");
  });

  it("goes on with the next conversation that was not passed, round the end", () => {
    const codes = ["a", "b", "c"];
    expect(nextOf(codes, new Set(), null)).toBe("a");
    expect(nextOf(codes, new Set(["b"]), "a")).toBe("c");
    expect(nextOf(codes, new Set(["c"]), "b")).toBe("a");
    expect(nextOf(codes, new Set(codes), "a")).toBeNull();
  });
});
