import { describe, expect, it } from "vitest";
import { DUTY_ACTIONS, DUTY_STATES, dutyActions, isDutyState, PHONE_STATES, phoneHoldsCalls } from "./duty";

describe("duty", () => {
  it("offers the table's actions without a wish", () => {
    for (const state of DUTY_STATES) expect(dutyActions(state, "")).toEqual(DUTY_ACTIONS[state]);
  });

  it("lets a wish be taken back, or changed for the other one, never asked twice", () => {
    expect(dutyActions("talking", "pause")).toEqual(["resume", "off_duty"]);
    expect(dutyActions("wrap_up", "off_duty")).toEqual(["resume", "pause"]);
  });

  it("knows only the service's states", () => {
    expect(isDutyState("wrap_up")).toBe(true);
    expect(isDutyState("sleeping")).toBe(false);
  });

  it("holds calls for a telephone that is not ready, only while available", () => {
    for (const phone of PHONE_STATES) {
      expect(phoneHoldsCalls("available", phone)).toBe(phone !== "ready");
      expect(phoneHoldsCalls("talking", phone)).toBe(false);
    }
  });
});
