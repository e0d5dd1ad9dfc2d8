import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { ddasFile, DdasModel } from "./ddas";

const NONE = { version: "", municipality: "", supplier: "", organisation: "", kvk: "", versions: ["1.0", "1.2"] };
const WHOLE = { version: "1.2", municipality: "0637", supplier: "LEV", organisation: "Voorbeeldstad", kvk: "" };

describe("who a client is at the national exchange", () => {
  it("is asked for whole, and kept", async () => {
    const api = new FakeApi({ "GET /clients/k/ddas": NONE, "PUT /clients/k/ddas": { ...WHOLE, versions: NONE.versions } });
    const model = new DdasModel(api.client, "k");
    await model.load();
    model.edit({ version: "1.2", municipality: "0637" });
    expect(await model.save()).toBe(false);
    expect(model.editing.get()).toMatchObject({ asked: true, kept: false });
    expect(api.changes).toEqual([]);
    model.edit({ supplier: "LEV", organisation: " Voorbeeldstad" });
    expect(await model.save()).toBe(true);
    expect(api.body("PUT /clients/k/ddas")).toEqual(WHOLE);
    expect(model.editing.get()).toEqual({ form: WHOLE, asked: false, kept: true });
    model.edit({ kvk: "1" });
    expect(model.editing.get()?.kept).toBe(false);
  });

  it("is nothing to edit while it is not there", async () => {
    const model = new DdasModel(new FakeApi({ "GET /clients/k/ddas": { status: 503, code: "unavailable" } }).client, "k");
    await model.load();
    expect(model.editing.get()).toBeNull();
    expect(await model.save()).toBe(false);
  });
});

describe("its file", () => {
  it("is of the days that were asked for", async () => {
    const api = new FakeApi({ "GET /campaigns/c/ddas": {} });
    await ddasFile(api.client, "c", "2026-02-01", "2026-02-28");
    expect(api.asked.at(-1)?.query).toBe("?from=2026-02-01&until=2026-02-28");
  });
});
