import { describe, expect, it } from "vitest";
import type { Roster, RosterDay } from "../api/types";
import { agent } from "../testing/fake-api";
import { addDays, changed, hoursOf, isPlanned, mondayOf, parseCell, presences, showCell, weekDays, weekNumber } from "./roster";

const MONDAY = "2026-03-02";

function day(user: string, shifts: string[], more: Partial<RosterDay> = {}): RosterDay {
  return { user, day: MONDAY, shifts, away: false, version: 1, ...more };
}

function roster(minutes: number, days: RosterDay[]): Roster {
  const agents = [...new Set(["noor", "bram", ...days.map(({ user }) => user)])].map((user) => ({ user, name: user }));
  return { at: "2026-03-02T08:00:00Z", today: MONDAY, minutes, agents, days };
}

describe("a week", () => {
  it("begins on Monday, over months and years, and has the number of calendars", () => {
    expect(mondayOf("2026-03-08")).toBe(MONDAY);
    expect(mondayOf(MONDAY)).toBe(MONDAY);
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(weekDays("2026-03-30")[6]).toBe("2026-04-05");
    expect([weekNumber("2025-12-29"), weekNumber(MONDAY), weekNumber("2026-12-28")]).toEqual([1, 10, 53]);
  });
});

describe("a cell", () => {
  it("is typed as hours, as away, or empty", () => {
    expect(parseCell(" 9-13, 17:30-21 ")).toEqual({ shifts: ["09:00-13:00", "17:30-21:00"], away: false });
    expect(parseCell("Afwezig")).toEqual({ shifts: [], away: true });
    expect(parseCell("a")).toEqual({ shifts: [], away: true });
    expect(parseCell("")).toEqual({ shifts: [], away: false });
    expect(parseCell("morgen")).toBe("format");
    expect(parseCell("13-9")).toBe("order");
    expect(parseCell("1-2,3-4,5-6,7-8,9-10,11-12,13-14")).toBe("many");
  });

  it("is shown as short as it can be, and can be typed back", () => {
    const shown = showCell(day("noor", ["09:00-13:00", "17:30-21:00"]), "afwezig");
    expect(shown).toBe("9-13, 17:30-21");
    expect(parseCell(shown)).toEqual({ shifts: ["09:00-13:00", "17:30-21:00"], away: false });
    expect(showCell(day("noor", ["09:00-13:00"], { away: true }), "afwezig")).toBe("afwezig");
    expect(showCell(undefined, "afwezig")).toBe("");
    expect(showCell(day("noor", ["00:30-10:00"]), "")).toBe("0:30-10");
  });

  it("is kept only when it differs, with the version that was read", () => {
    const before = day("noor", ["09:00-13:00"], { version: 4 });
    expect(changed(before, "noor", MONDAY, { shifts: ["09:00-13:00"], away: false })).toBeNull();
    expect(changed(before, "noor", MONDAY, { shifts: [], away: true })).toEqual({ ...before, away: true });
    expect(changed(before, "noor", MONDAY, { shifts: [], away: false })).toEqual({ ...before, shifts: [] });
    expect(changed(undefined, "noor", MONDAY, { shifts: [], away: false })).toBeNull();
    expect(changed(undefined, "noor", MONDAY, { shifts: ["09:00-10:00"], away: false })).toMatchObject({ version: 0, shifts: ["09:00-10:00"] });
  });

  it("adds up to hours, without those of whoever is away", () => {
    expect(hoursOf([day("noor", ["09:00-13:30"]), day("noor", ["17:00-21:00"], { away: true })])).toBe(4.5);
  });
});

describe("planned and present", () => {
  const morning = [day("noor", ["09:00-13:00"])];
  const at = (minutes: number, here: boolean, days = morning): string | undefined =>
    presences(roster(minutes, days), here ? [agent({ user: "noor" })] : [agent({ user: "noor", state: "off" })]).find(({ user }) => user === "noor")?.presence;

  it("says who is late only after a moment, and who is there early is there", () => {
    expect([at(530, false), at(544, false), at(545, false), at(779, false), at(780, false)]).toEqual(["soon", "soon", "late", "late", "over"]);
    expect([at(509, true), at(510, true), at(600, true), at(780, true)]).toEqual(["unplanned", "here", "here", "unplanned"]);
  });

  it("knows who is away, who comes again, and who has nothing to do with today", () => {
    expect(at(600, false, [day("noor", ["09:00-13:00"], { away: true })])).toBe("away");
    expect(at(600, true, [day("noor", [], { away: true })])).toBe("unplanned");
    expect(at(900, false, [day("noor", ["09:00-13:00", "17:00-21:00"])])).toBe("soon");
    expect(at(600, false, [])).toBeUndefined();
    expect(at(600, false, [day("noor", ["09:00-13:00"], { day: "2026-03-03" })])).toBeUndefined();
  });

  it("shows first who asks for a hand", () => {
    const days = [day("noor", ["09:00-13:00"]), day("bram", ["09:00-13:00"]), day("cem", ["14:00-15:00"])];
    const rows = presences(roster(600, days), [agent({ user: "noor" })]);
    expect(rows.map(({ user, presence }) => [user, presence])).toEqual([["bram", "late"], ["noor", "here"], ["cem", "soon"]]);
    expect([isPlanned(roster(600, days)), isPlanned(roster(600, [])), isPlanned(roster(600, [day("noor", [])]))]).toEqual([true, false, false]);
  });
});
