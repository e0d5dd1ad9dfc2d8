import { describe, expect, it } from "vitest";
import type { DayBook } from "../api/types";
import { abandonedShare, closing, worries } from "./day";

const AT = "2026-03-02T09:00:00Z";
const ago = (hours: number): string => new Date(Date.parse(AT) - hours * 3_600_000).toISOString();
const CAMPAIGN: DayBook["campaigns"][number] = {
  campaign: "c", name: "Voorjaar", state: "running", callbacks: 0, oldest_callback: null, ends_soon: 0, ends_soon_crisis: 0, last_list_at: ago(24), loading: 0,
  dialled: 500, answered: 200, reached: 80, abandoned: 2, abandoned_percent: 1, abandoned_hours: 24, answered_within: 200, abandoned_within: 2, reach: 0.4, promised: 0.6,
};
const day = (campaign: Partial<typeof CAMPAIGN> = {}, more: Partial<DayBook> = {}): DayBook => ({
  at: AT, appointments: [], appointments_total: 0, campaigns: [{ ...CAMPAIGN, ...campaign }], wrap_ups: [], exchange: { late: 0, dead: 0, dead_files: 0, dead_reports: 0, missing: [], silent: [], withdrawn: 0, crisis: 0, to_report: 0, exports: 0 }, questions: { open: 0, answered: 2, unread: 0 }, complaints: { open: 0, late: 0 }, differences: 0, ...more,
});
const kinds = (book: DayBook): string[] => worries(book).map(({ kind }) => kind);

describe("a supervisor's day", () => {
  it("names what clients wait for, and what they did not send", () => {
    const missing = [{ source: "s", campaign: "c", name: "Weeklijst", due_at: ago(3) }];
    const silent = [{ source: "a", client: "g", name: "Agenda", since: ago(30) }];
    expect(kinds(day({}, { exchange: { late: 2, dead: 1, dead_files: 1, dead_reports: 1, missing, silent, withdrawn: 1, crisis: 0, to_report: 0, exports: 0 } }))).toEqual(["withdrawn", "late", "file", "silent", "dead", "deadFiles", "deadReports"]);
    expect(worries(day({}, { differences: 2 }))).toEqual([{ kind: "difference", count: 2 }]);
  });

  it("says how many questions of clients are to be answered", () => {
    expect(worries(day({}, { questions: { open: 2, answered: 5, unread: 1 } }))).toEqual([{ kind: "question", count: 2 }]);
  });

  it("tells complaints whose term is over from those that wait", () => {
    expect(worries(day({}, { complaints: { open: 3, late: 1 } }))).toEqual([{ kind: "lateComplaint", count: 1 }, { kind: "complaint", count: 2 }]);
    expect(kinds(day({}, { complaints: { open: 1, late: 1 } }))).toEqual(["lateComplaint"]);
  });

  it("is quiet when all is well", () => expect(worries(day())).toEqual([]));

  it.each<[Partial<typeof CAMPAIGN>, string[]]>([
    [{ abandoned_within: 3 }, ["abandoned"]],
    [{ abandoned: 3 }, []],
    [{ abandoned_within: 3, abandoned_percent: 1.5 }, []],
    [{ abandoned_within: 9, answered_within: 99 }, []],
    [{ answered_within: 0, abandoned_within: 0 }, []],
    [{ oldest_callback: ago(0.9) }, []],
    [{ oldest_callback: ago(1.1) }, ["callback"]],
    [{ last_list_at: null }, ["list"]],
    [{ last_list_at: ago(8 * 24 + 1) }, ["oldList"]],
    [{ last_list_at: null, loading: 1 }, ["loading"]],
    [{ ends_soon: 9, ends_soon_crisis: 0 }, []],
    [{ ends_soon: 9, ends_soon_crisis: 2 }, ["crisis"]],
  ])("of %j says %j", (campaign, found) => expect(kinds(day(campaign))).toEqual(found));

  it("counts missed appointments, and names who has calls that are not filed", () => {
    const one = { case: "k", campaign: "c", at: AT, agent: null, crisis: false };
    const book = day({}, {
      appointments: [{ ...one, missed: true }, { ...one, missed: false }],
      wrap_ups: [{ user: "u", count: 1, oldest: ago(0.1) }, { user: "v", count: 2, oldest: ago(2) }],
    });
    expect(worries(book)).toEqual([{ kind: "missed", count: 1 }, { kind: "wrapUp", user: "v", count: 2, oldest: ago(2) }]);
  });

  it("knows the abandoned share, and calls it over the bound only when enough answered", () => {
    expect(abandonedShare({ ...CAMPAIGN, answered_within: 0 })).toBeNull();
    expect(abandonedShare({ ...CAMPAIGN, answered_within: 200, abandoned_within: 3, abandoned_hours: 4 })).toEqual({ share: 0.015, bound: 0.01, hours: 4, over: true });
    expect(abandonedShare({ ...CAMPAIGN, answered_within: 50, abandoned_within: 3 })).toMatchObject({ over: false });
  });

  it("puts residents before files", () => {
    const book = day({ last_list_at: null, ends_soon_crisis: 1, abandoned_within: 9, oldest_callback: ago(3) });
    expect(kinds(book)).toEqual(["crisis", "abandoned", "callback", "list"]);
  });
});

describe("the day's close", () => {
  it("has a line for everything, also when nothing is left", () => {
    const lines = closing(day(), []);
    expect(lines.map(({ kind }) => kind)).toEqual(["crisis", "missed", "callbacks", "wrapUps", "results", "exports", "onDuty"]);
    expect(lines.every(({ count }) => count === 0)).toBe(true);
  });

  it("counts over campaigns and people, and says where it is done", () => {
    const one = { campaign: "c", at: AT, agent: null, crisis: false };
    const book = day({ callbacks: 2 }, {
      appointments: [{ ...one, case: "a", missed: false }, { ...one, case: "b", missed: true }, { ...one, case: "d", missed: true }],
      wrap_ups: [{ user: "u", count: 1, oldest: ago(0.1) }, { user: "v", count: 2, oldest: ago(2) }],
      exchange: { ...day().exchange, crisis: 1, to_report: 6, exports: 2 },
    });
    const found = new Map(closing({ ...book, campaigns: [...book.campaigns, ...book.campaigns] }, ["Anna", "Bram"]).map((line) => [line.kind, line]));
    expect([...found.values()].map(({ count }) => count)).toEqual([1, 2, 4, 3, 6, 2, 2]);
    expect(found.get("missed")?.to).toBe("/cases/b");
    expect(found.get("onDuty")?.names).toEqual(["Anna", "Bram"]);
  });
});
