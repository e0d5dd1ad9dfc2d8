/** Sections about the work in a report: cells in words, the heat of hours, points of a line. */

import type { ReportSection } from "../api/types";

type Unit = ReportSection["figures"][number]["unit"];
export type WorkRow = ReportSection["rows"][number];

/** A figure as it is read; null: there is nothing to tell. */
export function figureText(unit: Unit, value: number | null | undefined, locale: string): string | null {
  if (value == null) return null;
  if (unit === "count") return new Intl.NumberFormat(locale).format(value);
  if (unit === "share") return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(value);
  if (unit === "score") return new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
  if (value >= 60) {
    const whole = Math.round(value);
    return `${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, "0")} min`;
  }
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value)} s`;
}

interface HeatCell {
  readonly row: WorkRow | null;
  /** 0: nothing to tell; 1 to 5: from the lowest to the highest share. */
  readonly level: number;
}

export interface Heat {
  readonly hours: readonly number[];
  /** ISO weekdays that have a row, each with a cell for every hour. */
  readonly days: readonly { readonly day: number; readonly cells: readonly HeatCell[] }[];
}

const LEVELS = 5;

/** Weekdays by hours. Levels go from the lowest share that was found to the highest. */
export function heatOf(rows: readonly WorkRow[], figure: string): Heat {
  const at = new Map(rows.map((row) => [row.key, row]));
  const places = rows.map(({ key }) => key.split("-").map(Number));
  const hoursSeen = places.map(([, hour = 0]) => hour);
  const first = Math.min(...hoursSeen);
  const hours = rows.length === 0 ? [] : Array.from({ length: Math.max(...hoursSeen) - first + 1 }, (_, n) => first + n);
  const shares = rows.flatMap(({ values }) => values[figure] ?? []);
  const [low, high] = [Math.min(...shares), Math.max(...shares)];
  const level = (row: WorkRow | undefined): number => {
    const share = row?.values[figure];
    if (share == null) return 0;
    return high === low ? 3 : 1 + Math.min(LEVELS - 1, Math.floor((LEVELS * (share - low)) / (high - low)));
  };
  const days = [...new Set(places.map(([day = 1]) => day))].sort((a, b) => a - b);
  const key = (day: number, hour: number): string => `${String(day)}-${String(hour).padStart(2, "0")}`;
  return {
    hours,
    days: days.map((day) => ({
      day,
      cells: hours.map((hour) => {
        const row = at.get(key(day, hour));
        return { row: row ?? null, level: level(row) };
      }),
    })),
  };
}

/** What a line is drawn through: rows that have the figure, each with its place from 0 to 1. */
export function pointsOf(rows: readonly WorkRow[], figure: string): readonly { readonly at: number; readonly share: number; readonly label: string }[] {
  const last = Math.max(1, rows.length - 1);
  return rows.flatMap(({ label, values }, n) => {
    const share = values[figure];
    return share == null ? [] : [{ at: n / last, share, label }];
  });
}

/** Whether there is anything to draw. */
export function plotted(section: Pick<ReportSection, "plot" | "plotted" | "rows">): boolean {
  return section.plot !== "none" && section.plotted !== "" && pointsOf(section.rows, section.plotted).length > 0;
}

/** The upper end of an axis of shares: a round figure above the highest. */
export function topOf(shares: readonly number[]): number {
  const highest = Math.max(0.02, ...shares);
  const step = highest > 0.2 ? 0.1 : 0.02;
  return Math.min(1, Number((Math.ceil(highest / step) * step).toFixed(2)));
}

/** "80": what is typed for a share of 0.8. */
export function percentTyped(share: number): string {
  return String(Number((100 * share).toFixed(2))).replace(".", ",");
}

/** What was typed as a number of at most `most`, with a comma or a point; null: none. */
export function numberTyped(typed: string, most: number): number | null {
  const text = typed.trim().replace(",", ".");
  if (!/^\d{1,4}(\.\d{1,3})?$/.test(text)) return null;
  const value = Number(text);
  return value <= most ? value : null;
}
