import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OutcomeRules, OutcomeRulesVersion } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { RulesModel } from "./rules";

const RULE = { label: "", editable: true, kinds: ["other_slot", "stop", "pause"], thens: ["stop"] } satisfies Partial<OutcomeRules["items"][number]>;
const RULES: OutcomeRules = {
  version: 2,
  waiting: 0,
  items: [
    { ...RULE, code: "NO_ANSWER", step: { kind: "other_slot" } },
    { ...RULE, code: "UNALLOCATED", step: { kind: "next_number", close_after_days: 2 } },
    { ...RULE, code: "PAID", editable: false, step: { kind: "stop" } },
  ],
};
const FIRST: OutcomeRulesVersion = {
  version: 1, at: "2026-03-02T09:00:00Z", by: "", note: "", steps: { NO_ANSWER: { kind: "pause", pause_days: 2 }, UNALLOCATED: { kind: "next_number", close_after_days: 2 } },
};
const RULES_PATH = "/campaigns/c/outcome-rules";

function made(rules: () => OutcomeRules = () => RULES): { api: FakeApi; model: RulesModel } {
  const api = new FakeApi({
    [`GET ${RULES_PATH}`]: rules,
    [`GET ${RULES_PATH}/history`]: { items: [FIRST] },
    [`POST ${RULES_PATH}`]: { version: null, moved: 132, closed: 4, same: 9, estimated: false },
  });
  return { api, model: new RulesModel(api.client, "c") };
}

describe("outcome rules", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("are edited one by one, tried together, kept with a reason", async () => {
    const { api, model } = made();
    model.start();
    await vi.advanceTimersByTimeAsync(1);
    model.open("NO_ANSWER");
    model.edit({ kind: "pause" });
    expect(model.take()).toBe(false);
    model.edit({ days: "3" });
    expect(model.take()).toBe(true);
    expect(await model.tryOut()).toBe(true);
    expect(model.draft.get().tried?.moved).toBe(132);
    expect(await model.keep(" minder druk ")).toBe(true);
    expect(api.body(`POST ${RULES_PATH}`)).toEqual({ version: 2, steps: { NO_ANSWER: { kind: "pause", pause_days: 3 } }, note: "minder druk" });
    expect(model.draft.get()).toMatchObject({ steps: {}, kept: true });
  });

  it("that are as they were are no change", async () => {
    const { model } = made();
    model.start();
    await vi.advanceTimersByTimeAsync(1);
    model.open("NO_ANSWER");
    model.edit({ kind: "stop" });
    model.take();
    model.open("NO_ANSWER");
    model.edit({ kind: "other_slot" });
    expect(model.take()).toBe(true);
    expect(model.draft.get().steps).toEqual({});
    expect(model.closes("UNALLOCATED")).toBe(true);
  });

  it("can be had back as they were", async () => {
    const { api, model } = made();
    model.start();
    await vi.advanceTimersByTimeAsync(1);
    model.backTo(FIRST);
    expect(model.draft.get().steps).toEqual({ NO_ANSWER: { kind: "pause", pause_days: 2 } });
    await model.tryOut();
    expect(api.body(`POST ${RULES_PATH}`)).toEqual({ version: 2, steps: { NO_ANSWER: { kind: "pause", pause_days: 2 } } });
    model.discard();
    expect(model.draft.get().steps).toEqual({});
  });

  it("on their way to the cases are asked for again until they are there", async () => {
    let waiting = 2;
    const { api, model } = made(() => ({ ...RULES, waiting: waiting-- }));
    const stop = model.start();
    await vi.advanceTimersByTimeAsync(1);
    expect(model.rules.get().data?.waiting).toBe(2);
    await vi.advanceTimersByTimeAsync(4100);
    expect(model.rules.get().data?.waiting).toBe(0);
    const asked = api.asked.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(api.asked.length).toBe(asked);
    stop();
  });
});
