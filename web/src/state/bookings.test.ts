import { describe, expect, it } from "vitest";
import type { SlotSource } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { BookingsModel, isAddress, isComplete, NEW_SLOTS } from "./bookings";

const SOURCE: SlotSource = {
  id: "s", client: "c", kind: "own", name: "Spreekuur", place: "Stadhuis", meeting: "office", seats: 1, on: true, weekdays: [1], begin: "09:00", end: "12:00",
  minutes: 45, from_on: "2026-03-02", until_on: null, except_on: ["2026-03-10"], looked_at: null, next_look_at: null, last_ok_at: null, last_error: "", coming: 8, free: 8, version: 3,
};
const READS = {
  "GET /clients": { items: [{ id: "c", name: "Stad" }] },
  "GET /bookings": { items: [] },
  "GET /clients/c/slot-sources": { items: [SOURCE] },
  "GET /clients/c/slots": { items: [] },
};

describe("appointments with a client", () => {
  it("shows the only client there is, and asks where there are more", async () => {
    const one = new BookingsModel(new FakeApi(READS).client);
    await one.load();
    expect([one.chosen.get(), one.sources.get().data?.length]).toEqual(["c", 1]);
    const many = new BookingsModel(new FakeApi({ ...READS, "GET /clients": { items: [{ id: "c", name: "A" }, { id: "d", name: "B" }] } }).client);
    await many.load();
    expect([many.chosen.get(), many.sources.get().data]).toEqual(["", null]);
  });

  it("offers a week's pattern once it is whole", async () => {
    const api = new FakeApi({ ...READS, "POST /clients/c/slot-sources": {} });
    const model = new BookingsModel(api.client);
    await model.choose("c");
    expect(isComplete(NEW_SLOTS)).toBe(false);
    const form = { ...NEW_SLOTS, name: " Noord ", place: "Stadhuis", weekdays: [1, 3] };
    expect([isComplete(form), isComplete({ ...form, minutes: "x" })]).toEqual([true, false]);
    expect(await model.offer(form)).toBe(true);
    expect(api.body("POST /clients/c/slot-sources")).toEqual({
      kind: "own", name: "Noord", place: "Stadhuis", meeting: "office", weekdays: [1, 3], begin: "09:00", end: "12:00", minutes: 45, seats: 1,
    });
  });

  it("offers the client's own calendar by its address, reads it now, and takes another address", async () => {
    const api = new FakeApi({ ...READS, "POST /clients/c/slot-sources": {}, "POST /slot-sources/s/look": {}, "PATCH /slot-sources/s": {} });
    const model = new BookingsModel(api.client);
    await model.choose("c");
    const form = { ...NEW_SLOTS, kind: "feed" as const, name: "Agenda", place: "Stadhuis", minutes: "0", url: " https://agenda.example.nl/a.ics " };
    expect([isComplete(form), isComplete({ ...form, url: "http://x" }), isAddress("webcal://x"), isAddress("https://a b")]).toEqual([true, false, true, false]);
    await model.offer(form);
    expect(api.body("POST /clients/c/slot-sources")).toEqual({
      kind: "feed", name: "Agenda", place: "Stadhuis", meeting: "office", minutes: 0, seats: 1, url: "https://agenda.example.nl/a.ics",
    });
    expect(await model.look(SOURCE)).toBe(true);
    await model.readdress(SOURCE, " webcal://elders.example.nl/b.ics");
    expect(api.body("PATCH /slot-sources/s")).toEqual({ url: "webcal://elders.example.nl/b.ics" });
  });

  it("leaves a day out and takes it back, turns all off and on", async () => {
    const api = new FakeApi({ ...READS, "PATCH /slot-sources/s": {} });
    const model = new BookingsModel(api.client);
    await model.choose("c");
    await model.except(SOURCE, "2026-03-03", true);
    expect(api.body("PATCH /slot-sources/s")).toEqual({ except_on: ["2026-03-03", "2026-03-10"] });
    await model.except(SOURCE, "2026-03-10", false);
    expect(api.body("PATCH /slot-sources/s")).toEqual({ except_on: [] });
    await model.turn(SOURCE, false);
    expect(api.body("PATCH /slot-sources/s")).toEqual({ on: false });
  });

  it("moves, cancels and says who came; what went wrong stays to be read", async () => {
    const api = new FakeApi({ ...READS, "POST /bookings/b/move": {}, "POST /bookings/b/cancel": {}, "PUT /bookings/b/result": { status: 409, code: "booking-not-yet" } });
    const model = new BookingsModel(api.client);
    await model.choose("c");
    expect(await model.move("b", "t")).toBe(true);
    expect(api.body("POST /bookings/b/move")).toEqual({ slot: "t" });
    expect(await model.cancel("b", "ziek")).toBe(true);
    expect(api.body("POST /bookings/b/cancel")).toEqual({ reason: "ziek" });
    expect(await model.report("b", "kept")).toBe(false);
    expect(model.acting.get().error?.code).toBe("booking-not-yet");
  });
});
