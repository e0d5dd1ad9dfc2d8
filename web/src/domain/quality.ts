/** What a reviewer fills in, a scorecard while it is written, and trends by agent and week. Pure. */

import type { Criterion, QualityTrend, Sample } from "../api/types";
import { looksLikeBsn } from "./text";

/** Points as chosen: "" is not chosen yet, "none" did not come up. */
export type Given = "" | "none" | "0" | "1" | "2";
export const GIVEN: readonly Given[] = ["2", "1", "0", "none"];

export interface VerdictForm {
  readonly points: Readonly<Record<string, Given>>;
  readonly right: "" | "yes" | "no";
  readonly wanted: string;
  readonly reason: string;
  readonly coaching: string;
}

const SHORTEST_REASON = 3;

/** Everything is judged; another outcome has its reason; no text holds a citizen service number. */
export function isVerdict(form: VerdictForm, criteria: readonly Criterion[]): boolean {
  if (!criteria.every(({ code }) => (form.points[code] ?? "") !== "") || form.right === "") return false;
  if (looksLikeBsn(form.coaching)) return false;
  return form.right === "yes" || (form.wanted !== "" && form.reason.trim().length >= SHORTEST_REASON && !looksLikeBsn(form.reason));
}

interface Verdict {
  readonly points: Record<string, number | null>;
  readonly wanted: string | null;
  readonly reason: string;
  readonly coaching: string;
}

export function verdictOf(form: VerdictForm): Verdict {
  const wrong = form.right === "no";
  return {
    points: Object.fromEntries(Object.entries(form.points).map(([code, given]) => [code, given === "none" || given === "" ? null : Number(given)])),
    wanted: wrong ? form.wanted : null,
    reason: wrong ? form.reason.trim() : "",
    coaching: form.coaching.trim(),
  };
}

/** One criterion as it is typed. */
export interface CardRow {
  readonly code: string;
  readonly label: string;
  readonly weight: string;
  readonly fatal: boolean;
}

export function rowsOf(criteria: readonly Criterion[]): readonly CardRow[] {
  return criteria.map(({ code, label, weight, fatal }) => ({ code, label, weight: String(weight), fatal }));
}

export function isCard(rows: readonly CardRow[]): boolean {
  return rows.length > 0 && rows.every(({ label, weight }) => label.trim() !== "" && /^([1-9]|10)$/.test(weight));
}

/** The card to keep. A new criterion gets a code of its own out of its words, which it keeps when the words change. */
export function cardOf(rows: readonly CardRow[]): Criterion[] {
  const taken = new Set(rows.map(({ code }) => code).filter((code) => code !== ""));
  return rows.map(({ code, label, weight, fatal }) => {
    const own = code === "" ? newCode(label, taken) : code;
    taken.add(own);
    return { code: own, label: label.trim(), weight: Number(weight), fatal };
  });
}

function newCode(label: string, taken: ReadonlySet<string>): string {
  const plain = label.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 30);
  const stem = plain === "" ? "punt" : plain;
  let number = 1;
  while (taken.has(number === 1 ? stem : `${stem}_${String(number)}`)) number += 1;
  return number === 1 ? stem : `${stem}_${String(number)}`;
}

export interface TrendRow {
  /** Null: the team. */
  readonly agent: string | null;
  readonly name: string;
  readonly weeks: Readonly<Record<string, QualityTrend>>;
  readonly reviewed: number;
  readonly right: number;
}

/** The latest `most` weeks that have reviews, and a row for the team and for each agent. */
export function trendTable(lines: readonly QualityTrend[], most: number): { readonly weeks: readonly string[]; readonly rows: readonly TrendRow[] } {
  const weeks = [...new Set(lines.map(({ week }) => week))].sort().slice(-most);
  const rows = new Map<string, TrendRow>();
  for (const line of lines) {
    const key = line.agent ?? "";
    const before = rows.get(key) ?? { agent: line.agent, name: line.agent_name, weeks: {}, reviewed: 0, right: 0 };
    const shown = weeks.includes(line.week);
    rows.set(key, {
      ...before,
      weeks: { ...before.weeks, [line.week]: line },
      reviewed: before.reviewed + (shown ? line.reviewed : 0),
      right: before.right + (shown ? line.right : 0),
    });
  }
  return { weeks, rows: [...rows.values()] };
}

/** The review of one side, where it may be seen. */
export function reviewOf(sample: Sample, side: "office" | "client"): Sample["reviews"][number] | undefined {
  return sample.reviews.find((review) => review.side === side);
}
