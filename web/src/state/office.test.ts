import { describe, expect, it } from "vitest";
import type { Callback } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { CallbacksModel } from "./office";

const R = "019a0000-0000-7000-8000-00000000000b";
const REQUEST: Callback = {
  id: R, campaign: "c", case: null, origin: "queue", state: "claimed", requested_at: "2026-11-23T09:00:00Z", claimed_by: "me",
  claimed_at: "2026-11-23T09:30:00Z", done_at: null, done_by: null, tries: 1, tried_at: "2026-11-23T09:31:00Z", attempt: "a", number: "+31790000147",
};

describe("call-back requests", () => {
  it("are dialled by the service, once, for whoever asks", async () => {
    const api = new FakeApi({ [`POST /callbacks/${R}/call`]: REQUEST });
    const model = new CallbacksModel(api.client);
    expect(await model.call(R)).toBe(true);
    expect(api.changes).toEqual([`POST /callbacks/${R}/call`]);
    expect(model.acting.get()).toMatchObject({ busy: false, error: null });
  });

  it("that are not dialled keep the reason", async () => {
    const api = new FakeApi({ [`POST /callbacks/${R}/call`]: { status: 409, code: "callers-first" } });
    const model = new CallbacksModel(api.client);
    expect(await model.call(R)).toBe(false);
    expect(model.acting.get().error).toMatchObject({ code: "callers-first", status: 409 });
  });
});
