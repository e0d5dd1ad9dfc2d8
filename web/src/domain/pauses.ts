/** Reasons of pauses: their words, who may choose them, and whether a pause lasts too long. */

import type { PauseReason } from "../api/types";

export const COUNTS_AS = ["work", "paid", "unpaid"] as const satisfies readonly PauseReason["counts_as"][];

const MOST_MINUTES = 480;

/** In the reader's language; a code that is on no list as it is. */
export function pauseWord(reasons: readonly PauseReason[], code: string, language: "nl" | "en"): string {
  const found = reasons.find((reason) => reason.code === code);
  return found === undefined ? code : language === "nl" ? found.dutch : found.english;
}

/** Those that somebody may choose now, in their order. */
export function offered(reasons: readonly PauseReason[]): readonly PauseReason[] {
  return reasons.filter((reason) => reason.offered);
}

/** How many minutes a pause may last, when it has lasted longer; else null. `since`, `now`: unix seconds. */
export function tooLong(reasons: readonly PauseReason[], code: string, since: number, now: number): number | null {
  const most = reasons.find((reason) => reason.code === code)?.most_minutes ?? null;
  return most !== null && now - since > most * 60 ? most : null;
}

/** Minutes as typed: empty, or a whole number from 1 to 480. */
export function areMinutes(typed: string): boolean {
  const text = typed.trim();
  return text === "" || (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_MINUTES);
}
