import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ResultLayout, ResultProfile } from "../api/types";
import { editColumn, removeColumn } from "../domain/result-layout";
import { FakeApi, settle } from "../testing/fake-api";
import { LayoutsModel } from "./layouts";

const LAYOUT: ResultLayout = {
  columns: [{ title: "Zaak", field: "client_ref" }, { title: "Wijk", field: "" }],
  format: "csv", delimiter: ";", encoding: "utf-8-sig", dates: "dd-mm-jjjj", times: true, yes: "ja", no: "nee", words: {},
};
const profile = (version: number, layout = LAYOUT): ResultProfile => ({ name: "Week", version, created_at: "2026-03-02T09:00:00Z", layout });
const ANSWERS = {
  "GET /clients/k/result-profiles": { items: [profile(2), profile(1, { ...LAYOUT, times: false })] },
  "POST /clients/k/result-profiles": { ...profile(3) },
  "POST /result-profiles/preview": { header: ["Zaak", "Wijk"], rows: [["VOORBEELD-1", ""]] },
  "POST /result-profiles/example": { columns: LAYOUT.columns },
};

/** Without the network's form data: the fake reads JSON only. */
function service(): { api: FakeApi; model: LayoutsModel } {
  const api = new FakeApi(ANSWERS);
  vi.spyOn(api.client, "upload").mockImplementation(async () => Promise.resolve({ columns: LAYOUT.columns }));
  return { api, model: new LayoutsModel(api.client, "k") };
}

describe("layouts of files of results", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("are learned from an example: its columns, and how the file itself is written", async () => {
    const { model } = service();
    expect(await model.learn(new File(["Zaak|Wijk\n1|2"], "voorbeeld.csv"))).toBe(true);
    const edit = model.editing.get();
    expect(edit).toMatchObject({ name: "", named: false, learned: 2, asked: false });
    expect(edit?.form).toMatchObject({ delimiter: "|", encoding: "utf-8", format: "csv" });
    await settle();
    expect(model.preview.get().data?.header).toEqual(["Zaak", "Wijk"]);
  });

  it("keep their name when another example is read for the next version", async () => {
    const { model } = service();
    model.open(profile(2));
    await model.learn(new File(["Zaak;Wijk"], "voorbeeld.csv"));
    expect(model.editing.get()).toMatchObject({ name: "Week", named: true });
  });

  it("are shown anew after a pause in typing, and not while no file can be made", async () => {
    const { api, model } = service();
    model.open(profile(2));
    await settle();
    const previews = (): number => api.asked.filter(({ what }) => what === "POST /result-profiles/preview").length;
    expect(previews()).toBe(1);
    model.edit((form) => editColumn(form, 0, { title: "Zaakn" }));
    model.edit((form) => editColumn(form, 0, { title: "Zaaknr" }));
    await vi.advanceTimersByTimeAsync(399);
    expect(previews()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(previews()).toBe(2);
    expect(api.body("POST /result-profiles/preview")).toMatchObject({ layout: { columns: [{ title: "Zaaknr" }, { title: "Wijk" }] } });
    model.edit((form) => removeColumn(form, 0));
    await vi.advanceTimersByTimeAsync(400);
    expect(previews()).toBe(2);
    expect(model.preview.get().data).toBeNull();
  });

  it("are kept under a name only, whole only, and say which version it became", async () => {
    const { api, model } = service();
    model.begin({ ...LAYOUT, columns: [] });
    expect(await model.save()).toBe(false);
    expect(model.editing.get()?.asked).toBe(true);
    model.open(profile(2));
    model.edit((form) => ({ ...form, times: false }));
    expect(await model.save()).toBe(true);
    expect(api.body("POST /clients/k/result-profiles")).toEqual({ name: "Week", layout: { ...LAYOUT, times: false } });
    expect(model.kept.get()).toEqual({ name: "Week", version: 3 });
    expect(model.editing.get()).toBeNull();
  });

  it("have their earlier versions, and one of them back as the newest", async () => {
    const { api, model } = service();
    model.open(profile(2));
    await settle();
    const earlier = model.versions.get().data?.at(-1);
    expect(api.asked.some(({ query }) => query === "?name=Week")).toBe(true);
    expect(earlier?.version).toBe(1);
    if (earlier !== undefined) model.takeBack(earlier);
    expect(model.editing.get()?.form.times).toBe(false);
    await model.save();
    expect(api.body("POST /clients/k/result-profiles")).toMatchObject({ layout: { times: false } });
  });
});
