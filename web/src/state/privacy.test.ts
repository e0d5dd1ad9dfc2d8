import { describe, expect, it } from "vitest";
import type { PrivacyRequest } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { PrivacyRequestsModel, RegisterModel } from "./privacy";

const CLIENTS = { items: [{ id: "c", name: "Stad" }] };
const END = { left: [{ what: "cases", count: 2 }], ended_on: null, after_care_until: null };
const REQUEST = { id: "q", resident: "r", kind: "erase", state: "open", version: 3 } as PrivacyRequest;

describe("what is held", () => {
  it("begins with the first client, and is read anew for another", async () => {
    const api = new FakeApi({ "GET /clients": CLIENTS, "GET /privacy/register": { items: [], unclassed: [] }, "GET /clients/c/kept": { items: [] }, "GET /clients/d/kept": { items: [] }, "GET /clients/c/contract-end": END, "GET /clients/d/contract-end": END });
    const model = new RegisterModel(api.client);
    await model.load();
    expect(model.of.chosen.get()).toBe("c");
    expect(model.kept.get().data).toEqual([]);
    await model.choose("d");
    expect(model.end.get().data).toEqual(END);
    expect(api.asked.filter(({ what }) => what === "GET /privacy/register").at(-1)?.query).toContain("client=d");
  });

  it("shows the usual terms while there is no client", async () => {
    const api = new FakeApi({ "GET /clients": { items: [] }, "GET /privacy/register": { items: [], unclassed: [] } });
    const model = new RegisterModel(api.client);
    await model.load();
    expect(api.asked.map(({ what }) => what)).toEqual(["GET /clients", "GET /privacy/register"]);
  });
});

describe("requests of residents", () => {
  const answers = {
    "GET /clients": CLIENTS,
    "GET /privacy-requests": { items: [REQUEST] },
    "POST /clients/c/residents/find": { items: [{ id: "r" }] },
    "GET /residents/r/erasure": { rows: { "pii.note": 2 } },
    "POST /residents/r/privacy-requests": REQUEST,
    "POST /privacy-requests/q/carry-out": { request: REQUEST, cases: 0, rows: 2 },
    "POST /privacy-requests/q/move": REQUEST,
    "POST /privacy-requests/q/file": { zaken: [] },
  };

  it("finds by the reference, which stands in no address, and writes the request down", async () => {
    const api = new FakeApi(answers);
    const model = new PrivacyRequestsModel(api.client);
    await model.load();
    expect(await model.find(" Z-1 ", "verzoek")).toBe(true);
    expect(api.body("POST /clients/c/residents/find")).toEqual({ reference: "Z-1", purpose: "verzoek" });
    expect(api.asked.some(({ what, query }) => `${what}${query}`.includes("Z-1"))).toBe(false);
    expect(await model.open("r", "erase", "2026-03-02", " verzoek ")).toBe(true);
    expect(api.body("POST /residents/r/privacy-requests")).toEqual({ kind: "erase", received_on: "2026-03-02", reason: "verzoek" });
    expect(model.found.get()).toBeNull();
  });

  it("shows what goes before it goes, and forgets it afterwards", async () => {
    const api = new FakeApi(answers);
    const model = new PrivacyRequestsModel(api.client);
    await model.load();
    await model.look(REQUEST);
    expect(model.preview.get()).toEqual({ request: "q", rows: { "pii.note": 2 } });
    expect(await model.carryOut(REQUEST)).toBe(true);
    expect(api.body("POST /privacy-requests/q/carry-out")).toEqual({});
    expect(model.preview.get()).toBeNull();
  });

  it("reads the list anew when somebody else was first", async () => {
    const api = new FakeApi({ ...answers, "POST /privacy-requests/q/move": { status: 412, code: "changed-since" } });
    const model = new PrivacyRequestsModel(api.client);
    await model.load();
    const before = api.asked.length;
    expect(await model.move(REQUEST, "refuse", "niet te herkennen")).toBe(false);
    expect(api.asked.slice(before).map(({ what }) => what)).toEqual(["POST /privacy-requests/q/move", "GET /privacy-requests"]);
    expect(await (await model.file(REQUEST))?.text()).toContain("zaken");
  });
});
