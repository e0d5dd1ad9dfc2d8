import { describe, expect, it } from "vitest";
import type { Outlet } from "../api/types";
import { newPlace, placeForm, placeOf } from "../domain/places";
import { FakeApi } from "../testing/fake-api";
import { OutletsModel } from "./outlets";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO8vJ2w0VvS0T0lS7wJ1kq1oPpJm8o2vN1xQy0Xq4v9w";
const OUTLET: Outlet = {
  id: "o", client: "k", campaign: "c", kind: "sftp", name: "Week", state: "on", path: "/in", host: "sftp.stad.example", port: 22, user: "dialer",
  host_key: KEY, public_key: KEY, old_secret_until: null, profile: "", weekdays: [0], at: "17:00", last_ok_at: null, last_error: "", waiting: 0, dead: 0, version: 3,
};
const LISTED = { items: [OUTLET, { ...OUTLET, id: "p", client: "other" }] };

describe("places where results go", () => {
  it("are those of this client alone", async () => {
    const model = new OutletsModel(new FakeApi({ "GET /outlets": LISTED }).client, "k");
    await model.list.reload();
    expect(model.list.get().data?.map(({ id }) => id)).toEqual(["o"]);
  });

  it("are made with a secret that is kept until it was seen", async () => {
    const api = new FakeApi({ "GET /outlets": LISTED, "POST /campaigns/c/outlets": { outlet: OUTLET, secret: "whsec_x" } });
    const model = new OutletsModel(api.client, "k");
    const place = { ...newPlace("push", "18:30"), name: " Naar de stad ", path: "https://stad.example/in", weekdays: [4] };
    expect(await model.make({ campaign: "c", profile: "Week", place })).toBe(true);
    expect(api.body("POST /campaigns/c/outlets")).toEqual({ kind: "push", name: "Naar de stad", path: "https://stad.example/in", weekdays: [4], at: "18:30", profile: "Week" });
    expect(model.secret.get()).toBe("whsec_x");
    model.seen();
    expect(model.secret.get()).toBeNull();
    await model.make({ campaign: "c", profile: "", place: { ...place, weekdays: [] } });
    expect(api.body("POST /campaigns/c/outlets")).not.toHaveProperty("at");
  });

  it("are changed by what differs, under the version that was read", async () => {
    const api = new FakeApi({ "GET /outlets": LISTED, "PATCH /outlets/o": { ...OUTLET } });
    const model = new OutletsModel(api.client, "k");
    const place = placeForm(placeOf(OUTLET));
    expect(await model.change(OUTLET, { campaign: "c", profile: "", place })).toBe(true);
    expect(api.changes).toEqual([]);
    await model.change(OUTLET, { campaign: "c", profile: "Week", place: { ...place, time: "08:00" } });
    expect(api.body("PATCH /outlets/o")).toEqual({ at: "08:00", profile: "Week" });
    await model.setState(OUTLET, "off");
    expect(api.body("PATCH /outlets/o")).toEqual({ state: "off" });
  });

  it("keep what is wrong when somebody else was first", async () => {
    const api = new FakeApi({ "GET /outlets": LISTED, "PATCH /outlets/o": { status: 412, code: "changed-since" } });
    const model = new OutletsModel(api.client, "k");
    expect(await model.setState(OUTLET, "off")).toBe(false);
    expect(model.acting.get().error?.code).toBe("changed-since");
  });

  it("are tried, and the former try is forgotten meanwhile", async () => {
    const api = new FakeApi({ "GET /outlets": LISTED, "POST /outlets/o/test": { fault: "sign_in" } });
    const model = new OutletsModel(api.client, "k");
    await model.tryOut("o");
    expect(model.tried.get()).toEqual({ outlet: "o", fault: "sign_in" });
    api.answers["POST /outlets/o/test"] = { status: 503, code: "unavailable" };
    await model.tryOut("o");
    expect(model.tried.get()).toBeNull();
  });
});
