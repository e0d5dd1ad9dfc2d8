import type { ReactElement } from "react";
import type { ResultLayout } from "../../api/types";
import type { LayoutFaults, LayoutForm as Form } from "../../domain/result-layout";
import type { LayoutsModel } from "../../state/layouts";
import { useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { SelectInput, TextInput } from "../../ui/fields";
import { useCatalogue } from "./use-outcomes";

const FORMATS: readonly ResultLayout["format"][] = ["csv", "xlsx", "json"];
const DELIMITERS = { semicolon: ";", comma: ",", tab: "\t", bar: "|" } as const;
const ENCODINGS: readonly ResultLayout["encoding"][] = ["utf-8-sig", "utf-8", "cp1252"];
const DATES: readonly ResultLayout["dates"][] = ["dd-mm-jjjj", "dd/mm/jjjj", "jjjj-mm-dd", "jjjjmmdd"];
type Delimiter = keyof typeof DELIMITERS;
const DELIMITER_IDS = Object.keys(DELIMITERS) as Delimiter[];

interface Props {
  readonly model: LayoutsModel;
  readonly form: Form;
  readonly faults: LayoutFaults;
}

/** What kind of file, how values are written, and the client's own words. */
export function LayoutForm({ model, form, faults }: Props): ReactElement {
  const { t } = useWords();
  const outcomes = useCatalogue();
  const set = (change: Partial<Form>): void => model.edit((now) => ({ ...now, ...change }));
  const told = form.columns.some(({ field }) => field === "outcome_label");
  return (
    <>
      <fieldset className="fieldset">
        <legend>{t("layouts.form")}</legend>
        <div className="columns columns--wide">
          <SelectInput label={t("layouts.format")} value={form.format} onChange={(one) => set({ format: FORMATS.find((id) => id === one) ?? "csv" })} options={FORMATS.map((id) => ({ id, label: t(`layouts.format.${id}`) }))} />
          {form.format === "csv" && (
            <>
              <SelectInput
                label={t("layouts.delimiter")}
                value={DELIMITER_IDS.find((id) => DELIMITERS[id] === form.delimiter) ?? "semicolon"}
                onChange={(one) => set({ delimiter: DELIMITERS[DELIMITER_IDS.find((id) => id === one) ?? "semicolon"] })}
                options={DELIMITER_IDS.map((id) => ({ id, label: t(`layouts.delimiter.${id}`) }))}
              />
              <SelectInput label={t("layouts.encoding")} value={form.encoding} onChange={(one) => set({ encoding: ENCODINGS.find((id) => id === one) ?? "utf-8-sig" })} options={ENCODINGS.map((id) => ({ id, label: t(`layouts.encoding.${id}`) }))} />
            </>
          )}
          <SelectInput label={t("layouts.dates")} value={form.dates} onChange={(one) => set({ dates: DATES.find((id) => id === one) ?? "dd-mm-jjjj" })} options={DATES.map((id) => ({ id, label: t(`layouts.dates.${id}`) }))} />
          <TextInput label={t("layouts.yes")} value={form.yes} onChange={(yes) => set({ yes })} maxLength={100} {...(faults.yes === undefined ? {} : { error: t("places.wrong.empty") })} />
          <TextInput label={t("layouts.no")} value={form.no} onChange={(no) => set({ no })} maxLength={100} {...(faults.no === undefined ? {} : { error: t(faults.no === "empty" ? "places.wrong.empty" : "layouts.wrong.same") })} />
        </div>
        <div className="row">
          <CheckChoice selected={form.times} onChange={(times) => set({ times })}>
            {t("layouts.times")}
          </CheckChoice>
        </div>
      </fieldset>
      {told && (
        <details>
          <summary>{t("layouts.words")}</summary>
          <div className="stack">
            <p className="muted">{t("layouts.words.hint")}</p>
            <div className="columns columns--wide">
              {outcomes.all.map(({ id, label }) => (
                <TextInput key={id} label={label} value={form.words[id] ?? ""} placeholder={label} onChange={(word) => set({ words: { ...form.words, [id]: word } })} maxLength={100} />
              ))}
            </div>
          </div>
        </details>
      )}
    </>
  );
}
