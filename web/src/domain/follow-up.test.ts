import { describe, expect, it } from "vitest";
import { followUpLine } from "../testing/follow-up";
import { daysOf, LISTS, listAt, listPath, mayMark, mayUndo, triesOf } from "./follow-up";

const NOW = Date.parse("2026-03-02T09:00:00Z");

describe("a case on a list", () => {
  it("of appointments is marked once it has begun", () => {
    expect(mayMark(followUpLine({ list: "appointment", due_at: "2026-03-02T09:00:01Z" }), NOW)).toBe(false);
    expect(mayMark(followUpLine({ list: "appointment", due_at: "2026-03-02T09:00:00Z" }), NOW)).toBe(true);
  });

  it("that is held or done is not marked", () => {
    expect(mayMark(followUpLine({ state: "held" }), NOW)).toBe(false);
    expect(mayMark(followUpLine({ done_at: "2026-03-01T09:00:00Z" }), NOW)).toBe(false);
    expect(mayMark(followUpLine(), NOW)).toBe(true);
  });

  it("is taken back for a week, by whoever of the client", () => {
    expect(mayUndo(followUpLine({ marked_at: "2026-02-23T09:00:01Z", marked_by: "Gea" }), NOW)).toBe(true);
    expect(mayUndo(followUpLine({ marked_at: "2026-02-23T09:00:00Z", marked_by: "Gea" }), NOW)).toBe(false);
    expect(mayUndo(followUpLine({ marked_at: "2026-03-02T08:00:00Z", marked_by: "" }), NOW)).toBe(false);
  });

  it("shows in which parts of the day somebody was tried", () => {
    const at = "2026-03-02T09:00:00Z";
    const line = followUpLine({ tried: [{ at, day_part: "Ochtend", outcome: "" }, { at, day_part: "Avond", outcome: "" }, { at, day_part: "Avond", outcome: "" }] });
    expect(triesOf(line)).toEqual({ ochtend: 1, middag: 0, avond: 2 });
    expect(daysOf(line).map(({ part }) => part)).toEqual(["ochtend", "avond", "avond"]);
  });

  it("has an address for each list", () => {
    expect(LISTS.map((list) => listAt(listPath(list)))).toEqual(LISTS);
    expect(listAt("/follow-up")).toBe("to_visit");
  });
});
