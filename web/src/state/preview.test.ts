import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { PreviewModel } from "./preview";

const LOOK = "POST /agents/me/preview";
const CALL = "POST /agents/me/preview/call";
const SKIP = "POST /agents/me/preview/skip";
const nobody = { showing: "nobody", case: null, campaign: null, name: "", number: "", attempt_number: 0, seconds_left: null, skips_left: 10 };
const resident = { ...nobody, showing: "resident", case: "c1", campaign: "k", name: "A. Bakker", number: "+31600000123", attempt_number: 2, seconds_left: 40 };

describe("the resident before the call", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("is kept while he is looked at, and let go when nobody looks", async () => {
    const api = new FakeApi({ [LOOK]: resident });
    const model = new PreviewModel(api.client);
    const stop = model.start();
    await vi.advanceTimersByTimeAsync(20_001);
    expect(api.asked.length).toBe(5);
    expect(api.body(LOOK)).toEqual({ next: false });
    expect(model.view.get().data?.name).toBe("A. Bakker");
    stop();
    expect(model.view.get().data).toBeNull();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(api.asked.length).toBe(5);
  });

  it("is asked for once a minute where no campaign shows anybody", async () => {
    const api = new FakeApi({ [LOOK]: { ...nobody, showing: "off" } });
    const stop = new PreviewModel(api.client).start();
    await vi.advanceTimersByTimeAsync(119_000);
    expect(api.asked.length).toBe(2);
    stop();
  });

  it("is called, and nobody else", async () => {
    const api = new FakeApi({ [LOOK]: resident, [CALL]: { attempt: "a1" } });
    const model = new PreviewModel(api.client);
    expect(await model.call()).toBe(false);
    expect(api.changes).toEqual([]);
    await model.view.reload();
    expect(await model.call()).toBe(true);
    expect(api.body(CALL)).toEqual({ case: "c1" });
  });

  it("is looked at anew when he cannot be called, and why is said", async () => {
    const api = new FakeApi({ [LOOK]: resident, [CALL]: { status: 409, code: "preview-gone" } });
    const model = new PreviewModel(api.client);
    await model.view.reload();
    api.answers[LOOK] = nobody;
    expect(await model.call()).toBe(false);
    expect(model.acting.get().error).toMatchObject({ code: "preview-gone" });
    expect(model.view.get().data?.showing).toBe("nobody");
  });

  it("is passed on with a reason, and the next is there at once", async () => {
    const api = new FakeApi({ [LOOK]: resident, [SKIP]: { ...resident, case: "c2", name: "B. Smit", skips_left: 9 } });
    const model = new PreviewModel(api.client);
    expect(await model.skip("other")).toBe(false);
    await model.view.reload();
    expect(await model.skip("language")).toBe(true);
    expect(api.body(SKIP)).toEqual({ case: "c1", reason: "language" });
    expect(model.view.get().data).toMatchObject({ case: "c2", skips_left: 9 });
  });

  it("goes on after the time was over when the agent says so", async () => {
    const api = new FakeApi({ [LOOK]: { ...nobody, showing: "time_over" } });
    const model = new PreviewModel(api.client);
    await model.view.reload();
    api.answers[LOOK] = resident;
    await model.next();
    expect(api.body(LOOK)).toEqual({ next: true });
    expect(model.view.get().data?.showing).toBe("resident");
  });
});
