import { type ReactElement, useEffect, useState } from "react";
import { Label, RadioGroup } from "react-aria-components";
import { type ApiError, asApiError } from "../../api/errors";
import type { Export } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { ExportsModel } from "../../state/office";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { RadioChoice } from "../../ui/choices";
import { PagedTable } from "../../ui/data-table";
import { SelectInput } from "../../ui/fields";
import { Badge, Button, ErrorNotice, PageHead, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { DdasDownload } from "./ddas-download";
import { DispatchesPanel } from "./dispatches-panel";
import { DuePanel } from "./due-panel";
import { type Campaigns, useCampaigns } from "./use-campaigns";

export function ExportsPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const campaigns = useCampaigns();
  const model = useModel(() => new ExportsModel(client));
  const pages = useStore(model.list);
  const { busy, error } = useStore(model.making);
  const mayWrite = useMay("export.write");
  const [failed, setFailed] = useState<ApiError | null>(null);
  useEffect(() => void model.list.reload(), [model]);
  const download = (row: Export, format: "csv" | "xlsx"): void => {
    setFailed(null);
    model.file(row.id, format).then(
      (blob) => saveFile(blob, `resultaten-${row.created_at.slice(0, 10)}-${row.id.slice(-8)}.${format}`),
      (problem: unknown) => setFailed(asApiError(problem)),
    );
  };
  return (
    <>
      <PageHead title={t("exports.title")} />
      <div className="stack stack--wide">
      <div className={mayWrite ? "page-grid" : "stack"}>
        <Panel>
          <ErrorNotice error={failed ?? error} />
          <PagedTable
            label={t("exports.title")}
            pages={pages}
            none={t("exports.none")}
            onRetry={() => void model.list.reload()}
            onMore={() => void model.list.more()}
            id={(row) => row.id}
            columns={[
              { head: t("exports.made"), cell: (row) => dateTime(row.created_at, locale) },
              { head: t("deliveries.campaign"), cell: (row) => campaigns.name(row.campaign) },
              { head: t("exports.kind"), cell: (row) => t(`exports.kind.${row.kind}`) },
              { head: t("exports.lines"), cell: (row) => row.lines, align: "end" },
              {
                head: t("exports.download"),
                cell: (row) => (
                  <span className="row row--tight">
                    {(["csv", "xlsx"] as const).map((format) => (
                      <Button key={format} size="small" icon="file" onPress={() => download(row, format)}>
                        {format.toUpperCase()}
                      </Button>
                    ))}
                  </span>
                ),
              },
              {
                head: t("campaigns.state"),
                cell: (row) =>
                  row.confirmed_at !== null ? (
                    <Badge tone="good">{t("exports.confirmed", { at: dateTime(row.confirmed_at, locale) })}</Badge>
                  ) : mayWrite ? (
                    <Button size="small" isDisabled={busy} onPress={() => void model.confirm(row.id)}>
                      {t("exports.confirm")}
                    </Button>
                  ) : (
                    <Badge>{t("exports.open")}</Badge>
                  ),
              },
            ]}
          />
        </Panel>
        {mayWrite && <NewExport model={model} campaigns={campaigns} />}
      </div>
      <DispatchesPanel campaigns={campaigns} />
      <DuePanel campaigns={campaigns} />
      <DdasDownload campaigns={campaigns} />
      </div>
    </>
  );
}

function NewExport({ model, campaigns }: { readonly model: ExportsModel; readonly campaigns: Campaigns }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.making);
  const [chosen, setCampaign] = useState("");
  const [kind, setKind] = useState<"full" | "delta">("delta");
  const campaign = chosen === "" && campaigns.options.length === 1 ? (campaigns.options[0]?.id ?? "") : chosen;
  return (
    <Panel title={t("exports.make")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void model.make(campaign, kind);
        }}
      >
        <SelectInput label={t("deliveries.campaign")} value={campaign} onChange={setCampaign} options={campaigns.options} placeholder={t("deliveries.campaign.choose")} />
        <RadioGroup className="choices" value={kind} onChange={(value) => setKind(value as "full" | "delta")}>
          <Label className="label">{t("exports.kind")}</Label>
          <div className="row">
            <RadioChoice value="delta">
              {t("exports.kind.delta")}
            </RadioChoice>
            <RadioChoice value="full">
              {t("exports.kind.full")}
            </RadioChoice>
          </div>
        </RadioGroup>
        <p className="field__hint">{t("exports.kind.delta.hint")}</p>
        <Button look="primary" type="submit" isDisabled={busy || campaign === ""}>
          {t("exports.do")}
        </Button>
      </form>
    </Panel>
  );
}
