import { describe, expect, it } from "vitest";
import type { NextStep } from "../api/types";
import { differences, ruleForm, sameStep, stepOf } from "./rules";

const BUSY: NextStep = { kind: "retry_after", minutes: [15, 30], times: 3, then: "other_slot" };

describe("a step as a form", () => {
  it.each<[NextStep, boolean]>([
    [BUSY, false],
    [{ kind: "other_slot" }, false],
    [{ kind: "pause", pause_days: 7 }, false],
    [{ kind: "next_number", close_after_days: 2 }, true],
    [{ kind: "redial", minutes: [0, 2], times: 1, then: "other_day" }, false],
  ])("comes back as it was: %j", (step, closes) => expect(stepOf(ruleForm(step), closes)).toEqual(step));

  it("forgets what belongs to another kind", () => {
    expect(stepOf({ ...ruleForm(BUSY), kind: "stop", times: "" }, false)).toEqual({ kind: "stop" });
  });

  it.each([
    [{ from: "30", to: "15" }, "minutes"],
    [{ from: "0" }, "minutes"],
    [{ to: "99999" }, "minutes"],
    [{ to: "een uur" }, "minutes"],
    [{ times: "13" }, "times"],
    [{ times: "2,5" }, "times"],
    [{ then: "" as const }, "then"],
    [{ kind: "pause" as const }, "days"],
    [{ kind: "pause" as const, days: "61" }, "days"],
  ])("says which field is wrong: %j", (change, fault) => expect(stepOf({ ...ruleForm(BUSY), ...change }, false)).toBe(fault));

  it("asks after how many days a number closes", () => {
    expect(stepOf({ ...ruleForm({ kind: "next_number" }) }, true)).toBe("close");
    expect(stepOf({ ...ruleForm({ kind: "next_number", close_after_days: 8 }) }, true)).toBe("close");
  });
});

describe("versions", () => {
  it("differ where the step does; what nobody can change does not count", () => {
    const before = { BUSY, NO_ANSWER: { kind: "other_slot" as const } };
    const after = { BUSY: { ...BUSY, reserved: true }, NO_ANSWER: { kind: "stop" as const }, NEW: { kind: "stop" as const } };
    expect(differences(before, after)).toEqual([{ code: "NO_ANSWER", before: { kind: "other_slot" }, after: { kind: "stop" } }]);
    expect(sameStep(BUSY, { then: "other_slot", times: 3, minutes: [15, 30], kind: "retry_after" })).toBe(true);
  });
});
