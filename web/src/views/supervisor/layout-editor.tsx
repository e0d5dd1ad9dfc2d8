import type { ReactElement } from "react";
import type { ResultLayout } from "../../api/types";
import {
  addColumn, editColumn, isWhole, layoutFaults, type LayoutFaults, type LayoutForm, MOST_COLUMNS, moveColumn, removeColumn, RESULT_FIELDS, type ResultField, telling,
} from "../../domain/result-layout";
import type { LayoutEdit, LayoutsModel } from "../../state/layouts";
import { useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { SelectInput, TextInput } from "../../ui/fields";
import { Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { Example } from "./layout-example";
import { LayoutForm as FormFields } from "./layout-form";
import { LayoutVersions } from "./layout-versions";

/** No field has this name. */
const NOTHING = "-";

interface Props {
  readonly model: LayoutsModel;
  readonly edit: LayoutEdit;
  readonly mayWrite: boolean;
}

/** One layout: its columns, how values are written, and what a file looks like. */
export function LayoutEditor({ model, edit, mayWrite }: Props): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const { name, named, learned, form, asked } = edit;
  const faults = layoutFaults(form);
  const title = named ? t("layouts.of", { name }) : t("layouts.new");
  return (
    <Panel
      title={title}
      tone="accent"
      aside={
        <Button size="small" onPress={model.close}>
          {t("channels.close")}
        </Button>
      }
    >
      {mayWrite && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void model.save();
          }}
        >
          {learned !== null && (
            <Notice tone={telling(form) === learned ? "good" : "info"} live="polite">
              {t("layouts.learned", { known: telling(form), count: learned })}
            </Notice>
          )}
          {!named && <TextInput label={t("layouts.name")} hint={t("layouts.name.hint")} value={name} onChange={model.rename} maxLength={60} {...(asked && name.trim() === "" ? { error: t("places.wrong.empty") } : {})} />}
          <Columns model={model} form={form} faults={faults} />
          <FormFields model={model} form={form} faults={faults} />
          <div className="row">
            <Button look="primary" type="submit" isDisabled={busy}>
              {t("layouts.keep")}
            </Button>
            <span className="muted" role="status">
              {asked && !(isWhole(faults) && name.trim() !== "") ? t("settings.error.some") : t("layouts.keep.hint")}
            </span>
          </div>
        </form>
      )}
      <Preview model={model} layout={form} />
      {named && <LayoutVersions model={model} now={form} mayWrite={mayWrite} />}
      {mayWrite && named && (
        <section className="stack" aria-label={t("layouts.again")}>
          <h3>{t("layouts.again")}</h3>
          <Example model={model} />
        </section>
      )}
    </Panel>
  );
}

interface ColumnsProps {
  readonly model: LayoutsModel;
  readonly form: LayoutForm;
  readonly faults: LayoutFaults;
}

function Columns({ model, form, faults }: ColumnsProps): ReactElement {
  const { t } = useWords();
  const fields = [{ id: NOTHING, label: t("layouts.field.none") }, ...RESULT_FIELDS.map((field) => ({ id: field, label: t(`layouts.field.${field}`) }))];
  const last = form.columns.length - 1;
  return (
    <fieldset className="fieldset">
      <legend>{t("layouts.columns")}</legend>
      <p className="muted">{t("layouts.columns.hint")}</p>
      {faults.nothing && <Notice tone="warn">{t("layouts.nothing")}</Notice>}
      <ol className="lines">
        {form.columns.map(({ key, title, field }, place) => {
          const fault = faults.columns[key];
          const number = place + 1;
          return (
            <li key={key} className="line line--block">
              <div className="row row--column">
                <TextInput
                  label={t("layouts.column", { number })}
                  value={title}
                  onChange={(text) => model.edit((now) => editColumn(now, key, { title: text }))}
                  maxLength={100}
                  {...(fault === undefined ? {} : { error: t(`layouts.wrong.${fault}`) })}
                />
                <SelectInput
                  label={t("layouts.tells", { number })}
                  value={field === "" ? NOTHING : field}
                  onChange={(chosen) => model.edit((now) => editColumn(now, key, { field: fieldOf(chosen) }))}
                  options={fields}
                />
                <span className="row row--tight row--nowrap">
                  <Button size="small" isDisabled={place === 0} aria-label={t("layouts.up", { number })} onPress={() => model.edit((now) => moveColumn(now, key, -1))}>
                    ↑
                  </Button>
                  <Button size="small" isDisabled={place === last} aria-label={t("layouts.down", { number })} onPress={() => model.edit((now) => moveColumn(now, key, 1))}>
                    ↓
                  </Button>
                  <Button size="small" aria-label={t("layouts.remove", { number })} onPress={() => model.edit((now) => removeColumn(now, key))}>
                    ×
                  </Button>
                </span>
              </div>
            </li>
          );
        })}
      </ol>
      <div>
        <Button size="small" isDisabled={form.columns.length >= MOST_COLUMNS} onPress={() => model.edit(addColumn)}>
          {t("layouts.add")}
        </Button>
      </div>
    </fieldset>
  );
}

const fieldOf = (chosen: string): ResultField => RESULT_FIELDS.find((field) => field === chosen) ?? "";

/** Invented lines, as they would stand in the file. */
function Preview({ model, layout }: { readonly model: LayoutsModel; readonly layout: Pick<ResultLayout, "format"> }): ReactElement {
  const { t } = useWords();
  const { data, error } = useStore(model.preview);
  return (
    <section className="stack" aria-label={t("layouts.preview")}>
      <h3>{t("layouts.preview")}</h3>
      <p className="muted">{t("layouts.preview.hint", { format: layout.format.toUpperCase() })}</p>
      <ErrorNotice error={error} onRetry={() => void model.preview.reload()} />
      {data === null && error === null && <p className="muted">{t("layouts.preview.none")}</p>}
      {data !== null && (
        <DataTable<readonly string[]>
          label={t("layouts.preview")}
          rows={data.rows}
          id={(row) => row.join("\u0000")}
          columns={data.header.map((head, place) => ({ head, cell: (row) => row[place] ?? "" }))}
        />
      )}
    </section>
  );
}
