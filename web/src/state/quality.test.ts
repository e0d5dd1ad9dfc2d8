import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { MyReviewsModel } from "./my-reviews";
import { CalibrationModel, SampleModel, SamplesModel, ScorecardModel, TrendsModel } from "./quality";

const CARD = { client: "c", version: 0, criteria: [{ code: "tone", label: "Toon", weight: 1, fatal: false }] };
const SAMPLE = { line: { id: "s", attempt: "a" }, record: {}, card: CARD, reviews: [], coaching: null };

describe("the sample", () => {
  it("shows what is to be done, or what is done", async () => {
    const api = new FakeApi({ "GET /samples": { items: [], next: null } });
    const model = new SamplesModel(api.client);
    await model.list.reload();
    model.show(true);
    expect(api.asked.map(({ query }) => query)).toEqual(["?done=false", "?done=true"]);
  });

  it("is reviewed once, and sent again it is the same review", async () => {
    const api = new FakeApi({ "GET /samples/s": SAMPLE, "POST /samples/s/review": { status: 0, code: "net" } });
    const model = new SampleModel(api.client, "s");
    expect(await model.review()).toBe(false);
    await model.sample.reload();
    expect(await model.review()).toBe(false);
    expect(api.changes).toEqual([]);
    model.score("tone", "1");
    model.edit({ right: "yes" });
    expect(await model.review()).toBe(false);
    api.answers["POST /samples/s/review"] = { ...SAMPLE, reviews: [{ side: "office" }] };
    expect(await model.review()).toBe(true);
    expect(api.body("POST /samples/s/review")).toEqual({ points: { tone: 1 }, wanted: null, reason: "", coaching: "" });
    expect(model.sample.get().data?.reviews).toHaveLength(1);
  });

  it("takes a proposal over, and closes its coaching item", async () => {
    const coaching = { id: "k", state: "answered" };
    const api = new FakeApi({ "GET /samples/s": { ...SAMPLE, coaching }, "POST /attempts/a/recode": null, "POST /coaching/k/close": { ...coaching, state: "closed" } });
    const model = new SampleModel(api.client, "s");
    expect(await model.recode("NO_HELP", "x")).toBe(false);
    expect(await model.closeCoaching()).toBe(false);
    await model.sample.reload();
    expect(await model.recode("NO_HELP", " want ")).toBe(true);
    expect(api.body("POST /attempts/a/recode")).toEqual({ outcome: "NO_HELP", reason: "want" });
    expect(await model.closeCoaching()).toBe(true);
    expect(model.sample.get().data?.coaching?.state).toBe("closed");
  });
});

describe("what belongs to one client", () => {
  it("is a card, kept as a new version", async () => {
    const api = new FakeApi({ "GET /clients": { items: [{ id: "c", name: "Stad" }] }, "GET /clients/c/scorecard": CARD, "PUT /clients/c/scorecard": { ...CARD, version: 1 } });
    const model = new ScorecardModel(api.client);
    expect(await model.save()).toBe(false);
    await model.open();
    model.add();
    expect(await model.save()).toBe(false);
    model.edit(1, { label: "Luisteren", weight: "2" });
    model.add();
    model.remove(2);
    expect(await model.save()).toBe(true);
    expect(api.body("PUT /clients/c/scorecard")).toEqual({ criteria: [CARD.criteria[0], { code: "luisteren", label: "Luisteren", weight: 2, fatal: false }] });
    expect(model.shown.get().data?.version).toBe(1);
  });

  it("is its calibration, with the words of the points", async () => {
    const api = new FakeApi({ "GET /clients": { items: [{ id: "c", name: "Stad" }] }, "GET /clients/c/scorecard": CARD, "GET /clients/c/calibration": { since: "2026-03-02", summary: {}, pairs: [] } });
    const model = new CalibrationModel(api.client);
    await model.open();
    expect(model.shown.get().data?.labels).toEqual({ tone: "Toon" });
    const none = new CalibrationModel(new FakeApi({ "GET /clients": { items: [] } }).client);
    await none.open();
    expect(none.shown.get().data).toBeNull();
  });
});

it("reads trends, and an agent's own reviews with the answer to a coaching item", async () => {
  const api = new FakeApi({ "GET /quality/trends": { items: [] }, "GET /agents/me/reviews": { items: [] }, "POST /coaching/k/answer": {} });
  const trends = new TrendsModel(api.client);
  await trends.trends.reload();
  expect(trends.trends.get().data).toEqual([]);
  const mine = new MyReviewsModel(api.client);
  expect(await mine.answer("k", " Doe ik ")).toBe(true);
  expect(api.body("POST /coaching/k/answer")).toEqual({ text: "Doe ik" });
  expect(mine.list.get().data).toEqual([]);
});
