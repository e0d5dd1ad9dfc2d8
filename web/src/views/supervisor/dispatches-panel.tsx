import { type ReactElement, useEffect, useState } from "react";
import { type ApiError, asApiError } from "../../api/errors";
import type { Dispatch, Outlet } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { DispatchesModel, type Sent } from "../../state/dispatches";
import { useApp, useMay, useWords, type Words } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { SelectInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Notice, Panel, type Tone } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { How, planOf } from "./outlets-panel";
import type { Campaigns } from "./use-campaigns";

/** No outlet has this id. */
const ALL = "all";
const TONES: Readonly<Record<Dispatch["state"], Tone>> = { waiting: "info", sending: "info", retry: "warn", confirmed: "good", dead: "bad" };

/** Results as files: where they go, sent now, and the receipts. */
export function DispatchesPanel({ campaigns }: { readonly campaigns: Campaigns }): ReactElement | null {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new DispatchesModel(client));
  const outlets = useStore(model.outlets);
  const { error: failed } = useStore(model.acting);
  const sent = useStore(model.sent);
  useEffect(() => void model.load(), [model]);
  const steers = useMay("campaign.write");
  if (outlets.data?.length === 0 && !steers) return null; // none of the client's own business to make one
  const name = (id: string): string => outlets.data?.find((outlet) => outlet.id === id)?.name ?? t("app.none");
  return (
    <Panel
      title={t("dispatches.title")}
      aside={
        <Button size="small" onPress={() => void model.load()}>
          {t("app.refresh")}
        </Button>
      }
    >
      <p className="muted">{t("dispatches.intro")}</p>
      <ErrorNotice error={outlets.error} onRetry={() => void model.load()} />
      <ErrorNotice error={failed} />
      <div role="status">{sent !== null && <SentNotice sent={sent} name={name(sent.outlet)} />}</div>
      {outlets.data === null && outlets.error === null && <Empty>{t("app.loading")}</Empty>}
      {outlets.data?.length === 0 && <Empty>{t("dispatches.noOutlet")}</Empty>}
      {outlets.data !== null && outlets.data.length > 0 && (
        <>
          <Outlets model={model} outlets={outlets.data} campaigns={campaigns} />
          <Files model={model} outlets={outlets.data} name={name} />
        </>
      )}
    </Panel>
  );
}

function SentNotice({ sent, name }: { readonly sent: Sent; readonly name: string }): ReactElement {
  const { t } = useWords();
  const { files, lines, received, held } = sent;
  if (files === 0 && held) return <Notice tone="warn">{t("dispatches.sent.held", { name })}</Notice>;
  if (files === 0) return <Notice>{t("dispatches.sent.nothing", { name })}</Notice>;
  return <Notice tone={received ? "good" : "warn"}>{t(received ? "dispatches.sent" : "dispatches.sent.later", { name, lines })}</Notice>;
}

interface OutletsProps {
  readonly model: DispatchesModel;
  readonly outlets: readonly Outlet[];
  readonly campaigns: Campaigns;
}

function Outlets({ model, outlets, campaigns }: OutletsProps): ReactElement {
  const words = useWords();
  const { t, locale } = words;
  const { busy } = useStore(model.acting);
  const may = useMay("export.write");
  return (
    <DataTable
      label={t("dispatches.outlets")}
      rows={outlets}
      id={({ id }) => id}
      columns={[
        {
          head: t("places.name"),
          cell: ({ name, campaign }) => (
            <>
              <strong>{name}</strong>
              <div className="muted">{campaigns.name(campaign)}</div>
            </>
          ),
        },
        { head: t("outlets.when"), cell: (outlet) => planOf(words, outlet) },
        { head: t("sources.how"), cell: (outlet) => <How outlet={outlet} /> },
        { head: t("channels.last"), cell: ({ last_ok_at: at }) => (at === null ? t("app.none") : dateTime(at, locale)) },
        {
          head: t("floor.action"),
          cell: ({ id, name, state }) =>
            may && (
              <Button size="small" isDisabled={busy || state !== "on"} aria-label={t("dispatches.send.of", { name })} onPress={() => void model.sendNow(id)}>
                {t("dispatches.send")}
              </Button>
            ),
        },
      ]}
    />
  );
}

/** Where a file stands: its receipt, or why not and what follows. */
function stateOf({ t, locale }: Words, { state, done_at: done, due_at: due }: Dispatch): string {
  const at = dateTime(state === "confirmed" ? (done ?? due) : due, locale);
  return t(`dispatches.state.${state}`, { at });
}

interface FilesProps {
  readonly model: DispatchesModel;
  readonly outlets: readonly Outlet[];
  readonly name: (outlet: string) => string;
}

function Files({ model, outlets, name }: FilesProps): ReactElement {
  const words = useWords();
  const { t, locale } = words;
  const { data, error } = useStore(model.list);
  const { busy } = useStore(model.acting);
  const chosen = useStore(model.outlet);
  const may = useMay("export.write");
  const [failed, setFailed] = useState<ApiError | null>(null);
  const number = new Intl.NumberFormat(locale);
  const download = (dispatch: Dispatch): void => {
    setFailed(null);
    model.file(dispatch.id).then(
      (blob) => saveFile(blob, dispatch.name),
      (problem: unknown) => setFailed(asApiError(problem)),
    );
  };
  return (
    <>
      <h3>{t("dispatches.files")}</h3>
      <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
      <ErrorNotice error={failed} />
      {outlets.length > 1 && (
        <div className="filter">
          <SelectInput
            label={t("places.name")}
            value={chosen === "" ? ALL : chosen}
            onChange={(outlet) => void model.show(outlet === ALL ? "" : outlet)}
            options={[{ id: ALL, label: t("dispatches.all") }, ...outlets.map(({ id, name: label }) => ({ id, label }))]}
          />
        </div>
      )}
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data?.length === 0 && <Empty>{t("dispatches.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable
          label={t("dispatches.files")}
          rows={data}
          id={({ id }) => id}
          columns={[
            {
              head: t("dispatches.file"),
              cell: ({ name: file, outlet, created_at: at }) => (
                <>
                  <strong>{file}</strong>
                  <div className="muted">
                    {name(outlet)}, {dateTime(at, locale)}
                  </div>
                </>
              ),
            },
            {
              head: t("exports.lines"),
              align: "end",
              cell: ({ lines, replacements }) => (
                <>
                  {number.format(lines)}
                  {replacements > 0 && <div className="muted">{t("dispatches.replacements", { count: replacements })}</div>}
                </>
              ),
            },
            {
              head: t("campaigns.state"),
              cell: (dispatch) => (
                <div className="stack stack--tight">
                  <div>
                    <Badge tone={TONES[dispatch.state]}>{stateOf(words, dispatch)}</Badge>
                  </div>
                  {dispatch.error !== "" && <span>{t(`outlets.fault.${dispatch.error}`)}</span>}
                  {dispatch.state === "confirmed" && dispatch.sha256 !== "" && (
                    <details>
                      <summary>{t("dispatches.receipt")}</summary>
                      <span className="muted">{t("dispatches.receipt.text", { size: number.format(dispatch.size ?? 0), tries: dispatch.tries })}</span>
                      <code className="secret">{dispatch.sha256}</code>
                    </details>
                  )}
                </div>
              ),
            },
            {
              head: t("floor.action"),
              cell: (dispatch) => (
                <span className="row row--tight">
                  <Button size="small" icon="file" aria-label={t("dispatches.download.of", { name: dispatch.name })} onPress={() => download(dispatch)}>
                    {t("exports.download")}
                  </Button>
                  {may && dispatch.state === "dead" && (
                    <Button size="small" isDisabled={busy} aria-label={t("dispatches.resend.of", { name: dispatch.name })} onPress={() => void model.resend(dispatch.id)}>
                      {t("dead.resend")}
                    </Button>
                  )}
                </span>
              ),
            },
          ]}
        />
      )}
    </>
  );
}
