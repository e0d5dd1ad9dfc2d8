import { describe, expect, it } from "vitest";
import type { ResultLayout } from "../api/types";
import {
  addColumn, editColumn, isWhole, layoutChanges, layoutFaults, layoutForm, layoutOf, learnedForm, moveColumn, ownForm, removeColumn, RESULT_FIELDS, telling,
} from "./result-layout";

const LAYOUT: ResultLayout = {
  columns: [{ title: "Zaak", field: "client_ref" }, { title: "Wijk", field: "" }, { title: "Bereikt", field: "reached" }],
  format: "csv", delimiter: ";", encoding: "utf-8-sig", dates: "dd-mm-jjjj", times: true, yes: "ja", no: "nee", words: { HELP_WANTED: "Wil hulp" },
};
const FORM = layoutForm(LAYOUT);
const titles = (form: typeof FORM): string[] => form.columns.map(({ title }) => title);

describe("a layout", () => {
  it("comes back as it was, trimmed, and without words that are ours", () => {
    expect(layoutOf(FORM)).toEqual(LAYOUT);
    const typed = editColumn({ ...FORM, yes: " J ", words: { HELP_WANTED: " ", NO_HELP: " Nee " } }, 0, { title: " Zaaknr " });
    expect(layoutOf(typed)).toEqual({ ...LAYOUT, columns: [{ title: "Zaaknr", field: "client_ref" }, ...LAYOUT.columns.slice(1)], yes: "J", words: { NO_HELP: "Nee" } });
  });

  it("moves a column by one, keeps it at either end, adds and takes away", () => {
    expect(titles(moveColumn(FORM, 2, -1))).toEqual(["Zaak", "Bereikt", "Wijk"]);
    expect(titles(moveColumn(moveColumn(FORM, 0, 1), 0, 1))).toEqual(["Wijk", "Bereikt", "Zaak"]);
    expect(moveColumn(FORM, 0, -1)).toBe(FORM);
    expect(moveColumn(FORM, 2, 1)).toBe(FORM);
    const grown = addColumn(removeColumn(FORM, 0));
    expect(grown.columns.map(({ key, title }) => [key, title])).toEqual([[1, "Wijk"], [2, "Bereikt"], [3, ""]]);
    expect(addColumn({ ...FORM, columns: [] }).columns[0]?.key).toBe(0);
  });

  it("names what no file can be made of", () => {
    expect(isWhole(layoutFaults(FORM))).toBe(true);
    expect(layoutFaults(editColumn(editColumn(FORM, 1, { title: " " }), 2, { title: "Zaak " })).columns).toEqual({ 1: "empty", 2: "double" });
    expect(layoutFaults({ ...FORM, yes: "x", no: " x" })).toMatchObject({ no: "same" });
    expect(layoutFaults({ ...FORM, yes: "", no: "" })).toMatchObject({ yes: "empty", no: "empty" });
    const mute = removeColumn(removeColumn(FORM, 0), 2);
    expect(layoutFaults(mute).nothing).toBe(true);
    expect(isWhole(layoutFaults(mute))).toBe(false);
  });

  it("of an example has its columns and its form, and no words yet", () => {
    const learned = learnedForm(LAYOUT.columns, { format: "csv", delimiter: "|", encoding: "cp1252" }, null);
    expect(layoutOf(learned)).toEqual({ ...LAYOUT, delimiter: "|", encoding: "cp1252", words: {} });
    expect(telling(learned)).toBe(2);
    const next = learnedForm([{ title: "Zaak", field: "client_ref" }], { format: "xlsx" }, FORM);
    expect(layoutOf(next)).toEqual({ ...LAYOUT, columns: [{ title: "Zaak", field: "client_ref" }], format: "xlsx" }); // its words stay
  });

  it("of our own has every field once", () => {
    const own = ownForm((field) => field.toUpperCase());
    expect(own.columns.map(({ field }) => field)).toEqual([...RESULT_FIELDS]);
    expect(isWhole(layoutFaults(own))).toBe(true);
  });

  it("tells what another version has otherwise", () => {
    const after: ResultLayout = { ...LAYOUT, columns: [{ title: "Bereikt", field: "status" }, { title: "Zaak", field: "client_ref" }, { title: "Datum", field: "talked_at" }] };
    expect(layoutChanges(LAYOUT, after)).toEqual({ added: ["Datum"], removed: ["Wijk"], other: ["Bereikt"], order: true, form: false });
    expect(layoutChanges(LAYOUT, { ...LAYOUT, words: {} })).toEqual({ added: [], removed: [], other: [], order: false, form: true });
  });
});
