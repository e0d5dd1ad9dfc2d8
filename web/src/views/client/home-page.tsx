import { type ReactElement, useEffect, useState } from "react";
import { type ApiError, asApiError } from "../../api/errors";
import type { ClientHome, Delivery, Export } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { listPath } from "../../domain/follow-up";
import type { MessageKey } from "../../i18n";
import { ClientHomeModel } from "../../state/client-home";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Badge, Button, Empty, ErrorNotice, Link, PageHead, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { Counts } from "../supervisor/upload-panel";
import { type Campaigns, useCampaigns } from "../supervisor/use-campaigns";

/** Where the client's people begin: what waits for them, how it goes, and the latest files. */
export function HomePage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new ClientHomeModel(client));
  const campaigns = useCampaigns();
  const { data, error } = useStore(model.home);
  const [failed, setFailed] = useState<ApiError | null>(null);
  useEffect(() => void model.reload(), [model]);
  const save = (file: Promise<Blob>, name: string): void => {
    setFailed(null);
    file.then(
      (blob) => saveFile(blob, name),
      (problem: unknown) => setFailed(asApiError(problem)),
    );
  };
  return (
    <>
      <PageHead title={t("home.title")} />
      <div className="stack stack--wide">
        <ErrorNotice error={error} onRetry={() => void model.reload()} />
        <ErrorNotice error={failed} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data !== null && (
          <>
            <Waiting home={data} />
            <Reached home={data} />
          </>
        )}
        <Deliveries model={model} campaigns={campaigns} save={save} />
        <Exports model={model} campaigns={campaigns} save={save} />
      </div>
    </>
  );
}

interface Waits {
  readonly to: string;
  readonly title: MessageKey;
  readonly count: number;
  readonly text: string;
  readonly urgent: boolean;
}

function Waiting({ home }: { readonly home: ClientHome }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  const lists = home.lists.map<Waits>(({ list, open, overdue, crisis }) => ({
    to: listPath(list),
    title: `follow.${list}`,
    count: open,
    text: [overdue > 0 ? t(list === "appointment" ? "home.been" : "home.overdue", { count: number.format(overdue) }) : "", crisis > 0 ? t("home.crisis", { count: number.format(crisis) }) : ""].filter((part) => part !== "").join(", "),
    urgent: overdue > 0 || crisis > 0,
  }));
  const { open, answered, unread } = home.questions;
  const questions: Waits = {
    to: "/questions", title: "questions.title", count: answered + open,
    text: unread > 0 ? t(unread === 1 ? "home.unread.one" : "home.unread", { count: unread }) : open > 0 ? t("home.asked", { count: open }) : "",
    urgent: unread > 0,
  };
  return (
    <Panel title={t("home.waiting")}>
      <ul className="tiles tiles--links">
        {[...lists, questions].map(({ to, title, count, text, urgent }) => (
          <li key={to} className={`tile ${urgent ? "tile--warn" : ""}`}>
            <Link to={to}>
              <span className="big-number">
                <strong>{number.format(count)}</strong>
              </span>
              {t(title)}
            </Link>
            <span className="muted">{text === "" ? t(count === 0 ? "home.nothing" : "home.calm") : text}</span>
          </li>
        ))}
      </ul>
      {home.scripts_waiting > 0 && (
        <p>
          <Link to="/scripts">{t(home.scripts_waiting === 1 ? "home.scripts.one" : "home.scripts", { count: home.scripts_waiting })}</Link>
        </p>
      )}
      {home.knowledge_waiting > 0 && (
        <p>
          <Link to="/knowledge">{t(home.knowledge_waiting === 1 ? "home.knowledge.one" : "home.knowledge", { count: home.knowledge_waiting })}</Link>
        </p>
      )}
    </Panel>
  );
}

function Reached({ home }: { readonly home: ClientHome }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  type Row = ClientHome["campaigns"][number];
  const share = (value: number | null): string => (value === null ? t("app.none") : percent.format(value));
  const expected = ({ expected: one }: Row): string =>
    one === null ? t("app.none") : t("home.expected.of", { reach: percent.format(one.reach), low: percent.format(one.low), high: percent.format(one.high) });
  return (
    <Panel title={t("home.reach")}>
      {home.campaigns.length === 0 ? (
        <Empty>{t("home.reach.none")}</Empty>
      ) : (
        <DataTable<Row>
          label={t("home.reach")}
          rows={home.campaigns}
          id={({ campaign }) => campaign}
          columns={[
            { head: t("deliveries.campaign"), cell: ({ campaign, name }) => <Link to={`/campaigns/${campaign}`}>{name}</Link> },
            { head: t("campaigns.state"), cell: ({ state }) => <Badge tone={state === "running" ? "good" : "plain"}>{t(`campaign.state.${state}`)}</Badge> },
            { head: t("home.callable"), align: "end", cell: ({ callable }) => (callable === null ? t("app.none") : number.format(callable)) },
            { head: t("home.reached"), align: "end", cell: ({ reached }) => (reached === null ? t("app.none") : number.format(reached)) },
            {
              head: t("home.share"),
              align: "end",
              cell: (row) => (
                <span className="row row--tight row--end row--nowrap">
                  <strong>{share(row.share)}</strong>
                  <Meter share={row.share} promised={row.promised} />
                </span>
              ),
            },
            { head: t("home.promised"), align: "end", cell: ({ promised }) => share(promised) },
            { head: t("home.expected"), align: "end", cell: expected },
          ]}
        />
      )}
    </Panel>
  );
}

/** The share reached, with a line where the promise is. The numbers stand beside it. */
function Meter({ share, promised }: { readonly share: number | null; readonly promised: number | null }): ReactElement | null {
  if (share === null) return null;
  const at = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <svg className="meter" viewBox="0 0 100 10" aria-hidden="true" preserveAspectRatio="none">
      <rect className="meter__all" width="100" height="10" />
      <rect className="meter__share" width={at(share)} height="10" />
      {promised !== null && <rect className="meter__mark" x={Math.min(98, at(promised))} width="2" height="10" />}
    </svg>
  );
}

interface FilesProps {
  readonly model: ClientHomeModel;
  readonly campaigns: Campaigns;
  readonly save: (file: Promise<Blob>, name: string) => void;
}

function Deliveries({ model, campaigns, save }: FilesProps): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = useStore(model.deliveries);
  return (
    <Panel title={t("home.deliveries")} aside={<Link to="/deliveries">{t("home.all")}</Link>}>
      <ErrorNotice error={error} onRetry={() => void model.deliveries.reload()} />
      {data?.length === 0 && <Empty>{t("deliveries.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable<Delivery>
          label={t("home.deliveries")}
          rows={data}
          id={({ id }) => id}
          columns={[
            { head: t("deliveries.received"), cell: ({ received_at: at }) => dateTime(at, locale) },
            { head: t("deliveries.campaign"), cell: ({ campaign }) => campaigns.name(campaign) },
            { head: t("deliveries.kind"), cell: ({ kind }) => t(`deliveries.kind.${kind}`) },
            { head: t("home.receipt"), cell: ({ counts }) => <Counts counts={counts} /> },
            {
              head: t("exports.download"),
              cell: ({ id, counts }) =>
                (counts["refused"] ?? 0) > 0 ? (
                  <Button size="small" icon="file" onPress={() => save(model.refusals(id), `weigeringen-${id.slice(-8)}.csv`)}>
                    {t("deliveries.refusals.download")}
                  </Button>
                ) : (
                  <span className="muted">{t("deliveries.refusals.none")}</span>
                ),
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Exports({ model, campaigns, save }: FilesProps): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = useStore(model.exports);
  return (
    <Panel title={t("home.exports")} aside={<Link to="/exports">{t("home.all")}</Link>}>
      <ErrorNotice error={error} onRetry={() => void model.exports.reload()} />
      {data?.length === 0 && <Empty>{t("exports.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable<Export>
          label={t("home.exports")}
          rows={data}
          id={({ id }) => id}
          columns={[
            { head: t("exports.made"), cell: ({ created_at: at }) => dateTime(at, locale) },
            { head: t("deliveries.campaign"), cell: ({ campaign }) => campaigns.name(campaign) },
            { head: t("exports.kind"), cell: ({ kind }) => t(`exports.kind.${kind}`) },
            { head: t("exports.lines"), cell: ({ lines }) => lines, align: "end" },
            {
              head: t("exports.download"),
              cell: ({ id, created_at: at }) => (
                <span className="row row--tight">
                  {(["csv", "xlsx"] as const).map((format) => (
                    <Button key={format} size="small" icon="file" onPress={() => save(model.results(id, format), `resultaten-${at.slice(0, 10)}-${id.slice(-8)}.${format}`)}>
                      {format.toUpperCase()}
                    </Button>
                  ))}
                </span>
              ),
            },
            { head: t("campaigns.state"), cell: ({ confirmed_at: at }) => <Badge tone={at === null ? "warn" : "good"}>{at === null ? t("exports.open") : t("exports.confirmed", { at: dateTime(at, locale) })}</Badge> },
          ]}
        />
      )}
    </Panel>
  );
}
