import { describe, expect, it } from "vitest";
import { FakeApi, pauseReason } from "../testing/fake-api";
import { PausesModel } from "./pauses";

const FORM = { dutch: " Gebed ", english: "Prayer", counts_as: "paid", minutes: " 20 " } as const;

function api(): FakeApi {
  const items = [pauseReason("break", { position: 1 }), pauseReason("gone", { position: 1, archived: true, offered: false }), pauseReason("lunch", { position: 2 }), pauseReason("other", { position: 3 })];
  return new FakeApi({
    "GET /pause-reasons": { items },
    "POST /pause-reasons": pauseReason("prayer"),
    ...Object.fromEntries(items.map((one) => [`PATCH /pause-reasons/${one.id}`, one])),
  });
}

describe("the list of reasons", () => {
  it("takes one with or without a bound", async () => {
    const service = api();
    const model = new PausesModel(service.client);
    expect(await model.add(FORM)).toBe(true);
    expect(service.body("POST /pause-reasons")).toEqual({ dutch: "Gebed", english: "Prayer", counts_as: "paid", most_minutes: 20 });
    expect(model.list.get().data).toHaveLength(4);
    const [first] = model.list.get().data ?? [];
    expect(first !== undefined && (await model.change(first, { ...FORM, minutes: "" }))).toBe(true);
    expect(service.body("PATCH /pause-reasons/break")).toMatchObject({ most_minutes: null });
    expect(first !== undefined && (await model.archive(first, true))).toBe(true);
    expect(service.body("PATCH /pause-reasons/break")).toEqual({ archived: true });
  });

  it("changes places with its neighbour, past what is archived", async () => {
    const service = api();
    const model = new PausesModel(service.client);
    await model.list.reload();
    const [first, , lunch] = model.list.get().data ?? [];
    expect(first !== undefined && (await model.move(first, -1))).toBe(false);
    expect(lunch !== undefined && (await model.move(lunch, -1))).toBe(true);
    expect(service.changes).toEqual(["PATCH /pause-reasons/lunch", "PATCH /pause-reasons/break"]);
    expect(service.body("PATCH /pause-reasons/lunch")).toEqual({ position: 1 });
    expect(service.body("PATCH /pause-reasons/break")).toEqual({ position: 2 });
  });

  it("keeps the refusal, and reads what stands now", async () => {
    const service = api();
    service.answers["POST /pause-reasons"] = { status: 422, code: "invalid" };
    const model = new PausesModel(service.client);
    expect(await model.add(FORM)).toBe(false);
    expect(model.acting.get().error?.code).toBe("invalid");
    expect(model.list.get().data).toHaveLength(4);
  });
});
