import { describe, expect, it } from "vitest";
import { FakeApi, settle } from "../testing/fake-api";
import { KpisModel, LogoModel, WorkModel } from "./report-work";

describe("the work of a report", () => {
  it("opens the records of a row, and of the total without a key", async () => {
    const api = new FakeApi({ "GET /reports/r/operations/records": { items: [], next: null } });
    const model = new WorkModel(api.client, "r");
    model.open({ title: "Oproepen", section: "attempts", figure: "calls", key: "BUSY" });
    await settle();
    expect(api.asked.at(-1)?.query).toContain("section=attempts&figure=calls&key=BUSY");
    model.open({ title: "Oproepen", section: "attempts", figure: "calls", key: "" });
    await settle();
    expect(api.asked.at(-1)?.query).not.toContain("key=");
    model.close();
    await model.records.reload();
    expect(model.records.get().data).toEqual([]);
  });
});

describe("what is agreed for KPIs", () => {
  const terms = (key: string, more: object): object => ({ key, label: key, means: "", unit: "share", better: "high", target: 0.8, band: 0.05, usual: true, ...more });
  const list = { items: [terms("level", {}), terms("lost", { usual: false, target: 0.05, band: 0.025 }), terms("wait", { unit: "seconds", usual: false, target: 2, band: 0.5 })] };

  it("is typed in percents and seconds, and empty where it is the usual", async () => {
    const api = new FakeApi({ "GET /clients/c/kpis": list, "PUT /clients/c/kpis": list });
    const model = new KpisModel(api.client, "c");
    await model.load();
    expect(model.typed.get()).toEqual({ level: { target: "", band: "" }, lost: { target: "5", band: "2,5" }, wait: { target: "2", band: "0,5" } });
    expect(model.faults().size).toBe(0);
    model.edit("level", { target: "90" });
    model.edit("lost", { target: "", band: "" });
    expect(await model.save()).toBe(true);
    expect(api.body("PUT /clients/c/kpis")).toEqual({ kpis: { level: { target: 0.9, band: 0 }, wait: { target: 2, band: 0.5 } } });
  });

  it("says which are no figures", async () => {
    const api = new FakeApi({ "GET /clients/c/kpis": list });
    const model = new KpisModel(api.client, "c");
    await model.load();
    model.edit("level", { target: "101" });
    model.edit("wait", { band: "lang" });
    expect([...model.faults()]).toEqual(["level", "wait"]);
    model.edit("level", { target: "", band: "3" });
    expect([...model.faults()]).toEqual(["level", "wait"]);
  });
});

describe("a client's logo", () => {
  it("is sent as base64, and taken away with nothing", async () => {
    const api = new FakeApi({ "GET /clients/c/logo": { logo: false }, "PUT /clients/c/logo": { logo: true } });
    const model = new LogoModel(api.client, "c");
    await model.there.reload();
    expect(model.there.get().data).toBe(false);
    expect(await model.set(new Blob([new Uint8Array([0x89, 0x50, 0xff])]))).toBe(true);
    expect(api.body("PUT /clients/c/logo")).toEqual({ png: "iVD/" });
    expect(model.there.get().data).toBe(true);
    await model.set(null);
    expect(api.body("PUT /clients/c/logo")).toEqual({ png: null });
  });
});
