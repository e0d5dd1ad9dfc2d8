import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { MergeModel } from "./merging";

const OF = { id: "k", campaign: "g" };
const nothing = (): Promise<void> => Promise.resolve();

describe("two cases of one person", () => {
  it("are looked for within the campaign, without the case itself", async () => {
    const api = new FakeApi({ "GET /cases": { items: [{ id: "k" }, { id: "o" }], next: null } });
    const model = new MergeModel(api.client, OF, nothing);
    await model.find("  ");
    expect(api.asked).toEqual([]);
    await model.find(" VS-2 ");
    expect(model.search.get()).toEqual({ reference: "VS-2", found: [{ id: "o" }] });
    expect(api.asked).toHaveLength(1);
  });

  it("are put together and taken apart with a reason, and shown anew", async () => {
    const api = new FakeApi({ "POST /cases/k/merge": {}, "POST /cases/o/unmerge": {} });
    let shown = 0;
    const model = new MergeModel(api.client, OF, () => { shown++; return nothing(); });
    expect(await model.merge("o", " zelfde persoon ")).toBe(true);
    expect(api.body("POST /cases/k/merge")).toEqual({ other: "o", reason: "zelfde persoon" });
    expect(await model.undo("o", "toch niet")).toBe(true);
    expect(api.body("POST /cases/o/unmerge")).toEqual({ reason: "toch niet" });
    expect(shown).toBe(2);
    expect(model.search.get().found).toBeNull();
  });

  it("that are in a call keep what was found, with the reason", async () => {
    const api = new FakeApi({ "POST /cases/k/merge": { status: 409, code: "merge-busy" }, "GET /cases": { items: [{ id: "o" }], next: null } });
    let shown = 0;
    const model = new MergeModel(api.client, OF, () => { shown++; return nothing(); });
    await model.find("VS-2");
    expect(await model.merge("o", "zelfde")).toBe(false);
    expect(model.acting.get().error?.code).toBe("merge-busy");
    expect([shown, model.search.get().found]).toEqual([0, [{ id: "o" }]]);
  });
});
