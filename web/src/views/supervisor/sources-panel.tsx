import { type ReactElement, useEffect, useState } from "react";
import type { Source } from "../../api/types";
import { DAYS } from "../../domain/campaign-form";
import { dateTime } from "../../domain/dates";
import { SourcesModel } from "../../state/sources";
import { useApp, useMay, useWords, type Words } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Badge, Button, Empty, ErrorNotice, Link, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { PublicKeys } from "./place-fields";
import { SourceEditor } from "./source-editor";
import { type Campaigns, useCampaigns } from "./use-campaigns";

interface Props {
  /** Of one client, where they are made and changed; null: an overview of all. */
  readonly client: string | null;
}

/** Where lists are fetched, how that goes, and what did not come. */
export function SourcesPanel({ client: of }: Props): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const campaigns = useCampaigns();
  const model = useModel(() => new SourcesModel(client, of));
  const { data, error } = useStore(model.list);
  const { error: failed } = useStore(model.acting);
  const mayWrite = useMay("client.write");
  const [editing, setEditing] = useState<string | null>(null);
  useEffect(() => void Promise.all([model.list.reload(), model.mappings.reload()]), [model]);
  const edited = data?.find(({ id }) => id === editing) ?? null;
  const makes = mayWrite && of !== null;
  return (
    <div className={makes ? "page-grid" : "stack"}>
      <Panel title={t("sources.title")}>
        <p className="muted">{t(of === null ? "sources.intro.all" : "sources.intro")}</p>
        <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
        <ErrorNotice error={failed} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data?.length === 0 && <Empty>{t("sources.none")}</Empty>}
        {data !== null && data.length > 0 && (
          <>
            <List model={model} sources={data} campaigns={campaigns} mayWrite={mayWrite} onEdit={of === null ? null : setEditing} />
            <PublicKeys places={data} />
          </>
        )}
      </Panel>
      {makes && (
        <SourceEditor key={edited === null ? "new" : `${edited.id} ${edited.version}`} model={model} source={edited} campaigns={campaigns.of(of)} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}

function expectedOf({ t }: Words, { weekdays, month_days: dates, by }: Source): string {
  const days = [...weekdays.map((day) => t(`settings.day.${DAYS[day] ?? "mon"}`).toLowerCase()), ...dates.map(String)];
  return days.length === 0 ? t("sources.expected.never") : t("sources.by", { days: days.join(", "), by });
}

interface ListProps {
  readonly model: SourcesModel;
  readonly sources: readonly Source[];
  readonly campaigns: Campaigns;
  readonly mayWrite: boolean;
  /** null: not here, but on the client's own page. */
  readonly onEdit: ((source: string) => void) | null;
}

function List({ model, sources, campaigns, mayWrite, onEdit }: ListProps): ReactElement {
  const words = useWords();
  const { t, locale } = words;
  const { busy } = useStore(model.acting);
  return (
    <DataTable
      label={t("sources.title")}
      rows={sources}
      id={({ id }) => id}
      columns={[
        {
          head: t("sources.name"),
          cell: ({ name, kind, path, host, campaign, holds }) => (
            <>
              <strong>{name}</strong>
              <div className="muted">
                {t(`sources.kind.${kind}`)}, {host === "" ? path : `${host}:${path}`}
              </div>
              <div className="muted">
                {campaigns.name(campaign)}, {t(`deliveries.kind.${holds}`).toLowerCase()}
              </div>
            </>
          ),
        },
        { head: t("sources.how"), cell: (source) => <How source={source} /> },
        { head: t("sources.expected"), cell: (source) => expectedOf(words, source) },
        { head: t("sources.looked"), cell: ({ looked_at: at }) => (at === null ? t("app.none") : dateTime(at, locale)) },
        {
          head: t("floor.action"),
          cell: (source) =>
            mayWrite && (
              <span className="row row--tight">
                <Button size="small" isDisabled={busy || !source.on} aria-label={t("sources.look.of", { name: source.name })} onPress={() => void model.look(source.id)}>
                  {t("sources.look")}
                </Button>
                {onEdit === null ? (
                  <Link to={`/clients/${source.client}/files`}>{t("files.open")}</Link>
                ) : (
                  <Button size="small" aria-label={t("channels.edit.of", { name: source.name })} onPress={() => onEdit(source.id)}>
                    {t("channels.edit")}
                  </Button>
                )}
                <Button
                  size="small"
                  isDisabled={busy}
                  aria-label={t(source.on ? "sources.stop.of" : "sources.start.of", { name: source.name })}
                  onPress={() => void model.watch(source, !source.on)}
                >
                  {t(source.on ? "sources.stop" : "sources.start")}
                </Button>
              </span>
            ),
        },
      ]}
    />
  );
}

function How({ source }: { readonly source: Source }): ReactElement {
  const { t, locale } = useWords();
  const { on, last_error: fault, missing_since: missing } = source;
  if (!on) return <Badge>{t("sources.off")}</Badge>;
  return (
    <div className="stack stack--tight">
      {missing !== null && (
        <div>
          <Badge tone="bad">{t("sources.missing", { at: dateTime(missing, locale) })}</Badge>
        </div>
      )}
      {fault !== "" && <span>{t(`sources.fault.${fault}`)}</span>}
      {missing === null && fault === "" && (
        <div>
          <Badge tone="good">{t("sources.good")}</Badge>
        </div>
      )}
    </div>
  );
}
