import { describe, expect, it } from "vitest";
import type { Agent } from "../api/types";
import { agent, FakeApi } from "../testing/fake-api";
import { ColleaguesModel, mayCall, speaks } from "./colleagues";

const CALL = "/agents/me/colleague-call";

function call(state: NonNullable<Agent["colleague_call"]>["state"]): Agent["colleague_call"] {
  return { state, name: "Sem", incoming: false, since: 0, why: "" };
}

describe("a call to a colleague", () => {
  it("is chosen from the list, which closes once it rings", async () => {
    const api = new FakeApi({ "GET /agents/me/colleagues": { items: [{ user: "sem", name: "Sem", state: "available" }] }, [`POST ${CALL}`]: { ...call("ringing") } });
    const model = new ColleaguesModel(api.client);
    model.toggle();
    await expect.poll(() => model.list.get().data?.length).toBe(1);
    expect(await model.call("sem")).toBe(true);
    expect(api.body(`POST ${CALL}`)).toEqual({ colleague: "sem" });
    expect(model.open.get()).toBe(false);
  });

  it("stays open with what stands in the way", async () => {
    const api = new FakeApi({ "GET /agents/me/colleagues": { items: [] }, [`POST ${CALL}`]: { status: 409, code: "colleague-busy" } });
    const model = new ColleaguesModel(api.client);
    model.toggle();
    expect(await model.call("sem")).toBe(false);
    expect([model.open.get(), model.acting.get().error?.code]).toEqual([true, "colleague-busy"]);
  });

  it("is accepted, refused or ended", async () => {
    const api = new FakeApi({ [`PUT ${CALL}`]: { ...call("joining") } });
    await new ColleaguesModel(api.client).step("accept");
    expect(api.body(`PUT ${CALL}`)).toEqual({ step: "accept" });
  });

  it("can be made out of a conversation, with a phone that is ready, one at a time", () => {
    expect(mayCall(agent({ state: "paused" }))).toBe(true);
    expect(mayCall(agent({ state: "talking" }))).toBe(false);
    expect(mayCall(agent({ phone: "silent" }))).toBe(false);
    expect(mayCall(agent({ colleague_call: call("ringing") }))).toBe(false);
    expect([speaks(null), speaks(call("talking")), speaks(call("over"))]).toEqual([false, true, false]);
  });
});
