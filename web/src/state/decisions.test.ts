import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { DecisionsModel } from "./decisions";

const PAST = { since: "2026-11-24T13:27:00Z", kept: true, decisions: 0, started: 0, hung_up: 0, held: [], settings: [], items: [], more: false };

describe("past decisions", () => {
  const begun = async (): Promise<{ api: FakeApi; model: DecisionsModel }> => {
    const api = new FakeApi({ "GET /campaigns/c/decisions": PAST });
    const model = new DecisionsModel(api.client, "c");
    await model.past.reload();
    return { api, model };
  };

  it("begins with the last minutes, and says which they are in Amsterdam", async () => {
    const { api, model } = await begun();
    expect(model.form.get()).toEqual({ date: "2026-11-24", time: "14:27", minutes: 5, wrong: false });
    expect(api.asked.map(({ query }) => query)).toEqual(["?minutes=5"]);
  });

  it("asks for the moment that was filled in, and keeps it as it was typed", async () => {
    const { api, model } = await begun();
    model.edit({ time: "14:32", minutes: 15 });
    await model.show();
    expect(api.asked.at(-1)?.query).toBe("?minutes=15&since=2026-11-24T13%3A32%3A00.000Z");
    expect(model.form.get().time).toBe("14:32");
  });

  it("asks nothing while the moment is not whole", async () => {
    const { api, model } = await begun();
    model.edit({ date: "" });
    await model.show();
    expect(model.form.get().wrong).toBe(true);
    expect(api.asked).toHaveLength(1);
    model.edit({ date: "2026-11-24" });
    expect(model.form.get().wrong).toBe(false);
  });
});
