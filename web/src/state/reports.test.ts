import { describe, expect, it } from "vitest";
import { FakeApi, settle } from "../testing/fake-api";
import { AdjustmentsModel, ReportModel, ReportsModel } from "./reports";

const PERIOD = { first: "2026-03-01", last: "2026-03-31" };

describe("reports", () => {
  const lists = {
    "GET /reports": { items: [], next: null },
    "GET /expected-reach": { items: [] },
    "GET /campaigns": { items: [{ id: "c", client: "l", name: "Maart" }], next: null },
    "GET /report-schedules": { items: [] },
    "GET /report-deliveries": { items: [] },
    "GET /clients": { items: [{ id: "l", name: "Stad" }] },
  };

  it("may be asked about a client's campaigns together, where its name may be read", async () => {
    const api = new FakeApi(lists);
    const model = new ReportsModel(api.client, true);
    await model.reload();
    expect(model.subjects.get().data).toEqual([
      { id: "l", client: "l", campaign: null, name: "Stad" },
      { id: "c", client: "l", campaign: "c", name: "Maart" },
    ]);
    const few = new ReportsModel(api.client, false);
    await few.reload();
    expect(few.subjects.get().data).toHaveLength(1);
  });

  it("gives the new report's id, and nothing when it is refused", async () => {
    const api = new FakeApi({ ...lists, "POST /reports": { id: "r" } });
    const model = new ReportsModel(api.client, true);
    const subject = { id: "c", client: "l", campaign: "c", name: "Maart" };
    expect(await model.ask(subject, PERIOD)).toBe("r");
    expect(api.body("POST /reports")).toEqual({ client: "l", campaign: "c", first_day: "2026-03-01", last_day: "2026-03-31" });
    api.answers["POST /reports"] = { status: 422, code: "invalid" };
    expect(await model.ask(subject, PERIOD)).toBeNull();
    expect(model.asking.get().error?.code).toBe("invalid");
  });
});

describe("reports by the clock", () => {
  it("are begun and ended", async () => {
    const line = { id: "s", client: "l", client_name: "Stad", campaign: null, campaign_name: "", every: "month", day: 3 };
    const api = new FakeApi({ "POST /report-schedules": { items: [line] }, "DELETE /report-schedules/s": null });
    const model = new ReportsModel(api.client, true);
    expect(await model.schedule({ id: "l", client: "l", campaign: null, name: "Stad" }, "month", 3)).toBe(true);
    expect(api.body("POST /report-schedules")).toEqual({ client: "l", campaign: null, every: "month", day: 3 });
    expect(model.schedules.get().data).toEqual([line]);
    expect(await model.endSchedule("s")).toBe(true);
    expect(model.schedules.get().data).toEqual([]);
  });
});

describe("a report as a file", () => {
  it("is asked in a format, and is nothing when it is refused", async () => {
    const api = new FakeApi({ "GET /reports/r/file": {} });
    const model = new ReportModel(api.client, "r");
    expect(await model.file("r", "pdf")).not.toBeNull();
    expect(api.asked.at(-1)?.query).toBe("?format=pdf");
    api.answers["GET /reports/r/file"] = { status: 403, code: "forbidden" };
    expect(await model.file("r", "xlsx")).toBeNull();
    expect(model.saving.get().error?.code).toBe("forbidden");
  });
});

describe("a figure", () => {
  it("opens the records of its row, and of the total without one", async () => {
    const api = new FakeApi({ "GET /reports/r/records": { items: [{ case: "k" }], next: null } });
    const model = new ReportModel(api.client, "r");
    await model.records.reload();
    expect(api.asked).toEqual([]);
    model.open({ title: "x", measure: "reached", dimension: "partner", key: "rent" });
    await settle();
    expect(api.asked.at(-1)?.query).toBe("?measure=reached&dimension=partner&key=rent");
    expect(model.records.get().data).toHaveLength(1);
    model.open({ title: "x", measure: "net", dimension: null, key: "" });
    expect(model.records.get().data).toBeNull();
    await settle();
    expect(api.asked.at(-1)?.query).toBe("?measure=net");
    model.close();
    expect(model.opened.get()).toBeNull();
  });
});

describe("an agreement", () => {
  it("is sent once and stands in the list", async () => {
    const line = { id: "a", at: "2026-03-02T09:00:00Z", by: "Sem", agreed_on: "2026-03-02", agreed_with: "x", agreed: "y" };
    const api = new FakeApi({ "POST /campaigns/c/adjustments": { items: [line] } });
    const model = new AdjustmentsModel(api.client, "c");
    expect(await model.add("2026-03-02", " x ", "y ")).toBe(true);
    expect(api.body("POST /campaigns/c/adjustments")).toEqual({ agreed_on: "2026-03-02", agreed_with: "x", agreed: "y" });
    expect(model.list.get().data).toEqual([line]);
  });
});

describe("regular reports that are brought", () => {
  const subject = { id: "k", client: "k", campaign: null, name: "Stad" };
  it("go by mail for whole months only, and where results go", async () => {
    const api = new FakeApi({ "POST /report-schedules": { items: [] } });
    const model = new ReportsModel(api.client, true);
    await model.schedule(subject, "week", 1, { format: "xlsx", mail: "r@stad.example", outlet: "o" });
    expect(api.body("POST /report-schedules")).toEqual({ client: "k", campaign: null, every: "week", day: 1, format: "xlsx", outlet: "o" });
    await model.schedule(subject, "month", 3, { format: "pdf", mail: " r@stad.example ", outlet: "" });
    expect(api.body("POST /report-schedules")).toEqual({ client: "k", campaign: null, every: "month", day: 3, format: "pdf", mail_to: "r@stad.example" });
  });

  it("are sent again by hand once they were given up", async () => {
    const api = new FakeApi({ "POST /report-deliveries/d/resend": {}, "GET /report-deliveries": { items: [] } });
    expect(await new ReportsModel(api.client, true).resend("d")).toBe(true);
    expect(api.changes).toEqual(["POST /report-deliveries/d/resend"]);
  });
});
