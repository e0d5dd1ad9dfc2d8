/** Times on the screen. Calendar times are Europe/Amsterdam whatever the computer says; durations are wall time. */

import { parseDateTime, toZoned } from "@internationalized/date";

const ZONE = "Europe/Amsterdam";

type Locale = "nl-NL" | "en-GB";

export function localeOf(language: "nl" | "en"): Locale {
  return language === "nl" ? "nl-NL" : "en-GB";
}

function format(options: Intl.DateTimeFormatOptions): (iso: string | Date, locale: Locale) => string {
  return (iso, locale) => new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options }).format(new Date(iso));
}

/** ma 23 nov 09:05 */
export const dateTime = format({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
/** 09:05 */
export const clock = format({ hour: "2-digit", minute: "2-digit" });
/** 09:05:07 */
export const clockSeconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
/** 23 nov 2026 */
export const day = format({ day: "numeric", month: "short", year: "numeric" });

/** 7:05, from seconds. */
export function hoursAndMinutes(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${String(Math.floor(minutes / 60))}:${String(minutes % 60).padStart(2, "0")}`;
}

export function hourInAmsterdam(at: Date): number {
  return Number(new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", hourCycle: "h23" }).format(at));
}

/** 2026-11-23 (Amsterdam). */
export function isoDay(at: Date): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(at);
}

/** A date and time as typed, meant in Amsterdam, as an absolute ISO time; null when it is not one. */
export function amsterdamToIso(date: string, time: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || !/^\d{2}:\d{2}$/.test(time)) return null;
  try {
    return toZoned(parseDateTime(`${date}T${time}`), ZONE).toAbsoluteString();
  } catch {
    return null;
  }
}

/** The date and time fields that an ISO time fills. */
export function isoToAmsterdam(iso: string): { readonly date: string; readonly time: string } {
  const at = new Date(iso);
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return { date: isoDay(at), time: time.format(at) };
}

/** Seconds as 0:07, 12:34 or 1:02:03. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A birth date as people say it (1-2-1980, 01021980, 1 2 80 is refused: the century is not ours to guess). */
export function birthDate(typed: string): string | null {
  const digits = /^(\d{2})(\d{2})(\d{4})$/.exec(typed.trim());
  const parts = digits ?? /^(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{4})$/.exec(typed.trim());
  if (parts === null) return null;
  const [dayOfMonth, month, year] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const date = new Date(Date.UTC(year, month - 1, dayOfMonth));
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === dayOfMonth;
  return same ? date.toISOString().slice(0, 10) : null;
}

/** 1234ab, 1234 AB -> 1234AB; null when it is no Dutch postcode. */
export function postcode(typed: string): string | null {
  const found = /^([1-9]\d{3}) ?([A-Z]{2})$/.exec(typed.trim().toUpperCase());
  return found === null ? null : `${found[1] ?? ""}${found[2] ?? ""}`;
}
