import { describe, expect, it } from "vitest";
import { campaign, campaignSettings } from "../testing/campaigns";
import { FakeApi } from "../testing/fake-api";
import { CampaignSettingsModel } from "./campaign-settings";

const TRIED = { moved: 132, closed: 4, same: 40, estimated: false };

async function loaded(more: Record<string, Readonly<Record<string, unknown>>> = {}): Promise<{ api: FakeApi; model: CampaignSettingsModel }> {
  const api = new FakeApi({ "GET /campaigns/c": campaign(), "GET /campaigns/c/settings": campaignSettings(), "POST /campaigns/c/try": TRIED, "PATCH /campaigns/c": campaign(), ...more });
  const model = new CampaignSettingsModel(api.client, "c", true);
  await model.load();
  return { api, model };
}

describe("a campaign's settings", () => {
  it("are tried, then kept; an edit in between asks for another try", async () => {
    const { api, model } = await loaded();
    model.editNumber("lines", "8");
    expect(await model.tryOut()).toBe(true);
    expect(model.editing.get().tried).toEqual(TRIED);
    model.editDay("sat", "");
    expect(model.editing.get().tried).toBeNull();
    expect(await model.save()).toBe(true);
    expect(api.changes).toEqual(["POST /campaigns/c/try", "PATCH /campaigns/c"]);
    expect(api.body("PATCH /campaigns/c")).toMatchObject({ settings: { lines: 8 }, calendar: { week: { sat: [] } } });
    expect(model.editing.get()).toMatchObject({ saved: true, changed: false });
  });

  it("with a fault go nowhere; it shows once somebody asked", async () => {
    const { api, model } = await loaded();
    model.editNumber("lines", "0");
    expect(model.faults()).toEqual({});
    expect(await model.tryOut()).toBe(false);
    expect(await model.save()).toBe(false);
    expect(Object.keys(model.faults())).toEqual(["settings.lines"]);
    expect(api.changes).toEqual([]);
  });

  it("that somebody else changed are not overwritten, and what was typed stays", async () => {
    const { model } = await loaded({ "PATCH /campaigns/c": { status: 412, code: "changed-since" } });
    model.edit({ name: "Najaar" });
    expect(await model.save()).toBe(false);
    expect(model.acting.get().error?.code).toBe("changed-since");
    expect(model.editing.get()).toMatchObject({ changed: true, saved: false, form: { name: "Najaar" } });
  });

  it("have dates that are added, changed and taken away", async () => {
    const { model } = await loaded();
    model.addDate();
    model.addDate();
    model.editDate(0, { date: "2026-12-31", hours: "9-16" });
    model.removeDate(1);
    expect(model.editing.get().form?.exceptions).toEqual([{ key: 0, date: "2026-12-31", hours: "9-16" }]);
  });
});
