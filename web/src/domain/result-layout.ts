/** The layout of a client's file of results as it is edited: columns in their order, what stands in each, and its words. */

import type { ResultLayout } from "../api/types";

export type ResultField = ResultLayout["columns"][number]["field"];

/** What a column can tell, in the order of our own file. */
export const RESULT_FIELDS = [
  "client_ref", "signal_ref", "partner_type", "signal_on", "crisis", "status", "outcome", "outcome_label", "ddas", "reached", "talked_at", "talked_part",
  "attempt_count", "attempts", "appointment_at", "appointment_status", "closed_numbers", "note", "follow_up", "action",
] as const satisfies readonly ResultField[];

interface ColumnForm {
  /** For lists only: stays with the column while it moves. */
  readonly key: number;
  readonly title: string;
  /** Empty: the client's own column, which stays empty. */
  readonly field: ResultField;
}

export interface LayoutForm extends Omit<ResultLayout, "columns" | "words"> {
  readonly columns: readonly ColumnForm[];
  /** Code of an outcome -> the client's word; empty: ours. */
  readonly words: Readonly<Record<string, string>>;
}

type ColumnFault = "empty" | "double";

export interface LayoutFaults {
  readonly columns: Readonly<Record<number, ColumnFault>>;
  /** No column tells anything. */
  readonly nothing: boolean;
  readonly yes?: "empty";
  readonly no?: "empty" | "same";
}

const USUAL: Omit<LayoutForm, "columns"> = {
  format: "csv", delimiter: ";", encoding: "utf-8-sig", dates: "dd-mm-jjjj", times: true, yes: "ja", no: "nee", words: {},
};
export const MOST_COLUMNS = 100;

export function layoutForm(layout: ResultLayout): LayoutForm {
  return { ...layout, columns: keyed(layout.columns) };
}

/** Of an example: its columns, and its form as far as the file itself tells it. The rest as `before`, else the usual. */
export function learnedForm(columns: ResultLayout["columns"], form: Partial<ResultLayout>, before: LayoutForm | null): LayoutForm {
  return { ...(before ?? USUAL), ...form, columns: keyed(columns) };
}

/** Our own columns, under the names that `title` gives them. */
export function ownForm(title: (field: (typeof RESULT_FIELDS)[number]) => string): LayoutForm {
  return { ...USUAL, columns: RESULT_FIELDS.map((field, key) => ({ key, field, title: title(field) })) };
}

const keyed = (columns: ResultLayout["columns"]): readonly ColumnForm[] => columns.map(({ title, field }, key) => ({ key, title, field }));

export function layoutOf(form: LayoutForm): ResultLayout {
  const words = Object.entries(form.words).map(([code, word]) => [code, word.trim()] as const);
  return {
    ...form,
    columns: form.columns.map(({ title, field }) => ({ title: title.trim(), field })),
    yes: form.yes.trim(),
    no: form.no.trim(),
    words: Object.fromEntries(words.filter(([, word]) => word !== "")),
  };
}

export function layoutFaults(form: LayoutForm): LayoutFaults {
  const columns: Record<number, ColumnFault> = {};
  const seen = new Set<string>();
  for (const { key, title } of form.columns) {
    const name = title.trim();
    if (name === "") columns[key] = "empty";
    else if (seen.has(name)) columns[key] = "double";
    seen.add(name);
  }
  const yes = form.yes.trim();
  const no = form.no.trim();
  return {
    columns,
    nothing: form.columns.every(({ field }) => field === ""),
    ...(yes === "" ? { yes: "empty" as const } : {}),
    ...(no === "" ? { no: "empty" as const } : no === yes ? { no: "same" as const } : {}),
  };
}

export function isWhole(faults: LayoutFaults): boolean {
  return Object.keys(faults.columns).length === 0 && !faults.nothing && faults.yes === undefined && faults.no === undefined;
}

export function editColumn(form: LayoutForm, key: number, change: Partial<Pick<ColumnForm, "title" | "field">>): LayoutForm {
  return { ...form, columns: form.columns.map((column) => (column.key === key ? { ...column, ...change } : column)) };
}

/** One place on, or back; at either end it stays. */
export function moveColumn(form: LayoutForm, key: number, by: 1 | -1): LayoutForm {
  const from = form.columns.findIndex((column) => column.key === key);
  const column = form.columns[from];
  const other = form.columns[from + by];
  if (column === undefined || other === undefined) return form;
  const columns = [...form.columns];
  columns[from] = other;
  columns[from + by] = column;
  return { ...form, columns };
}

export function addColumn(form: LayoutForm): LayoutForm {
  const key = Math.max(-1, ...form.columns.map((column) => column.key)) + 1;
  return { ...form, columns: [...form.columns, { key, title: "", field: "" }] };
}

export function removeColumn(form: LayoutForm, key: number): LayoutForm {
  return { ...form, columns: form.columns.filter((column) => column.key !== key) };
}

/** How many columns tell something. */
export function telling(form: LayoutForm): number {
  return form.columns.filter(({ field }) => field !== "").length;
}

export interface LayoutChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Columns of the same name that tell something else. */
  readonly other: readonly string[];
  readonly order: boolean;
  /** Form, dates or words. */
  readonly form: boolean;
}

/** What `after` has otherwise than `before`. */
export function layoutChanges(before: ResultLayout, after: ResultLayout): LayoutChanges {
  const had = new Map(before.columns.map(({ title, field }) => [title, field]));
  const has = new Map(after.columns.map(({ title, field }) => [title, field]));
  const both = (columns: ResultLayout["columns"]): string => JSON.stringify(columns.map(({ title }) => title).filter((title) => had.has(title) && has.has(title)));
  const rest = ({ format, delimiter, encoding, dates, times, yes, no, words }: ResultLayout): string =>
    JSON.stringify([format, delimiter, encoding, dates, times, yes, no, Object.entries(words).sort(([a], [b]) => a.localeCompare(b))]);
  return {
    added: [...has.keys()].filter((title) => !had.has(title)),
    removed: [...had.keys()].filter((title) => !has.has(title)),
    other: [...has].filter(([title, field]) => had.has(title) && had.get(title) !== field).map(([title]) => title),
    order: both(before.columns) !== both(after.columns),
    form: rest(before) !== rest(after),
  };
}
