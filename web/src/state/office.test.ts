import { describe, expect, it } from "vitest";
import type { Callback, User } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { CallbacksModel, CaseModel, UsersModel } from "./office";

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

describe("users", () => {
  const anna: User = { id: "u", login: "anna", display_name: "Anna", role: "agent", client: null, language: "nl", disabled: false, created_at: "", version: 4 };

  it("are changed as they were seen, and a client is named for a client's people alone", async () => {
    const api = new FakeApi({ "PATCH /users/u": {}, "GET /users": { items: [], next: null }, "DELETE /users/u/sessions": null });
    const model = new UsersModel(api.client);
    expect(await model.change(anna, { display_name: " Anna de Wit ", role: "supervisor", client: "k", language: "nl" })).toBe(true);
    expect(api.body("PATCH /users/u")).toEqual({ display_name: "Anna de Wit", role: "supervisor", language: "nl", client: null });
    await model.change(anna, { display_name: "Anna", role: "client", client: "k", language: "en" });
    expect(api.body("PATCH /users/u")).toEqual({ display_name: "Anna", role: "client", language: "en", client: "k" });
    expect(await model.signOut("u")).toBe(true);
  });
});

describe("a case in a supervisor's hands", () => {
  const done = { case: {}, signals: [], phones: [], attempts: [], merges: [] };

  it("is shown anew after each change, which carries its reason", async () => {
    const api = new FakeApi({
      "GET /cases/k": done, "GET /cases/k/why": {}, "POST /cases/k/lift-opt-out": {}, "POST /cases/k/phones/p/unblock": {}, "POST /cases/k/undo-merge": {}, "POST /attempts/a/recode": null,
    });
    const model = new CaseModel(api.client, "k");
    expect(await model.liftOptOut(" belde zelf ")).toBe(true);
    expect(await model.unblock("p", "mag weer")).toBe(true);
    expect(await model.undoMerge("s")).toBe(true);
    expect(await model.recode("a", "PAID", "verkeerde toets")).toBe(true);
    expect(api.body("POST /cases/k/lift-opt-out")).toEqual({ reason: "belde zelf" });
    expect(api.body("POST /cases/k/undo-merge")).toEqual({ signal: "s" });
    expect(api.body("POST /attempts/a/recode")).toEqual({ outcome: "PAID", reason: "verkeerde toets" });
    expect(api.asked.filter(({ what }) => what === "GET /cases/k")).toHaveLength(4);
  });

  it("keeps the reason of a refusal and is not loaded again", async () => {
    const api = new FakeApi({ "POST /cases/k/lift-opt-out": { status: 409, code: "conflict" } });
    const model = new CaseModel(api.client, "k");
    expect(await model.liftOptOut("belde zelf")).toBe(false);
    expect(model.steering.get().error?.code).toBe("conflict");
    expect(api.asked).toHaveLength(1);
  });
});
