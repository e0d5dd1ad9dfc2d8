import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { type NewSource, SourcesModel } from "./sources";

const WISH: NewSource = { campaign: "c", kind: "sftp", name: " Weeklijst ", path: "/uit", host: " sftp.example ", user: "dialer", hostKey: " ssh-ed25519 AAAA ", weekdays: [0], by: "10:00" };

describe("places where files come", () => {
  it("ask for a server's key where there is a server, and for nothing of it where there is none", async () => {
    const api = new FakeApi({ "GET /sources": { items: [] }, "POST /campaigns/c/sources": {} });
    const model = new SourcesModel(api.client);
    expect(await model.make(WISH)).toBe(true);
    expect(api.body("POST /campaigns/c/sources")).toEqual({
      kind: "sftp", name: "Weeklijst", path: "/uit", host: "sftp.example", user: "dialer", host_key: "ssh-ed25519 AAAA", weekdays: [0], by: "10:00",
    });
    await model.make({ ...WISH, kind: "folder", by: "" });
    expect(api.body("POST /campaigns/c/sources")).toEqual({ kind: "folder", name: "Weeklijst", path: "/uit", weekdays: [0] });
  });
});
