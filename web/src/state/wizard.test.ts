import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeApi, settle } from "../testing/fake-api";
import { ProofsModel } from "./proofs";
import { WizardModel } from "./wizard";

const PREFLIGHT = { may_start: true, will_call: 1, skipped: [], checks: [] };
const READ = {
  "GET /campaigns/c": { id: "c", state: "draft" },
  "GET /campaigns/c/checklist": { client: "k", items: [] },
  "GET /deliveries": { items: [], next: null },
  "GET /campaigns/c/proof-calls": { items: [] },
  "GET /campaigns/c/preflight": PREFLIGHT,
};

describe("a draft on its way", () => {
  it("is what the service has, started once and said so", async () => {
    const api = new FakeApi({ ...READ, "PUT /campaigns/c/state": { id: "c", state: "running" } });
    const model = new WizardModel(api.client, "c");
    await model.draft.reload();
    expect(model.draft.get().data?.campaign.state).toBe("draft");
    expect(api.asked.find(({ what }) => what === "GET /deliveries")?.query).toBe("?campaign=c");
    expect(await model.start()).toBe(true);
    expect(model.draft.get().data?.campaign.state).toBe("running");
  });

  it("stays a draft when the start is refused, and can be thrown away", async () => {
    const api = new FakeApi({ ...READ, "PUT /campaigns/c/state": { status: 409, code: "preflight" }, "DELETE /campaigns/c": { gone: true } });
    const model = new WizardModel(api.client, "c");
    await model.draft.reload();
    expect(await model.start()).toBe(false);
    expect(model.acting.get().error?.code).toBe("preflight");
    expect(model.draft.get().data?.campaign.state).toBe("draft");
    expect(await model.discard()).toBe(true);
  });
});

describe("a proof run", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("looks again while somebody is on the line, and no longer", async () => {
    let live = true;
    const call = () => ({ items: [{ attempt: "a", phone: "p", label: "Noor", at: "", agent: null, live, answered: !live, talked: false, outcome: null }] });
    const api = new FakeApi({ "GET /clients/k/staff-phones": { items: [] }, "GET /campaigns/c/proof-calls": call, "POST /campaigns/c/proof-calls": { attempt: "a" } });
    const model = new ProofsModel(api.client, "c", "k");
    expect(await model.call("p")).toBe(true);
    expect(api.body("POST /campaigns/c/proof-calls")).toEqual({ phone: "p" });
    const asked = (): number => api.asked.filter(({ what }) => what === "GET /campaigns/c/proof-calls").length;
    expect(asked()).toBe(1);
    live = false;
    vi.advanceTimersByTime(2_000);
    await settle();
    expect(asked()).toBe(2);
    vi.advanceTimersByTime(20_000);
    await settle();
    expect(asked()).toBe(2);
  });

  it("keeps why nobody is rung", async () => {
    const api = new FakeApi({ "POST /campaigns/c/proof-calls": { status: 409, code: "staff-is-resident" } });
    const model = new ProofsModel(api.client, "c", "k");
    expect(await model.call("p")).toBe(false);
    expect(model.acting.get().error?.code).toBe("staff-is-resident");
  });
});
