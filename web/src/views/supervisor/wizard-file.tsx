import { type ReactElement, useEffect, useState } from "react";
import type { Delivery, IntakeField } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { sentence } from "../../domain/text";
import { chosenColumns } from "../../domain/wizard";
import { UploadModel } from "../../state/office";
import { useApp, useWords } from "../../ui/app-context";
import { SelectInput } from "../../ui/fields";
import { FileDrop } from "../../ui/file-drop";
import { Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { Counts, IntakeFacts } from "./upload-panel";

/** No heading can be this: headings are printable. */
const NONE = "\t";

interface FileProps {
  readonly id: string;
  readonly deliveries: readonly Delivery[];
  readonly onLoaded: () => void;
}

/** A file, what we read in it, which column is what, and loading it. The file itself is nowhere but in this page. */
export function WizardFile({ id, deliveries, onLoaded }: FileProps): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new UploadModel(client));
  const preview = useStore(model.preview);
  const result = useStore(model.result);
  const fields = useStore(model.fields);
  const { busy, error } = useStore(model.sending);
  const [file, setFile] = useState<File | null>(null);
  const [columns, setColumns] = useState<Readonly<Record<string, string>> | null>(null);
  const [more, setMore] = useState(false);
  useEffect(() => void model.loadMappings(id), [model, id]);
  const loaded = deliveries.filter(({ kind, state }) => kind === "list" && state === "loaded");
  const read = (from: File, chosen: Readonly<Record<string, string>> | null): void => {
    void model.send(id, "list", from, true, "", chosen ?? undefined);
  };
  const take = (next: File | null): void => {
    model.reset();
    setColumns(null);
    setFile(next);
    if (next !== null) read(next, null);
  };
  const shown = columns ?? error?.problem?.columns ?? preview?.columns ?? {};
  const choose = (field: string, heading: string): void => {
    const next = chosenColumns(shown, field, heading);
    setColumns(next);
    if (file !== null) read(file, next);
  };
  const refused = error?.problem?.headings ?? null;
  const headings = refused ?? (preview === null ? null : [...Object.values(preview.columns), ...(preview.unused ?? [])]);
  if (loaded.length > 0 && !more)
    return (
      <Panel label={t("wizard.step.file")}>
        <Notice tone="good" live="polite">
          {t(result?.repeated === true ? "wizard.file.repeated" : "wizard.file.loaded")}
        </Notice>
        <ul className="lines">
          {loaded.map((delivery) => (
            <li key={delivery.id} className="line">
              <span>{dateTime(delivery.received_at, locale)}</span>
              <Counts counts={delivery.counts} />
            </li>
          ))}
        </ul>
        <div>
          <Button
            onPress={() => {
              take(null);
              setMore(true);
            }}
          >
            {t("wizard.file.more")}
          </Button>
        </div>
      </Panel>
    );
  return (
    <>
      <Panel label={t("wizard.step.file")}>
        <p className="muted">{t("wizard.file.hint")}</p>
        <FileDrop label={file === null ? t("deliveries.file") : file.name} hint={t("deliveries.file.drop")} onFile={take} />
        <span className="muted" role="status">
          {busy ? t("wizard.file.reading") : ""}
        </span>
        {refused === null && <ErrorNotice error={error} />}
      </Panel>
      {headings !== null && <Columns fields={fields.list} headings={headings} columns={shown} busy={busy} onChoose={choose} />}
      {preview !== null && error === null && (
        <Panel title={t("deliveries.rows")}>
          <IntakeFacts intake={preview} />
          <div>
            <Button
              look="primary"
              isDisabled={busy || file === null}
              onPress={() => {
                if (file === null) return;
                void model.send(id, "list", file, false, "", columns ?? undefined).then(() => {
                  if (model.result.get() === null) return;
                  setMore(false);
                  onLoaded();
                });
              }}
            >
              {t("deliveries.load")}
            </Button>
          </div>
        </Panel>
      )}
    </>
  );
}

interface ColumnsProps {
  readonly fields: readonly IntakeField[];
  readonly headings: readonly string[];
  readonly columns: Readonly<Record<string, string>>;
  readonly busy: boolean;
  readonly onChoose: (field: string, heading: string) => void;
}

function Columns({ fields, headings, columns, busy, onChoose }: ColumnsProps): ReactElement {
  const { t } = useWords();
  const options = [{ id: NONE, label: t("wizard.file.none") }, ...headings.map((heading) => ({ id: heading, label: heading }))];
  return (
    <Panel title={t("wizard.file.columns")}>
      <p className="muted">{t("wizard.file.columns.hint")}</p>
      <div className="columns columns--wide">
        {fields.map(({ field, text, required }) => (
          <SelectInput
            key={field}
            label={sentence(text)}
            value={columns[field] ?? NONE}
            onChange={(heading) => onChoose(field, heading === NONE ? "" : heading)}
            options={options}
            disabled={busy}
            {...(required && columns[field] === undefined ? { error: t("wizard.file.needed") } : {})}
          />
        ))}
      </div>
    </Panel>
  );
}
