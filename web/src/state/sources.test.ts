import { describe, expect, it } from "vitest";
import type { Source } from "../api/types";
import { newPlace, placeForm, placeOfSource } from "../domain/places";
import { FakeApi } from "../testing/fake-api";
import { SourcesModel } from "./sources";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO8vJ2w0VvS0T0lS7wJ1kq1oPpJm8o2vN1xQy0Xq4v9w";
const SOURCE: Source = {
  id: "s", client: "k", campaign: "c", kind: "sftp", name: "Weeklijst", on: true, path: "/uit", host: "sftp.example", port: 22, user: "dialer", host_key: KEY,
  public_key: KEY, holds: "list", mapping_name: "VPS", weekdays: [0], month_days: [1], by: "10:00", looked_at: null, last_error: "", missing_since: null, version: 4,
};
const LISTED = { items: [SOURCE, { ...SOURCE, id: "t", client: "other" }] };
const place = placeForm(placeOfSource(SOURCE));

describe("places where files come", () => {
  it("are one client's, or all", async () => {
    const api = new FakeApi({ "GET /sources": LISTED, "GET /clients/k/mapping-names": { items: ["VPS"] } });
    const [mine, all] = [new SourcesModel(api.client, "k"), new SourcesModel(api.client, null)];
    await Promise.all([mine.list.reload(), all.list.reload(), mine.mappings.reload(), all.mappings.reload()]);
    expect([mine.list.get().data?.length, all.list.get().data?.length]).toEqual([1, 2]);
    expect([mine.mappings.get().data, all.mappings.get().data]).toEqual([["VPS"], []]);
    const asked = api.asked.length;
    await mine.choose("list");
    expect(api.asked.length).toBe(asked);
    await mine.choose("visits");
    expect(api.asked.at(-1)?.query).toContain("holds=visits");
  });

  it("ask for a server's key where there is a server, and for nothing of it where there is none", async () => {
    const api = new FakeApi({ "GET /sources": LISTED, "POST /campaigns/c/sources": {} });
    const model = new SourcesModel(api.client, "k");
    expect(await model.make({ campaign: "c", holds: "list", mapping: "VPS", monthDays: [], place })).toBe(true);
    expect(api.body("POST /campaigns/c/sources")).toEqual({
      kind: "sftp", name: "Weeklijst", path: "/uit", host: "sftp.example", port: 22, user: "dialer", host_key: KEY, weekdays: [0], month_days: [], holds: "list", mapping_name: "VPS", by: "10:00",
    });
    const folder = { ...newPlace("folder", "10:00"), name: "Map", path: "stad" };
    await model.make({ campaign: "c", holds: "visits", mapping: "", monthDays: [], place: folder });
    expect(api.body("POST /campaigns/c/sources")).toEqual({ kind: "folder", name: "Map", path: "stad", weekdays: [], month_days: [], holds: "visits", mapping_name: "" });
  });

  it("are changed by what differs, under the version that was read", async () => {
    const api = new FakeApi({ "GET /sources": LISTED, "PATCH /sources/s": {} });
    const model = new SourcesModel(api.client, "k");
    const form = { campaign: "c", holds: "list" as const, mapping: "VPS", monthDays: [1], place };
    expect(await model.change(SOURCE, form)).toBe(true);
    expect(api.changes).toEqual([]);
    await model.change(SOURCE, { ...form, holds: "numbers", mapping: "", monthDays: [1, 15], place: { ...place, time: "09:00", path: "/nieuw" } });
    expect(api.body("PATCH /sources/s")).toEqual({ holds: "numbers", mapping_name: "", month_days: [1, 15], by: "09:00", path: "/nieuw" });
    await model.watch(SOURCE, false);
    expect(api.body("PATCH /sources/s")).toEqual({ on: false });
  });
});
