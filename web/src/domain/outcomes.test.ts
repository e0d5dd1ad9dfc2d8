import { describe, expect, it } from "vitest";
import { answersOf, appointmentOf, choices, groupOf, type Outcome, pressKey, refusal, sections } from "./outcomes";

function outcome(code: string, more: Partial<Outcome> = {}): Outcome {
  return { code, label: code, reached: "no", finalFor: "none", needs: [], secondKey: false, ...more };
}

const LIST = sections([
  outcome("VOICEMAIL"),
  outcome("HELP_WANTED", { secondKey: true }),
  outcome("HELP_APPOINTMENT"),
  outcome("CALL_LATER"),
]);

describe("outcome list", () => {
  it("keeps the order of the screen, whatever the catalogue's order", () => {
    expect(LIST.map((section) => section.key)).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(LIST[0]?.outcomes.map((item) => [item.outcome.code, item.keys])).toEqual([
      ["HELP_APPOINTMENT", ["1", "1"]],
      ["HELP_WANTED", ["1", "2"]],
    ]);
  });

  it("places codes it does not know by their meaning", () => {
    expect(groupOf(outcome("X_NUMBER", { finalFor: "number" }))).toBe("number");
    expect(groupOf(outcome("X_TALK", { reached: "yes", finalFor: "case" }))).toBe("no_help");
    expect(groupOf(outcome("X_END", { finalFor: "case" }))).toBe("stop");
    expect(groupOf(outcome("X_AGAIN"))).toBe("later");
  });

  it("keeps the results of another team's calls apart", () => {
    const team = outcome("TEAM_HELPED", { needs: ["overflow"] });
    const own = outcome("NO_HELP");
    expect(choices([team, own], "overflow")).toEqual([team]);
    expect(choices([team, own], "in")).toEqual([own]);
    expect(groupOf(team)).toBe("team");
    expect(groupOf(outcome("TEAM_X", { needs: ["overflow"] }))).toBe("team");
  });

  it("gives unknown codes the places after the known ones, and no key beyond nine", () => {
    const many = sections([...Array.from({ length: 10 }, (_, n) => outcome(`Z_${"abcdefghij"[n] ?? ""}`)), outcome("CALL_LATER")]);
    const later = many[2]?.outcomes ?? [];
    expect(later[0]?.outcome.code).toBe("CALL_LATER");
    expect(later.at(-1)?.keys).toBeNull();
  });

  it("is chosen with two keys", () => {
    const first = pressKey(LIST, null, "1");
    expect(first).toEqual({ group: "help", chosen: null });
    expect(pressKey(LIST, first.group, "2")).toEqual({ group: null, chosen: "HELP_WANTED" });
  });

  it("ignores keys that mean nothing, and Escape starts again", () => {
    expect(pressKey(LIST, null, "2")).toEqual({ group: null, chosen: null }); // the group is empty
    expect(pressKey(LIST, null, "9")).toEqual({ group: null, chosen: null });
    expect(pressKey(LIST, "help", "9")).toEqual({ group: "help", chosen: null });
    expect(pressKey(LIST, "help", "Escape")).toEqual({ group: null, chosen: null });
  });

  it("refuses what needs the identity check before it", () => {
    const paid = outcome("PAID", { needs: ["verified"] });
    expect(refusal(paid, false)).toBe("needs_identity");
    expect(refusal(paid, true)).toBeNull();
    expect(refusal(outcome("VOICEMAIL"), false)).toBeNull();
  });

  it("knows what belongs to an outcome", () => {
    expect(appointmentOf(undefined)).toBe("none");
    expect(appointmentOf(outcome("CALL_LATER", { needs: ["appointment"] }))).toBe("needed");
    expect(appointmentOf(outcome("HELP_APPOINTMENT", { needs: ["verified", "visit"] }))).toBe("needed");
    expect(appointmentOf(outcome("THIRD_PARTY"))).toBe("optional");
    expect(appointmentOf(outcome("VOICEMAIL"))).toBe("none");
    expect(answersOf(outcome("HELP_WANTED", { needs: ["verified", "answer:need"] }))).toEqual(["need"]);
  });
});
