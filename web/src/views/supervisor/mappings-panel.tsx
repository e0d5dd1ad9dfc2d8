import { type ReactElement, useEffect, useState } from "react";
import { FileTrigger } from "react-aria-components";
import type { ColumnMapping, IntakeField } from "../../api/types";
import { sentence } from "../../domain/text";
import { MappingsModel } from "../../state/clients";
import { useApp, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** How this client's files are read: seen, changed, learned from an example. */
export function MappingsPanel({ client: id }: { readonly client: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new MappingsModel(client, id));
  const { data, error } = useStore(model.list);
  const acting = useStore(model.acting);
  const [open, setOpen] = useState<string | null>(null);
  useEffect(() => void model.list.reload(), [model]);
  return (
    <Panel title={t("mapping.title")}>
      <ErrorNotice error={error ?? acting.error} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data !== null && !data.ready && <p className="muted">{t("mapping.noCampaign")}</p>}
      {data?.ready === true && data.items.length === 0 && <p className="muted">{t("mapping.none")}</p>}
      {data?.ready === true && (
        <>
          <ul className="lines">
            {data.items.map((mapping) => (
              <li key={mapping.name} className="line line--block">
                <span className="row row--between">
                  <span>
                    <strong>{mapping.name}</strong> <Badge>{t("mapping.version", { version: mapping.version, kind: t(`deliveries.kind.${mapping.kind}`).toLowerCase() })}</Badge>
                  </span>
                  <span className="row">
                    <Button
                      size="small"
                      aria-label={`${t("mapping.edit")}: ${mapping.name}`}
                      aria-expanded={open === mapping.name}
                      onPress={() => setOpen(open === mapping.name ? null : mapping.name)}
                    >
                      {t("mapping.edit")}
                    </Button>
                    <Names model={model} mapping={mapping} />
                  </span>
                </span>
                {open === mapping.name && <Columns key={mapping.version} model={model} mapping={mapping} fields={data.fields[mapping.kind]} onSaved={() => setOpen(null)} />}
              </li>
            ))}
          </ul>
          <Learn model={model} />
        </>
      )}
    </Panel>
  );
}

/** Another name, or gone. Files that were read stay as they are. */
function Names({ model, mapping }: { readonly model: MappingsModel; readonly mapping: ColumnMapping }): ReactElement {
  const { t } = useWords();
  const named = { name: mapping.name };
  return (
    <>
      <Ask
        trigger={
          <Button size="small" aria-label={t("mapping.rename.of", named)}>
            {t("mapping.rename")}
          </Button>
        }
        title={t("mapping.rename.of", named)}
        text={t("mapping.rename.text")}
        confirm={t("mapping.rename")}
        look="primary"
        action={model.acting}
        field={{ label: t("mapping.rename.name"), hint: t("mapping.rename.hint"), min: 1, maxLength: 60 }}
        onConfirm={(name) => model.rename(mapping, name)}
      />
      <Ask
        trigger={
          <Button size="small" look="quiet" aria-label={t("mapping.remove.of", named)}>
            {t("mapping.remove")}
          </Button>
        }
        title={t("mapping.remove.of", named)}
        text={t("mapping.remove.text")}
        confirm={t("mapping.remove")}
        action={model.acting}
        onConfirm={() => model.remove(mapping)}
      />
    </>
  );
}

interface ColumnsProps {
  readonly model: MappingsModel;
  readonly mapping: ColumnMapping;
  readonly fields: readonly IntakeField[];
  readonly onSaved: () => void;
}

function Columns({ model, mapping, fields, onSaved }: ColumnsProps): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const [columns, setColumns] = useState(mapping.columns);
  const missing = fields.some(({ field, required }) => required && (columns[field] ?? "").trim() === "");
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!missing) void model.save(mapping, columns).then((done) => done && onSaved());
      }}
    >
      <p className="muted">{t("mapping.hint")}</p>
      <div className="columns columns--wide">
        {fields.map(({ field, text, required }) => {
          const empty = (columns[field] ?? "").trim() === "";
          return (
            <TextInput
              key={field}
              label={sentence(text)}
              value={columns[field] ?? ""}
              onChange={(heading) => setColumns({ ...columns, [field]: heading })}
              required={required}
              maxLength={200}
              {...(required && empty ? { error: t("mapping.required") } : {})}
            />
          );
        })}
      </div>
      <div>
        <Button type="submit" look="primary" isDisabled={busy || missing}>
          {t("app.save")}
        </Button>
      </div>
    </form>
  );
}

const KINDS: readonly ColumnMapping["kind"][] = ["list", "numbers", "visits"];

function Learn({ model }: { readonly model: MappingsModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const [name, setName] = useState("");
  const [kind, setKind] = useState<ColumnMapping["kind"]>("list");
  const kinds = KINDS.map((id) => ({ id, label: t(`deliveries.kind.${id}`) }));
  return (
    <div className="stack">
      <h3>{t("mapping.learn")}</h3>
      <p className="muted">{t("mapping.learn.hint")}</p>
      <div className="filter">
        <TextInput label={t("mapping.learn.name")} value={name} onChange={setName} maxLength={60} />
        <SelectInput label={t("deliveries.kind")} value={kind} onChange={(chosen) => setKind(KINDS.find((one) => one === chosen) ?? "list")} options={kinds} />
        <FileTrigger
          acceptedFileTypes={[".csv", ".json", ".txt", ".xlsx"]}
          onSelect={(files) => {
            const file = files?.[0];
            if (file !== undefined) void model.learn(name, kind, file).then((done) => done && setName(""));
          }}
        >
          <Button isDisabled={busy || name.trim() === ""}>{t("deliveries.file.choose")}</Button>
        </FileTrigger>
      </div>
    </div>
  );
}
