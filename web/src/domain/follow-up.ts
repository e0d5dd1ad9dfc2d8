/** The lists of the client's people: what may be said of a case on each, and when it may be taken back. */

import type { FollowUpLine, FollowUpList, FollowUpMark } from "../api/types";

export const LISTS: readonly FollowUpList[] = ["to_visit", "appointment", "decision"];

export const MARKS: Readonly<Record<FollowUpList, readonly FollowUpMark[]>> = {
  to_visit: ["spoken", "not_home", "letter", "no_action"],
  appointment: ["kept", "no_show"],
  decision: ["we_contact", "stands", "void", "settled"],
};

/** These say nothing without a reason. */
export const WITH_REASON: ReadonlySet<string> = new Set<FollowUpMark>(["settled", "no_action"]);

const UNDO_WITHIN = 7 * 24 * 3_600_000;

export function mayUndo(line: FollowUpLine, now: number): boolean {
  return line.marked_by !== "" && line.marked_at !== null && now - Date.parse(line.marked_at) < UNDO_WITHIN;
}

/** An appointment that has not begun can be neither kept nor missed; a held case is released or withdrawn. */
export function mayMark(line: FollowUpLine, now: number): boolean {
  return line.done_at === null && line.state !== "held" && (line.list !== "appointment" || Date.parse(line.due_at) <= now);
}

export interface Tries {
  readonly ochtend: number;
  readonly middag: number;
  readonly avond: number;
}

/** In which parts of the day somebody was tried. */
export function triesOf(line: FollowUpLine): Tries {
  const count = (part: string): number => line.tried.filter((one) => one.day_part === part).length;
  return { ochtend: count("Ochtend"), middag: count("Middag"), avond: count("Avond") };
}

/** Days with their parts, the oldest first: each once. */
export function daysOf(line: FollowUpLine): readonly { readonly at: string; readonly part: "ochtend" | "middag" | "avond" }[] {
  return line.tried.map(({ at, day_part: part }) => ({ at, part: part === "Ochtend" ? "ochtend" : part === "Middag" ? "middag" : "avond" }));
}

const PATHS: Readonly<Record<FollowUpList, string>> = { to_visit: "to-visit", appointment: "appointments", decision: "decisions" };

export function listPath(list: FollowUpList): string {
  return `/follow-up/${PATHS[list]}`;
}

/** The list of an address; the first one for any other. */
export function listAt(path: string): FollowUpList {
  return LISTS.find((list) => path === listPath(list)) ?? "to_visit";
}
