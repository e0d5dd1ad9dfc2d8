/** What of a supervisor's day asks for a hand, the most urgent first. */

import type { DayBook } from "../api/types";

export type Worry =
  | { readonly kind: "missed"; readonly count: number }
  | { readonly kind: "crisis"; readonly campaign: string; readonly name: string; readonly count: number }
  | { readonly kind: "abandoned"; readonly campaign: string; readonly name: string; readonly share: number; readonly bound: number; readonly hours: number }
  | { readonly kind: "callback"; readonly name: string; readonly since: string }
  | { readonly kind: "loading" | "list"; readonly name: string }
  | { readonly kind: "oldList"; readonly name: string; readonly at: string }
  | { readonly kind: "difference" | "late" | "dead" | "deadFiles" | "deadReports" | "question" | "complaint" | "lateComplaint" | "withdrawn"; readonly count: number }
  | { readonly kind: "file"; readonly name: string; readonly due: string }
  | { readonly kind: "silent"; readonly name: string; readonly at: string }
  | { readonly kind: "wrapUp"; readonly user: string; readonly count: number; readonly oldest: string };

const HOUR = 3_600_000;
/** Municipalities deliver weekly. */
const OLD_LIST = 8 * 24 * HOUR;
const LONG_CALLBACK = HOUR;
const LONG_WRAP_UP = HOUR / 4;
/** Of fewer answered calls a share says nothing. */
const ENOUGH_ANSWERED = 100;

export interface AbandonedShare {
  readonly share: number;
  readonly bound: number;
  /** Over which it is measured; 24: today. */
  readonly hours: number;
  readonly over: boolean;
}

/** Share of the answered calls that got nobody, and whether it is over what was promised; null: nobody answered. */
export function abandonedShare(campaign: DayBook["campaigns"][number]): AbandonedShare | null {
  const { answered_within: answered, abandoned_within: abandoned, abandoned_percent, abandoned_hours: hours } = campaign;
  if (answered === 0) return null;
  const [share, bound] = [abandoned / answered, abandoned_percent / 100];
  return { share, bound, hours, over: answered >= ENOUGH_ANSWERED && share > bound };
}

export function worries(day: DayBook): readonly Worry[] {
  const now = Date.parse(day.at);
  const age = (at: string): number => now - Date.parse(at);
  const missed = day.appointments.filter((one) => one.missed).length;
  const found: Worry[] = missed > 0 ? [{ kind: "missed", count: missed }] : [];
  const { late, dead, dead_files: deadFiles, dead_reports: deadReports, missing, silent, withdrawn } = day.exchange;
  if (day.differences > 0) found.push({ kind: "difference", count: day.differences });
  if (withdrawn > 0) found.push({ kind: "withdrawn", count: withdrawn });
  if (late > 0) found.push({ kind: "late", count: late });
  if (day.complaints.late > 0) found.push({ kind: "lateComplaint", count: day.complaints.late });
  for (const { campaign, name, ends_soon_crisis: count } of day.campaigns) if (count > 0) found.push({ kind: "crisis", campaign, name, count });
  for (const campaign of day.campaigns) {
    const measured = abandonedShare(campaign);
    if (measured?.over !== true) continue;
    const { share, bound, hours } = measured;
    found.push({ kind: "abandoned", campaign: campaign.campaign, name: campaign.name, share, bound, hours });
  }
  for (const { name, oldest_callback: since } of day.campaigns) if (since !== null && age(since) > LONG_CALLBACK) found.push({ kind: "callback", name, since });
  for (const { name, loading, last_list_at: at } of day.campaigns) {
    if (loading > 0) found.push({ kind: "loading", name });
    else if (at === null) found.push({ kind: "list", name });
    else if (age(at) > OLD_LIST) found.push({ kind: "oldList", name, at });
  }
  if (day.questions.open > 0) found.push({ kind: "question", count: day.questions.open });
  const waiting = day.complaints.open - day.complaints.late;
  if (waiting > 0) found.push({ kind: "complaint", count: waiting });
  for (const { name, due_at: due } of missing) found.push({ kind: "file", name, due });
  for (const { name, since: at } of silent) found.push({ kind: "silent", name, at });
  if (dead > 0) found.push({ kind: "dead", count: dead });
  if (deadFiles > 0) found.push({ kind: "deadFiles", count: deadFiles });
  if (deadReports > 0) found.push({ kind: "deadReports", count: deadReports });
  for (const { user, count, oldest } of day.wrap_ups) if (age(oldest) > LONG_WRAP_UP) found.push({ kind: "wrapUp", user, count, oldest });
  return found;
}

export interface Closing {
  readonly kind: "onDuty" | "wrapUps" | "callbacks" | "missed" | "crisis" | "exports" | "results";
  readonly count: number;
  /** Of whom; for people alone. */
  readonly names: readonly string[];
  /** The page where it is done. */
  readonly to: string;
}

/** What should not be left over the night, always all lines in one order: residents first. `present`: who is on duty. */
export function closing(day: DayBook, present: readonly string[]): readonly Closing[] {
  const line = (kind: Closing["kind"], count: number, to: string, names: readonly string[] = []): Closing => ({ kind, count, names, to });
  const missed = day.appointments.filter((one) => one.missed);
  const [first] = missed;
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return [
    line("crisis", day.exchange.crisis, "/exports"),
    line("missed", missed.length, first === undefined ? "/cases" : `/cases/${first.case}`),
    line("callbacks", sum(day.campaigns.map(({ callbacks }) => callbacks)), "/callbacks"),
    line("wrapUps", sum(day.wrap_ups.map(({ count }) => count)), "/floor"),
    line("results", day.exchange.to_report, "/exports"),
    line("exports", day.exchange.exports, "/exports"),
    line("onDuty", present.length, "/floor", present),
  ];
}
