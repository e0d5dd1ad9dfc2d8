/** Who works when: cells of a week's grid as people type them, and who is there against who is planned. Days are of Amsterdam. */

import type { Agent, Roster, RosterDay } from "../api/types";
import { type HoursFault, isHours, parseHours } from "./hours";

const AWAY: ReadonlySet<string> = new Set(["a", "afw", "afwezig", "away", "absent", "vrij"]);
/** Minutes after the beginning of a shift in which nobody is late yet. */
const GRACE = 5;
/** Minutes before a shift in which somebody may be there already. */
const EARLY = 30;
const DAY_MS = 86_400_000;

export type CellFault = HoursFault | "many";

interface Typed {
  readonly shifts: readonly string[];
  readonly away: boolean;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export function mondayOf(day: string): string {
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

export function weekDays(monday: string): readonly string[] {
  return [0, 1, 2, 3, 4, 5, 6].map((days) => addDays(monday, days));
}

/** The number of its week as calendars have it (ISO 8601). */
export function weekNumber(monday: string): number {
  const thursday = addDays(monday, 3);
  const first = Date.parse(`${thursday.slice(0, 4)}-01-01T00:00:00Z`);
  return 1 + Math.floor((Date.parse(`${thursday}T00:00:00Z`) - first) / DAY_MS / 7);
}

/** `9-13, 17-21`, nothing, or that somebody is away. */
export function parseCell(text: string): Typed | CellFault {
  if (AWAY.has(text.trim().toLowerCase())) return { shifts: [], away: true };
  const found = parseHours(text);
  if (!isHours(found)) return found;
  if (found.length > 6) return "many";
  return { shifts: found.map(([start, end]) => `${start}-${end}`), away: false };
}

export function isTyped(found: Typed | CellFault): found is Typed {
  return typeof found !== "string";
}

/** Without what says nothing: 9-13 for 09:00-13:00. */
export function showShift(shift: string): string {
  return shift
    .split("-")
    .map((time) => time.replace(/^0/, "").replace(/:00$/, ""))
    .join("-");
}

export function showCell(day: RosterDay | undefined, away: string): string {
  if (day === undefined) return "";
  return day.away ? away : day.shifts.map(showShift).join(", ");
}

/** What a cell is to be kept as; null: nothing differs. Shifts under an absence stay, for when it is taken back. */
export function changed(before: RosterDay | undefined, user: string, day: string, typed: Typed): RosterDay | null {
  const was = before ?? { user, day, shifts: [], away: false, version: 0 };
  const shifts = typed.away ? was.shifts : typed.shifts;
  const same = was.away === typed.away && was.shifts.join() === shifts.join();
  return same ? null : { ...was, shifts: [...shifts], away: typed.away };
}

function minutes(time: string): number {
  const [hours, rest] = time.split(":");
  return Number(hours) * 60 + Number(rest);
}

function span(shift: string): readonly [start: number, end: number] {
  const [start, end] = shift.split("-");
  return [minutes(start ?? ""), minutes(end ?? "")];
}

/** Hours of work in some days. */
export function hoursOf(days: readonly RosterDay[]): number {
  const worked = days.filter(({ away }) => !away).flatMap(({ shifts }) => shifts.map(span));
  return worked.reduce((sum, [start, end]) => sum + (end - start) / 60, 0);
}

/** here: as planned. unplanned: here, and not planned now. late: planned now, not here. soon, over: planned later, earlier today. */
export type Presence = "late" | "unplanned" | "here" | "soon" | "over" | "away";

export interface PresenceRow {
  readonly user: string;
  readonly name: string;
  readonly shifts: readonly string[];
  readonly presence: Presence;
}

const ORDER: readonly Presence[] = ["late", "unplanned", "here", "soon", "away", "over"];

/** Everybody who is planned today, or here. `roster` holds today; who asks for a hand comes first. */
export function presences(roster: Roster, agents: readonly Pick<Agent, "user" | "state" | "name">[]): readonly PresenceRow[] {
  const here = new Set(agents.filter(({ state }) => state !== "off").map(({ user }) => user));
  const rows = roster.agents.flatMap(({ user, name }): PresenceRow[] => {
    const day = roster.days.find((one) => one.user === user && one.day === roster.today);
    const found = presence(day, here.has(user), roster.minutes);
    return found === null ? [] : [{ user, name, shifts: day?.away === false ? day.shifts : [], presence: found }];
  });
  return rows.sort((one, other) => ORDER.indexOf(one.presence) - ORDER.indexOf(other.presence));
}

function presence(day: RosterDay | undefined, isHere: boolean, now: number): Presence | null {
  if (day?.away === true) return isHere ? "unplanned" : "away";
  const shifts = (day?.shifts ?? []).map(span);
  if (isHere) return shifts.some(([start, end]) => start - EARLY <= now && now < end) ? "here" : "unplanned";
  if (shifts.some(([start, end]) => start + GRACE <= now && now < end)) return "late";
  if (shifts.some(([start]) => now < start + GRACE)) return "soon";
  return shifts.length > 0 ? "over" : null;
}

/** Whether the roster says anything of today at all. */
export function isPlanned(roster: Roster): boolean {
  return roster.days.some(({ day, shifts, away }) => day === roster.today && (away || shifts.length > 0));
}
