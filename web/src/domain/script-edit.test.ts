import { describe, expect, it } from "vitest";
import { SCRIPT } from "../testing/script";
import { type Step, stepOf } from "./script";
import { addAnswer, addStep, changeAnswer, changeStep, conditioned, moveStep, rekey, removeAnswer, removeStep } from "./script-edit";

const ids = (script: typeof SCRIPT): readonly string[] => script.steps.map(({ id }) => id);

function step(id: string): Step {
  const found = stepOf(SCRIPT, id);
  if (found === null) throw new Error(id);
  return found;
}

describe("editing a script", () => {
  it("adds a step after another, for the same audience, under a name that nobody has", () => {
    const first = addStep(SCRIPT, "V1");
    expect(ids(first.script).slice(4, 6)).toEqual(["V1", "S1"]);
    expect(stepOf(first.script, "S1")).toMatchObject({ audience: "resident", answers: [{ key: 1, to: null }] });
    const second = addStep(first.script, null);
    expect(second.id).toBe("S2");
    expect(ids(second.script).at(-1)).toBe("S2");
  });

  it("changes, moves and removes one step and no other", () => {
    const changed = changeStep(SCRIPT, "O2", { identity: "no" });
    expect(changed.steps.filter((one, place) => one !== SCRIPT.steps[place]).map(({ id }) => id)).toEqual(["O2"]);
    expect(ids(moveStep(SCRIPT, "O2", -1)).slice(0, 2)).toEqual(["O2", "O1"]);
    expect(ids(moveStep(SCRIPT, "O1", 1)).slice(0, 2)).toEqual(["O2", "O1"]);
    expect(moveStep(SCRIPT, "O1", -1)).toBe(SCRIPT);
    expect(moveStep(SCRIPT, "B1", 1)).toBe(SCRIPT);
    expect(moveStep(SCRIPT, "gone", 1)).toBe(SCRIPT);
    expect(ids(removeStep(SCRIPT, "O1"))).not.toContain("O1");
    const one = { ...SCRIPT, steps: SCRIPT.steps.slice(0, 1) };
    expect(removeStep(one, "O1")).toBe(one);
  });

  it("gives an answer the first free key, and no tenth one", () => {
    expect(addAnswer(step("V1")).map(({ key }) => key)).toEqual([1, 2, 6, 7, 8]);
    let full = step("V1");
    for (let time = 0; time < 12; time += 1) full = { ...full, answers: addAnswer(full) };
    expect(full.answers.map(({ key }) => key)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("changes, removes and re-keys answers", () => {
    expect(changeAnswer(step("O1"), 2, { to: "L1" }).map(({ to }) => to)).toEqual(["O2", "L1"]);
    expect(removeAnswer(step("O1"), 1).map(({ key }) => key)).toEqual([2]);
    expect(rekey(step("O1"), 1, 2).map(({ to }) => to)).toEqual(["T1", "O2"]);
    expect(rekey(step("O1"), 1, 5).map(({ key }) => key)).toEqual([2, 5]);
  });

  it("sets and takes away a condition", () => {
    const some = conditioned([], "arrears", ["rent"]);
    expect(conditioned(some, "crisis", ["yes"])).toHaveLength(2);
    expect(conditioned(some, "arrears", ["rent", "tax"])).toEqual([{ fact: "arrears", is: ["rent", "tax"] }]);
    expect(conditioned(some, "arrears", [])).toEqual([]);
  });
});
