import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { DayModel } from "./day";

describe("the day", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("is asked for each minute, until nobody looks", async () => {
    const day = { at: "2026-03-02T09:00:00Z", appointments: [], appointments_total: 0, campaigns: [], wrap_ups: [], exchange: { late: 0, dead: 0, missing: [], silent: [], withdrawn: 0 }, questions: { open: 0, answered: 0, unread: 0 }, complaints: { open: 0, late: 0 }, differences: 0 };
    const api = new FakeApi({ "GET /day": day, "GET /users": { items: [{ id: "u", display_name: "Noor" }], next: null } });
    const model = new DayModel(api.client);
    const stop = model.start();
    const asked = (): number => api.asked.filter(({ what }) => what === "GET /day").length;
    await vi.advanceTimersByTimeAsync(1);
    expect(model.view.get().data?.names.get("u")).toBe("Noor");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked()).toBe(3);
    stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked()).toBe(3);
  });
});
