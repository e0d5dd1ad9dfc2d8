import { type ReactElement, useEffect } from "react";
import type { DayBook } from "../../api/types";
import { clock, dateTime, day as dayOf } from "../../domain/dates";
import { abandonedShare, type Worry, worries } from "../../domain/day";
import { DayModel, type DayView } from "../../state/day";
import { useApp, useWords, type Words } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Icon } from "../../ui/icon";
import { Badge, Empty, ErrorNotice, Link, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { ClosePanel } from "./close-panel";
import { PresencePanel } from "./presence-panel";
import { TeamTimePanel } from "./team-time-panel";

/** What the day starts with, and what came of it so far. */
export function DayPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new DayModel(client));
  const { data, error } = useStore(model.view);
  useEffect(() => model.start(), [model]);
  return (
    <>
      <PageHead title={t("day.title")}>{data !== null && <span className="muted">{t("day.updated", { at: clock(data.day.at, locale) })}</span>}</PageHead>
      <div className="stack stack--wide">
        <ErrorNotice error={error} onRetry={() => void model.view.reload()} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data !== null && (
          <>
            <div className="page-grid page-grid--wide-aside">
              <Attention view={data} />
              <Who />
            </div>
            <Campaigns day={data.day} />
            <Appointments view={data} />
            <ClosePanel day={data.day} />
            <PresencePanel />
            <TeamTimePanel names={data.names} />
          </>
        )}
      </div>
    </>
  );
}

function sentenceOf({ t, locale }: Words, worry: Worry, names: DayView["names"]): string {
  switch (worry.kind) {
    case "missed":
      return t(worry.count === 1 ? "day.worry.missed.one" : "day.worry.missed", { count: worry.count });
    case "crisis":
      return t("day.worry.crisis", { name: worry.name, count: worry.count });
    case "abandoned": {
      const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
      const when = worry.hours < 24 ? t("day.when.hours", { hours: worry.hours }) : t("day.when.today");
      return t("day.worry.abandoned", { name: worry.name, when, share: percent.format(worry.share), bound: percent.format(worry.bound) });
    }
    case "difference":
    case "late":
    case "dead":
    case "deadFiles":
    case "deadReports":
    case "question":
    case "complaint":
    case "lateComplaint":
    case "withdrawn":
      return t(worry.count === 1 ? `day.worry.${worry.kind}.one` : `day.worry.${worry.kind}`, { count: worry.count });
    case "file":
      return t("day.worry.file", { name: worry.name, at: dateTime(worry.due, locale) });
    case "silent":
      return t("day.worry.silent", { name: worry.name, at: dateTime(worry.at, locale) });
    case "callback":
      return t("day.worry.callback", { name: worry.name, at: dateTime(worry.since, locale) });
    case "loading":
    case "list":
      return t(`day.worry.${worry.kind}`, { name: worry.name });
    case "oldList":
      return t("day.worry.oldList", { name: worry.name, date: dayOf(worry.at, locale) });
    case "wrapUp": {
      const name = names.get(worry.user) ?? worry.user.slice(-8);
      return t(worry.count === 1 ? "day.worry.wrapUp.one" : "day.worry.wrapUp", { name, count: worry.count, at: clock(worry.oldest, locale) });
    }
  }
}

const URGENT: ReadonlySet<Worry["kind"]> = new Set(["missed", "crisis", "abandoned", "withdrawn", "late", "lateComplaint", "difference"]);

function Attention({ view }: { readonly view: DayView }): ReactElement {
  const words = useWords();
  const found = worries(view.day);
  return (
    <Panel title={words.t("day.attention")}>
      {found.length === 0 ? (
        <ul className="lines">
          <li className="check check--good">
            <Icon name="check" />
            <span>{words.t("day.attention.none")}</span>
          </li>
        </ul>
      ) : (
        <ul className="lines">
          {found.map((worry) => {
            const text = sentenceOf(words, worry, view.names);
            return (
              <li key={text} className={`check check--${URGENT.has(worry.kind) ? "bad" : "warn"}`}>
                <Icon name="warning" />
                <span>{text}</span>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}

/** From the live feed, so that it is true at this moment. */
function Who(): ReactElement {
  const { hub } = useApp();
  const { t } = useWords();
  const { floor } = useStore(hub);
  const present = (floor?.agents ?? []).filter(({ state }) => state !== "off");
  return (
    <Panel title={t("day.who")}>
      {present.length === 0 ? (
        <p className="muted">{t("day.who.none")}</p>
      ) : (
        <ul className="lines">
          {present.map(({ user, name, state }) => (
            <li key={user} className="line">
              <span>{name}</span>
              <span className="muted">{t(`duty.${state}`)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Campaigns({ day }: { readonly day: DayBook }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  type Row = DayBook["campaigns"][number];
  const counted = (head: Parameters<typeof t>[0], value: (row: Row) => number) => ({ head: t(head), cell: (row: Row) => number.format(value(row)), align: "end" as const });
  return (
    <Panel title={t("day.campaigns")}>
      {day.campaigns.length === 0 ? (
        <Empty>{t("day.campaigns.none")}</Empty>
      ) : (
        <DataTable<Row>
          label={t("day.campaigns")}
          rows={day.campaigns}
          id={({ campaign }) => campaign}
          columns={[
            { head: t("day.campaign"), cell: ({ campaign, name }) => <Link to={`/campaigns/${campaign}`}>{name}</Link> },
            counted("day.endsSoon", (row) => row.ends_soon),
            counted("day.callbacks", (row) => row.callbacks),
            { head: t("day.lastList"), cell: ({ last_list_at: at }) => (at === null ? t("app.none") : dayOf(at, locale)) },
            counted("day.dialled", (row) => row.dialled),
            counted("day.answered", (row) => row.answered),
            counted("day.reached", (row) => row.reached),
            {
              head: t("day.reach"),
              align: "end",
              cell: ({ reach, promised }) =>
                reach === null ? t("app.none") : promised === null ? percent.format(reach) : t("day.reach.of", { reach: percent.format(reach), promised: percent.format(promised) }),
            },
            {
              head: t("day.abandoned"),
              align: "end",
              cell: (row) => {
                const today = abandonedShare(row);
                return today === null ? t("app.none") : `${number.format(row.abandoned_within)} (${percent.format(today.share)} / ${percent.format(today.bound)})`;
              },
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Appointments({ view: { day, names } }: { readonly view: DayView }): ReactElement {
  const { t, locale } = useWords();
  const campaigns = new Map(day.campaigns.map(({ campaign, name }) => [campaign, name]));
  const more = day.appointments_total - day.appointments.length;
  return (
    <Panel title={t("day.appointments")}>
      {day.appointments.length === 0 ? (
        <p className="muted">{t("day.appointments.none")}</p>
      ) : (
        <DataTable
          label={t("day.appointments")}
          rows={day.appointments}
          id={(row) => row.case}
          columns={[
            {
              head: t("day.at"),
              cell: ({ at, missed, crisis }) => (
                <span className="row row--tight">
                  <strong>{clock(at, locale)}</strong>
                  {missed && <Badge tone="bad">{t("day.missed")}</Badge>}
                  {crisis && <Badge tone="bad">{t("dossier.crisis")}</Badge>}
                </span>
              ),
            },
            { head: t("day.case"), cell: (row) => <Link to={`/cases/${row.case}`}>{`${t("day.open")} ${row.case.slice(-8)}`}</Link> },
            { head: t("day.campaign"), cell: ({ campaign }) => campaigns.get(campaign) ?? t("app.none") },
            { head: t("day.agent"), cell: ({ agent }) => (agent === null ? t("app.none") : (names.get(agent) ?? agent.slice(-8))) },
          ]}
        />
      )}
      {more > 0 && <p className="muted">{t("day.appointments.more", { count: more })}</p>}
    </Panel>
  );
}
