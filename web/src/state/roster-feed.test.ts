import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { RosterFeedModel } from "./roster-feed";

const MADE = "2026-03-02T09:00:00Z";

describe("my roster in my own calendar", () => {
  it("has an address that is shown once, and that can be ended", async () => {
    const api = new FakeApi({
      "GET /agents/me/roster/feed": { made_at: MADE },
      "POST /agents/me/roster/feed": { path: "/api/v1/roster.ics?key=geheim" },
      "DELETE /agents/me/roster/feed": null,
    });
    const model = new RosterFeedModel(api.client, "https://dialer.example");
    expect(await model.make()).toBe(true);
    expect(model.address.get()).toBe("https://dialer.example/api/v1/roster.ics?key=geheim");
    expect(model.made.get().data).toEqual({ made_at: MADE });
    model.seen();
    expect(model.address.get()).toBeNull();
    await model.make();
    expect(await model.end()).toBe(true);
    expect(model.address.get()).toBeNull();
  });
});
