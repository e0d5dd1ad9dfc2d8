import { type ReactElement, useEffect, useState } from "react";
import { Label, RadioGroup } from "react-aria-components";
import type { Intake } from "../../api/types";
import { type UploadKind, UploadModel } from "../../state/office";
import { useApp, useWords } from "../../ui/app-context";
import { RadioChoice } from "../../ui/choices";
import { DataTable } from "../../ui/data-table";
import { SelectInput, TextInput } from "../../ui/fields";
import { FileDrop } from "../../ui/file-drop";
import { Badge, Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import type { Campaigns } from "./use-campaigns";

/** No mapping can have this name: names are printable. */
const GUESS = "\t";

/** From file to loaded list: choose, dry run with preview, load. */
export function UploadPanel({ campaigns, onLoaded }: { readonly campaigns: Campaigns; readonly onLoaded: () => void }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new UploadModel(client));
  const preview = useStore(model.preview);
  const result = useStore(model.result);
  const { busy, error } = useStore(model.sending);
  const [chosen, setCampaign] = useState("");
  const [kind, setKind] = useState<UploadKind>("list");
  const [mapping, setMapping] = useState(GUESS);
  const [file, setFile] = useState<File | null>(null);
  const campaign = chosen === "" && campaigns.options.length === 1 ? (campaigns.options[0]?.id ?? "") : chosen;
  const mappings = useStore(model.mappings).filter((one) => one.kind === kind);
  const chosenMapping = mappings.some((one) => one.name === mapping) ? mapping : GUESS;
  useEffect(() => {
    if (campaign !== "") void model.loadMappings(campaign);
  }, [model, campaign]);
  const take = (next: File | null): void => {
    model.reset();
    setFile(next);
  };
  const send = (dryRun: boolean): void => {
    if (file !== null) void model.send(campaign, kind, file, dryRun, chosenMapping === GUESS ? "" : chosenMapping).then(() => !dryRun && onLoaded());
  };
  if (result !== null)
    return (
      <Panel title={t("deliveries.upload")}>
        <Notice tone={result.repeated ? "info" : "good"} live="polite">
          {t(result.repeated ? "deliveries.repeated" : "deliveries.loaded")}
        </Notice>
        <IntakeFacts intake={result} />
        <div>
          <Button onPress={() => take(null)}>{t("deliveries.again")}</Button>
        </div>
      </Panel>
    );
  return (
    <Panel
      title={t("deliveries.upload")}
      aside={
        <Button look="quiet" size="small" icon="file" onPress={() => void client.download("/import-template", { query: { format: "xlsx" } }).then((blob) => saveFile(blob, "sjabloon.xlsx"))}>
          {t("deliveries.template")}
        </Button>
      }
    >
      <div className="columns">
        <SelectInput label={t("deliveries.campaign")} value={campaign} onChange={setCampaign} options={campaigns.options} placeholder={t("deliveries.campaign.choose")} />
        <RadioGroup
          className="choices"
          value={kind}
          onChange={(value) => {
            model.reset();
            setKind(value as UploadKind);
          }}
        >
          <Label className="label">{t("deliveries.kind")}</Label>
          <div className="row">
            <RadioChoice value="list">
              {t("deliveries.kind.list")}
            </RadioChoice>
            <RadioChoice value="numbers">
              {t("deliveries.kind.numbers")}
            </RadioChoice>
            <RadioChoice value="visits">
              {t("deliveries.kind.visits")}
            </RadioChoice>
          </div>
        </RadioGroup>
        {mappings.length > 0 && (
          <SelectInput
            label={t("deliveries.mapping")}
            value={chosenMapping}
            onChange={(name) => {
              model.reset();
              setMapping(name);
            }}
            options={[{ id: GUESS, label: t("deliveries.mapping.guess") }, ...mappings.map(({ name }) => ({ id: name, label: name }))]}
          />
        )}
      </div>
      {kind === "visits" && <p className="muted">{t("deliveries.kind.visits.hint")}</p>}
      <FileDrop label={file === null ? t("deliveries.file") : file.name} hint={t("deliveries.file.drop")} onFile={take} />
      <ErrorNotice error={error} />
      <div className="row">
        <Button look={preview === null ? "primary" : "secondary"} isDisabled={busy || file === null || campaign === ""} onPress={() => send(true)}>
          {t("deliveries.dryRun")}
        </Button>
        {preview !== null && (
          <Button look="primary" isDisabled={busy} onPress={() => send(false)}>
            {t("deliveries.load")}
          </Button>
        )}
        <span className="muted" role="status">
          {busy ? t("app.loading") : t("deliveries.dryRun.hint")}
        </span>
      </div>
      {preview !== null && <IntakeFacts intake={preview} />}
      {preview !== null && <SaveMapping model={model} campaign={campaign} kind={kind} columns={preview.columns} name={chosenMapping === GUESS ? "" : chosenMapping} />}
    </Panel>
  );
}

interface SaveMappingProps {
  readonly model: UploadModel;
  readonly campaign: string;
  readonly kind: UploadKind;
  readonly columns: Readonly<Record<string, string>>;
  readonly name: string;
}

/** Next month's file is read as this one was. */
function SaveMapping({ model, campaign, kind, columns, name }: SaveMappingProps): ReactElement {
  const { t } = useWords();
  const saved = useStore(model.saved);
  const { busy, error } = useStore(model.saving);
  const [text, setText] = useState(name);
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        void model.saveMapping(campaign, kind, text, columns);
      }}
    >
      <TextInput label={t("deliveries.mapping.save")} hint={t("deliveries.mapping.hint")} value={text} onChange={setText} maxLength={60} />
      <Button type="submit" isDisabled={busy || text.trim() === ""}>
        {t("app.save")}
      </Button>
      <span className="muted" role="status">
        {saved !== null && t("deliveries.mapping.saved", { name: saved.name, version: saved.version })}
      </span>
      <ErrorNotice error={error} />
    </form>
  );
}

export function Counts({ counts }: { readonly counts: Readonly<Record<string, number>> }): ReactElement {
  const { code, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  return (
    <span className="row row--tight">
      {Object.entries(counts).map(([name, count]) => (
        <Badge key={name} tone={name === "refused" && count > 0 ? "warn" : "plain"}>
          {code("count", name)} {number.format(count)}
        </Badge>
      ))}
    </span>
  );
}

type Row = readonly [index: number, values: Readonly<Record<string, string>>];

export function IntakeFacts({ intake }: { readonly intake: Intake }): ReactElement {
  const { t } = useWords();
  const fields = Object.keys(intake.columns);
  return (
    <div className="stack">
      <Counts counts={intake.counts} />
      {intake.rows.length > 0 && (
        <div>
          <h3>{t("deliveries.rows")}</h3>
          <DataTable<Row>
            label={t("deliveries.rows")}
            rows={intake.rows.map((row, index) => [index, row] as const)}
            columns={fields.map((field) => ({ head: intake.columns[field] ?? field, cell: ([, values]) => values[field] ?? "" }))}
            id={([index]) => String(index)}
          />
        </div>
      )}
      <div>
        <h3>{t("deliveries.refusals")}</h3>
        {intake.refusals.length === 0 ? (
          <p className="muted">{t("deliveries.refusals.none")}</p>
        ) : (
          <DataTable
            label={t("deliveries.refusals")}
            rows={intake.refusals}
            columns={[
              { head: t("deliveries.row"), cell: (refusal) => refusal.row, align: "end" },
              { head: t("deliveries.column"), cell: (refusal) => refusal.column },
              { head: t("app.reason"), cell: (refusal) => <span className="row row--tight">{refusal.text}{!refusal.fatal && <Badge>{t("deliveries.cellDropped")}</Badge>}</span> },
            ]}
            id={(refusal) => `${refusal.row} ${refusal.column} ${refusal.reason}`}
          />
        )}
        {intake.refusals_cut && <p className="muted">{t("deliveries.refusals.cut", { n: intake.refusals.length })}</p>}
      </div>
    </div>
  );
}
