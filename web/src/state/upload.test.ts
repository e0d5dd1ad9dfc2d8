import { describe, expect, it } from "vitest";
import { ApiClient } from "../api/client";
import { FakeApi } from "../testing/fake-api";
import { UploadModel } from "./office";

const COLUMNS = { client_ref: "Zaak" };
const KEPT = { name: "VPS", version: 1, kind: "list", columns: COLUMNS, unused: [] };

describe("UploadModel", () => {
  it("keeps columns under a name and offers them from then on", async () => {
    let kept: unknown[] = [];
    const api = new FakeApi({
      "GET /campaigns/c1/mappings": () => ({ items: kept }),
      "PUT /campaigns/c1/mappings": () => {
        kept = [KEPT];
        return KEPT;
      },
    });
    const model = new UploadModel(api.client);
    await model.loadMappings("c1");
    expect(model.mappings.get()).toEqual([]);
    await model.saveMapping("c1", "list", " VPS ", COLUMNS);
    expect(api.body("PUT /campaigns/c1/mappings")).toEqual({ name: "VPS", kind: "list", columns: COLUMNS });
    expect(model.saved.get()).toEqual(KEPT);
    expect(model.mappings.get()).toEqual([KEPT]);
  });

  it("offers nothing to choose when the list cannot be had, and says when saving fails", async () => {
    const api = new FakeApi({});
    const model = new UploadModel(api.client);
    await model.loadMappings("c1");
    expect(model.mappings.get()).toEqual([]);
    await model.saveMapping("c1", "list", "VPS", COLUMNS);
    expect(model.saved.get()).toBeNull();
    expect(model.saving.get().error?.code).toBe("not-found");
  });
});

describe("columns chosen by hand", () => {
  it("go before the file, in the same form, and the refusal says what there is to choose from", async () => {
    const forms: FormData[] = [];
    const fetch = (_: string, init: RequestInit): Promise<Response> => {
      forms.push(init.body as FormData);
      return Promise.resolve(new Response(JSON.stringify({ code: "file-refused", reason: "columns-missing", headings: ["Vak"], columns: {} }), { status: 422 }));
    };
    const model = new UploadModel(new ApiClient({ fetch: fetch as typeof globalThis.fetch, language: () => "nl" }));
    await model.send("c1", "list", new File(["x"], "lijst.csv"), true, "", COLUMNS);
    expect([...(forms[0]?.keys() ?? [])]).toEqual(["mapping", "file"]);
    expect(forms[0]?.get("mapping")).toBe(JSON.stringify(COLUMNS));
    expect(model.sending.get().error?.problem?.headings).toEqual(["Vak"]);
  });
});
