import { expect, it } from "vitest";
import type { MyPractice } from "../api/types";
import { STOPS } from "../domain/tour";
import { FakeApi } from "../testing/fake-api";
import { Query } from "./query";
import { TourModel } from "./tour";

const MINE: MyPractice = { version: 1, passed_at: null, needed_by: [], tour_seen: false, results: [] };

async function tour(mine: MyPractice = MINE): Promise<{ api: FakeApi; model: TourModel; query: Query<MyPractice> }> {
  const api = new FakeApi({ "PUT /agents/me/tour": null });
  const query = new Query(() => Promise.resolve(mine));
  await query.reload();
  return { api, query, model: new TourModel(api.client, query) };
}

it("goes from stop to stop, and is kept as seen at its end", async () => {
  const { api, model, query } = await tour();
  model.go(1);
  expect(model.place.get()).toBeNull();
  model.open();
  model.go(-1);
  STOPS.forEach(() => model.go(1));
  expect(model.place.get()).toBeNull();
  expect(query.get().data?.tour_seen).toBe(true);
  expect(api.changes).toEqual(["PUT /agents/me/tour"]);
});

it("is not kept twice when it is opened again", async () => {
  const { api, model } = await tour({ ...MINE, tour_seen: true });
  model.open();
  await model.close();
  expect(api.changes).toEqual([]);
});

it("leaves the desk alone when it cannot be kept", async () => {
  const { api, model } = await tour();
  api.answers["PUT /agents/me/tour"] = { status: 503, code: "unavailable" };
  model.open();
  await model.close();
  expect([model.place.get(), model.keeping.get().error?.code]).toEqual([null, "unavailable"]);
});
