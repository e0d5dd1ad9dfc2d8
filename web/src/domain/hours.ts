/** Opening hours as people type them: `8:30-21:00`, `9-12, 13-17`, nothing for closed. */

export type Stretch = readonly [start: string, end: string];

/** Why a text is no opening hours. */
export type HoursFault = "format" | "order";

function clock(text: string): string | null {
  const parts = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(text.trim());
  if (parts === null) return null;
  const [hour, minute] = [Number(parts[1]), Number(parts[2] ?? 0)];
  if (hour > 23 || minute > 59) return null;
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

/** The stretches of a day, or what is wrong. */
export function parseHours(text: string): readonly Stretch[] | HoursFault {
  if (text.trim() === "") return [];
  const found: Stretch[] = [];
  for (const part of text.split(/[,;]/)) {
    const ends = part.split(/[-–]|\btot\b|\bto\b/);
    const [start, end] = [clock(ends[0] ?? ""), clock(ends[1] ?? "")];
    if (ends.length !== 2 || start === null || end === null) return "format";
    if (start >= end || (found.at(-1)?.[1] ?? "") > start) return "order";
    found.push([start, end]);
  }
  return found;
}

export function showHours(stretches: readonly (readonly string[])[]): string {
  return stretches.map(([start, end]) => `${start}-${end}`).join(", ");
}

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Weekday = (typeof WEEKDAYS)[number];

/** A week in lines: neighbouring days with the same hours share one, closed days have none. */
export function showWeek(week: readonly (readonly (readonly string[])[])[]): readonly { readonly from: Weekday; readonly until: Weekday; readonly text: string }[] {
  const lines: { from: Weekday; until: Weekday; text: string }[] = [];
  let before = "";
  for (const [number, day] of WEEKDAYS.entries()) {
    const text = showHours(week[number] ?? []);
    const last = lines.at(-1);
    if (text !== "" && text === before && last !== undefined) last.until = day;
    else if (text !== "") lines.push({ from: day, until: day, text });
    before = text;
  }
  return lines;
}

export function isHours(found: readonly Stretch[] | HoursFault): found is readonly Stretch[] {
  return typeof found !== "string";
}

/** 8,5 or 8.5 as people type a number; null when it is none. */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replace(",", ".");
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}
