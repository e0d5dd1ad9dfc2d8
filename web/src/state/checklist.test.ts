import { describe, expect, it } from "vitest";
import type { ChecklistItem } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { ChecklistModel, openItems } from "./checklist";

function item(more: Partial<ChecklistItem>): ChecklistItem {
  return { item: "retention", text: "de termijnen zijn afgesproken", todo: "vink af", state: "open", tickable: true, on: null, name: "", reason: "", by: "", at: null, ...more };
}

describe("the checklist of a client", () => {
  it("is ticked with the day and the name, and shows how it stands then", async () => {
    let items = [item({}), item({ item: "promise", tickable: false })];
    const api = new FakeApi({
      "GET /campaigns/c/checklist": () => ({ client: "k", items }),
      "PUT /clients/k/checklist": () => {
        items = [item({ state: "ticked", on: "2026-03-01", name: "J. de Wit" }), item({ item: "promise", tickable: false })];
        return null;
      },
      "PUT /clients/k/checklist-waiver": null,
      "POST /clients/k/checklist-back": null,
    });
    const model = new ChecklistModel(api.client, "c");
    expect(await model.tick("retention", "2026-03-01", "J. de Wit")).toBe(false); // whose it is, is not known yet
    await model.list.reload();
    expect(await model.tick("retention", "2026-03-01", " J. de Wit ")).toBe(true);
    expect(api.body("PUT /clients/k/checklist")).toEqual({ item: "retention", on: "2026-03-01", name: "J. de Wit" });
    expect(openItems(model.list.get().data?.items ?? []).map((one) => one.item)).toEqual(["promise"]);
    await model.waive("promise", " proefmaand ");
    expect(api.body("PUT /clients/k/checklist-waiver")).toEqual({ item: "promise", reason: "proefmaand" });
    await model.takeBack("retention");
    expect(api.body("POST /clients/k/checklist-back")).toEqual({ item: "retention" });
  });

  it("keeps what was refused, and shows no other state than the service has", async () => {
    const api = new FakeApi({ "GET /campaigns/c/checklist": { client: "k", items: [item({})] }, "PUT /clients/k/checklist": { status: 422, code: "invalid", type: "", title: "" } });
    const model = new ChecklistModel(api.client, "c");
    await model.list.reload();
    expect(await model.tick("retention", "2999-01-01", "J. de Wit")).toBe(false);
    expect(model.acting.get().error?.code).toBe("invalid");
    expect(openItems(model.list.get().data?.items ?? [])).toHaveLength(1);
  });
});
