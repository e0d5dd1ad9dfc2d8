/** Bills on the screen: months, amounts, figures that are typed. Nothing is reckoned here. */

import { isoDay } from "./dates";

/** The first days of the months before this one and of this one, the newest first. */
export function months(now: Date, count: number): readonly string[] {
  const [year = 0, month = 1] = isoDay(now).split("-").map(Number);
  return Array.from({ length: count }, (_, back) => new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 10));
}

/** oktober 2026 */
export function monthName(month: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", month: "long", year: "numeric" }).format(new Date(`${month}T00:00:00Z`));
}

/** € 1.234,50: shown only, the service keeps the amount. */
export function euros(amount: string, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" }).format(Number(amount));
}

/** 21% */
export function percent(value: string, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(Number(value) / 100);
}

/** 12,912577: every decimal that the service gave, but for zeros at the end. */
export function decimals(value: string, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }).format(Number(value));
}

/** A typed figure as the service reads it, with a point; null when it is none. */
export function figure(typed: string): string | null {
  const text = typed.trim().replace(",", ".");
  return /^\d{1,6}(\.\d{1,3})?$/.test(text) ? text : null;
}

/** References that were typed or pasted: apart by commas, semicolons or lines. */
export function references(typed: string): readonly string[] {
  return [...new Set(typed.split(/[,;\n]/).map((one) => one.trim()))].filter((one) => one !== "");
}
