import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { ClientModel, MappingsModel } from "./clients";

const CLIENT = {
  id: "k", slug: "stad", name: "Stad", municipality: "Stad", neutral_name: "Het Gesprek", inbound_number: "+31790000001", version: 3,
  settings: [{ key: "case_cap", text: "", unit: "attempts", value: 12, usual: 12, own: false, low: 1, high: 100 }, ...["term_days", "delivery_days", "lead_days"].map((key) => ({ key, text: "", unit: "days", value: key === "lead_days" ? 7 : 28, usual: key === "lead_days" ? 7 : 28, own: false, low: 0, high: 56 }))],
};

describe("a client", () => {
  it("is saved by the version that was read, with what changed", async () => {
    const api = new FakeApi({ "GET /clients/k": CLIENT, "PATCH /clients/k": { ...CLIENT, version: 4 } });
    const model = new ClientModel(api.client, "k");
    await model.load();
    model.editNumber("case_cap", "0");
    expect(await model.save()).toBe(false);
    expect(Object.keys(model.faults())).toEqual(["case_cap"]);
    model.editNumber("case_cap", "9");
    expect(await model.save()).toBe(true);
    expect(api.body("PATCH /clients/k")).toEqual({ settings: { case_cap: 9 } });
    expect(model.editing.get()).toMatchObject({ saved: true, changed: false });
    expect(await model.save()).toBe(true);
    expect(api.changes).toHaveLength(1);
  });
});

describe("column mappings", () => {
  it("belong to the client and are saved without emptied columns", async () => {
    const mapping = { name: "VPS", version: 1, kind: "list" as const, columns: { client_ref: "kenmerk", phone_1: "tel" }, unused: [] };
    const api = new FakeApi({
      "GET /campaigns": { items: [{ id: "x", client: "other" }, { id: "c", client: "k" }], next: null },
      "GET /campaigns/c/mappings": { items: [mapping], fields: { list: [], numbers: [], visits: [] } },
      "PUT /campaigns/c/mappings": mapping,
    });
    const model = new MappingsModel(api.client, "k");
    await model.list.reload();
    expect(await model.save(mapping, { client_ref: "nummer", phone_1: " " })).toBe(true);
    expect(api.body("PUT /campaigns/c/mappings")).toEqual({ name: "VPS", kind: "list", columns: { client_ref: "nummer" } });
  });

  it("cannot be had without a campaign", async () => {
    const api = new FakeApi({ "GET /campaigns": { items: [], next: null } });
    const model = new MappingsModel(api.client, "k");
    await model.list.reload();
    expect(model.list.get().data).toMatchObject({ ready: false, items: [] });
  });
});
