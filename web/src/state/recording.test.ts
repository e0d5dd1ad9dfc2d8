import { describe, expect, it } from "vitest";
import type { Agent } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { Playback } from "./playback";
import { RecordingModel, wishes } from "./recording";

const PATH = "/attempts/a1/recording";

describe("a recording", () => {
  it("begins with a yes, pauses and goes on, and can be deleted at any moment", () => {
    expect(wishes("", true)).toEqual(["agreed", "refuse"]);
    expect(wishes("running", true)).toEqual(["pause", "refuse"]);
    expect(wishes("paused", true)).toEqual(["resume", "refuse"]);
    expect(wishes("failed", true)).toEqual(["resume", "refuse"]);
    expect(wishes("refused", true)).toEqual([]);
  });

  it("can only be deleted once the call is over", () => {
    expect(wishes("running", false)).toEqual(["refuse"]);
    expect(wishes("refused", false)).toEqual([]);
  });

  it("shows what the service says of it", async () => {
    const told: Agent["recording"][] = [];
    const api = new FakeApi({ [`PUT ${PATH}`]: { recording: "running" } });
    const model = new RecordingModel(api.client, "a1", ({ recording }) => told.push(recording));
    await model.wish("agreed");
    expect(api.body(`PUT ${PATH}`)).toEqual({ wish: "agreed" });
    expect(told).toEqual(["running"]);
  });

  it("says why it cannot be", async () => {
    const api = new FakeApi({ [`PUT ${PATH}`]: { status: 409, code: "recording-crisis" } });
    const model = new RecordingModel(api.client, "a1", () => undefined);
    expect(await model.wish("agreed")).toBe(false);
    expect(model.acting.get().error?.code).toBe("recording-crisis");
  });
});

describe("playing one", () => {
  it("says that it is gone", async () => {
    const api = new FakeApi({ [`GET ${PATH}`]: { status: 404, code: "not-found" } });
    const model = new Playback(api.client, "a1");
    expect(await model.open("complaint")).toBe(false);
    expect([model.sound.get(), model.fetching.get().error?.status]).toEqual(["", 404]);
    model.close();
  });

  it("is deleted for a reason, and then there is nothing to hear", async () => {
    const api = new FakeApi({ [`DELETE ${PATH}`]: { status: 503, code: "unavailable" } });
    const model = new Playback(api.client, "a1");
    expect([await model.remove("secret"), model.deleted.get()]).toEqual([false, false]);
    expect(model.deleting.get().error?.code).toBe("unavailable");
    const well = new FakeApi({ [`DELETE ${PATH}`]: { status: 204 } });
    const other = new Playback(well.client, "a1");
    other.sound.set("blob:x");
    expect([await other.remove("secret"), other.deleted.get(), other.sound.get()]).toEqual([true, true, ""]);
    expect(well.asked.map(({ what, query }) => `${what}${query}`)).toEqual([`DELETE ${PATH}?reason=secret`]);
  });
});
