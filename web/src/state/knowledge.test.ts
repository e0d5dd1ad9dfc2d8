import { describe, expect, it } from "vitest";
import type { KnowledgeCard } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { KnowledgeModel } from "./knowledge";

const CARD: KnowledgeCard = {
  id: "k", client: "c", version: 2, title: "Toeslagen", text: "x", valid_from: "2026-03-02", valid_to: null, at: "2026-03-02T09:00:00Z", by: "", state: "waiting", decided_note: "", shown: 1,
};

function setUp(more: FakeApi["answers"] = {}): { api: FakeApi; model: KnowledgeModel } {
  const api = new FakeApi({ "GET /knowledge": { items: [CARD] }, "POST /knowledge": CARD, "PUT /knowledge/k": CARD, "POST /knowledge/k/decision": CARD, ...more });
  return { api, model: new KnowledgeModel(api.client) };
}

describe("knowledge", () => {
  it("is not sent before it is whole, and then read again", async () => {
    const { api, model } = setUp();
    model.edit({ title: "nobody writes" });
    expect(await model.save()).toBe(false);
    model.begin("2026-03-02");
    expect(await model.save()).toBe(false);
    model.edit({ client: "c", title: " Toeslagen ", text: "x" });
    expect(await model.save()).toBe(true);
    expect(api.body("POST /knowledge")).toEqual({ client: "c", title: "Toeslagen", text: "x", valid_from: "2026-03-02", valid_to: null });
    expect(model.writing.get().form).toBeNull();
    expect(model.list.get().data).toEqual([CARD]);
  });

  it("keeps what was typed when somebody else was first", async () => {
    const { api, model } = setUp({ "PUT /knowledge/k": { status: 412, code: "changed-since" } });
    model.open(CARD);
    model.edit({ text: "y", to: "2026-04-01" });
    expect(await model.save()).toBe(false);
    expect(model.writing.get().form?.text).toBe("y");
    expect(model.saving.get().error?.code).toBe("changed-since");
    api.answers["PUT /knowledge/k"] = CARD;
    expect(await model.save()).toBe(true);
    expect(api.body("PUT /knowledge/k")).toMatchObject({ text: "y", valid_to: "2026-04-01" });
  });

  it("is decided on, and read again whoever was first", async () => {
    const { api, model } = setUp({ "POST /knowledge/k/decision": { status: 409, code: "script-decided" } });
    expect(await model.decide(CARD, "approved", "")).toBe(false);
    expect(model.list.get().data).toEqual([CARD]);
    api.answers["POST /knowledge/k/decision"] = CARD;
    expect(await model.decide(CARD, "refused", " te vaag ")).toBe(true);
    expect(api.body("POST /knowledge/k/decision")).toEqual({ decision: "refused", note: "te vaag" });
  });
});
