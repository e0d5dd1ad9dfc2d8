import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { BillsModel } from "./bills";

const answers = {
  "GET /clients": { items: [{ id: "c", name: "Stad" }] },
  "GET /bills": { items: [] },
  "GET /clients/c/bill-draft": { month: "2026-03-01", closable: true, credited: 0, records: 0, rates: [], net: "0.00", vat: "0.00", gross: "0.00" },
  "GET /clients/c/tariffs": { items: [] },
};

async function opened(more: object = {}): Promise<{ api: FakeApi; model: BillsModel }> {
  const api = new FakeApi({ ...answers, ...more });
  const model = new BillsModel(api.client, "2026-03-01");
  await model.load();
  return { api, model };
}

describe("bills of a client", () => {
  it("begin with the first client and the month that was asked", async () => {
    const { api, model } = await opened();
    expect(model.chosen.get()).toEqual({ client: "c", month: "2026-03-01" });
    expect(model.draft.get().data?.closable).toBe(true);
    await model.lookAt("2026-02-01");
    expect(api.asked.at(-1)?.query).toContain("month=2026-02-01");
  });

  it("are empty without a client", async () => {
    const { api, model } = await opened({ "GET /clients": { items: [] } });
    expect(model.bills.get().data).toBeNull();
    expect(api.asked).toHaveLength(1);
  });

  it("close a month, and credit all or what is named", async () => {
    const { api, model } = await opened({ "POST /clients/c/bills": { items: [] }, "POST /bills/b/credit": {} });
    expect(await model.close()).toBe(true);
    expect(api.body("POST /clients/c/bills")).toEqual({ month: "2026-03-01" });
    expect(await model.credit("b", [], " fout ")).toBe(true);
    expect(api.body("POST /bills/b/credit")).toEqual({ references: null, reason: "fout" });
    await model.credit("b", ["Z-1"], "dubbel");
    expect(api.body("POST /bills/b/credit")).toEqual({ references: ["Z-1"], reason: "dubbel" });
  });

  it("take the tariffs that the service answers", async () => {
    const { api, model } = await opened({ "POST /clients/c/tariffs": { items: [{ price: "12.50" }] }, "POST /clients/c/tariffs/index": { items: [] } });
    expect(await model.setTariff("2026-01-01", "12.50", "21", " art. 6 ")).toBe(true);
    expect(api.body("POST /clients/c/tariffs")).toEqual({ valid_from: "2026-01-01", price: "12.50", vat_percent: "21", note: "art. 6" });
    expect(model.tariffs.get().data).toEqual([{ price: "12.50" }]);
    expect(await model.index(2027, "100", "103.1", "CPI")).toBe(true);
    expect(model.tariffs.get().data).toEqual([]);
    expect(await model.file("b", "pdf")).toBeNull();
  });
});
