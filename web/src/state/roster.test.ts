import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { addDays, mondayOf } from "../domain/roster";
import { isoDay } from "../domain/dates";
import { RosterModel, RosterToday } from "./roster";

const TODAY = isoDay(new Date());
const MONDAY = mondayOf(TODAY);

function roster(more: object = {}): Readonly<Record<string, unknown>> {
  const days = [{ user: "noor", day: MONDAY, shifts: ["09:00-13:00"], away: false, version: 2 }];
  return { at: `${TODAY}T09:00:00Z`, today: TODAY, minutes: 600, agents: [{ user: "noor", name: "Noor" }], days, ...more };
}

function api(): FakeApi {
  return new FakeApi({
    "GET /roster": roster(),
    "PUT /roster": { days: 1 },
    "POST /roster/copies": { days: 5 },
    "POST /roster/import": { days: 3, read: 3, kept: false, faults: [] },
  });
}

async function loaded(service: FakeApi): Promise<RosterModel> {
  const model = new RosterModel(service.client, "afwezig");
  await model.load();
  return model;
}

describe("a week of the roster", () => {
  it("is typed in, checked, and kept with the versions that were read", async () => {
    const service = api();
    const model = await loaded(service);
    expect(model.text("noor", MONDAY)).toBe("9-13");
    model.type("noor", MONDAY, "13-9");
    expect(model.fault("noor", MONDAY)).toBe("order");
    expect(await model.save()).toBe(false);
    model.type("noor", MONDAY, "9-13");
    expect(model.changes()).toEqual([]);
    model.type("noor", MONDAY, "afwezig");
    model.type("noor", addDays(MONDAY, 1), "10-14");
    expect(await model.save()).toBe(true);
    expect(service.body("PUT /roster")).toEqual({
      days: [
        { user: "noor", day: MONDAY, shifts: ["09:00-13:00"], away: true, version: 2 },
        { user: "noor", day: addDays(MONDAY, 1), shifts: ["10:00-14:00"], away: false, version: 0 },
      ],
    });
    expect(model.editing.get()).toMatchObject({ typed: {}, kept: 2 });
  });

  it("keeps what is typed when somebody else was first, and does not leave it for another week", async () => {
    const service = api();
    service.answers["PUT /roster"] = { status: 412, code: "changed-since" };
    const model = await loaded(service);
    model.type("noor", MONDAY, "10-14");
    expect(await model.save()).toBe(false);
    expect(model.text("noor", MONDAY)).toBe("10-14");
    await model.show(addDays(MONDAY, 7));
    expect(model.editing.get().monday).toBe(MONDAY);
    model.undo();
    expect(model.text("noor", MONDAY)).toBe("9-13");
    await model.show(addDays(MONDAY, 9));
    expect(model.editing.get().monday).toBe(addDays(MONDAY, 7));
  });

  it("is copied into the weeks after it", async () => {
    const service = api();
    const model = await loaded(service);
    expect(await model.copy(2)).toBe(true);
    expect(service.body("POST /roster/copies")).toEqual({ week: MONDAY, weeks: [addDays(MONDAY, 7), addDays(MONDAY, 14)] });
    expect(model.editing.get().kept).toBe(5);
  });

  it("comes from a file that is tried first", async () => {
    const service = api();
    const model = await loaded(service);
    expect(await model.keepFile()).toBe(false);
    expect(await model.tryFile({ name: "rooster.csv", text: () => Promise.resolve("a;b") })).toBe(true);
    expect(model.file.get()).toMatchObject({ name: "rooster.csv", found: { days: 3 } });
    expect(await model.keepFile()).toBe(true);
    const asked = service.asked.filter(({ what }) => what === "POST /roster/import");
    expect(asked.map(({ query, body }) => [query, body])).toEqual([
      ["?dry_run=true", { csv: "a;b" }],
      ["?dry_run=false", { csv: "a;b" }],
    ]);
    expect(model.file.get()).toBeNull();
  });

  it("is that of the service's own calendar", async () => {
    const service = api();
    service.answers["GET /roster"] = roster({ today: addDays(TODAY, 70) });
    const model = await loaded(service);
    expect(model.editing.get().monday).toBe(mondayOf(addDays(TODAY, 70)));
    const today = new RosterToday(service.client);
    await today.view.reload();
    expect(service.asked.at(-1)?.query).toBe(`?from=${addDays(TODAY, 70)}&until=${addDays(TODAY, 70)}`);
  });
});
