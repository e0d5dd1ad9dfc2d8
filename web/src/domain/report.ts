/** Periods of reports, and what of a report its tables show. */

import type { Report } from "../api/types";
import { isoDay } from "./dates";

export interface Period {
  readonly first: string;
  readonly last: string;
}

/** The calendar month of `at`, in Amsterdam, as two days: 2026-03-01 and 2026-03-31. */
export function monthOf(at: Date): Period {
  const [year = 0, month = 1] = isoDay(at).split("-").map(Number);
  const two = (value: number): string => String(value).padStart(2, "0");
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { first: `${String(year)}-${two(month)}-01`, last: `${String(year)}-${two(month)}-${two(days)}` };
}

type Table = Report["tables"][number];
export type ReportRow = Table["rows"][number];

/** A column of a table: a measure or a share. */
export interface ReportColumn {
  readonly key: string;
  readonly label: string;
  readonly share: boolean;
}

const COLUMNS: readonly string[] = ["delivered", "callable", "net", "reached", "reach", "net_reach", "accepted", "help"];
const BY_DAY: readonly string[] = ["reached", "reach"];

/** Which columns a table has, with the words of the report. */
export function columnsOf(report: Pick<Report, "measures" | "shares">, dimension: Table["dimension"] | null): readonly ReportColumn[] {
  return (dimension === "day" ? BY_DAY : COLUMNS).flatMap((key) => {
    const measure = report.measures.find((one) => one.key === key);
    const share = report.shares.find((one) => one.key === key);
    const found = measure ?? share;
    return found === undefined ? [] : [{ key, label: found.label, share: measure === undefined }];
  });
}
