import { type ReactElement, useEffect, useState } from "react";
import type { ReportDelivery, ReportSchedule } from "../../api/types";
import { day as dayOf, dateTime } from "../../domain/dates";
import type { ReportsModel } from "../../state/reports";
import { useMay, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

const MONTH_DAYS = Array.from({ length: 28 }, (_, n) => n + 1);
/** No way out has this id. */
const NONE = "none";
const FORMATS = [
  { id: "pdf", label: "PDF" },
  { id: "xlsx", label: "XLSX" },
];
const WEEK_DAYS = [1, 2, 3, 4, 5, 6, 7];

/** Reports that are made by themselves. */
export function ReportSchedules({ model }: { readonly model: ReportsModel }): ReactElement {
  const { t } = useWords();
  const { data, error } = useStore(model.schedules);
  const { busy, error: failed } = useStore(model.scheduling);
  const mayWrite = useMay("campaign.write");
  const when = useWhen();
  return (
    <Panel title={t("schedules.title")}>
      <p className="muted">{t("schedules.note")}</p>
      <ErrorNotice error={error} onRetry={() => void model.schedules.reload()} />
      {data?.length === 0 && <Empty>{t("schedules.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable<ReportSchedule>
          label={t("schedules.title")}
          rows={data}
          id={({ id }) => id}
          columns={[
            { head: t("reports.about"), cell: (one) => about(one, t("reports.all", { client: one.client_name })) },
            { head: t("schedules.when"), cell: ({ every, day }) => when(every, day) },
            { head: t("schedules.to"), cell: (one) => <Where schedule={one} /> },
            ...(mayWrite
              ? [
                  {
                    head: t("floor.action"),
                    cell: (one: ReportSchedule) => (
                      <Button size="small" look="quiet" isDisabled={busy} aria-label={t("schedules.end.of", { name: about(one, one.client_name), when: when(one.every, one.day) })} onPress={() => void model.endSchedule(one.id)}>
                        {t("schedules.end")}
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {mayWrite && <AddSchedule model={model} busy={busy} />}
      <ErrorNotice error={failed} />
      <Brought model={model} mayWrite={mayWrite} busy={busy} />
    </Panel>
  );
}

function Where({ schedule: { format, mail_to: mail, outlet } }: { readonly schedule: ReportSchedule }): ReactElement {
  const { t } = useWords();
  if (mail === "" && outlet === null) return <span className="muted">{t("schedules.to.none")}</span>;
  return (
    <>
      {mail !== "" && <div>{mail}</div>}
      {outlet !== null && <div>{t("schedules.to.outlet")}</div>}
      <div className="muted">{format.toUpperCase()}</div>
    </>
  );
}

const TONES = { waiting: "info", sending: "info", retry: "warn", confirmed: "good", dead: "bad" } as const;

/** Receipts; nothing where nothing ever went. */
function Brought({ model, mayWrite, busy }: { readonly model: ReportsModel; readonly mayWrite: boolean; readonly busy: boolean }): ReactElement | null {
  const { t, locale } = useWords();
  const { data, error } = useStore(model.brought);
  if (error === null && (data === null || data.length === 0)) return null;
  const period = ({ first_day: first, last_day: last }: ReportDelivery): string => `${dayOf(first, locale)} - ${dayOf(last, locale)}`;
  return (
    <div className="stack">
      <h3>{t("brought.title")}</h3>
      <ErrorNotice error={error} onRetry={() => void model.brought.reload()} />
      <DataTable<ReportDelivery>
        label={t("brought.title")}
        rows={data ?? []}
        id={({ id }) => id}
        columns={[
          {
            head: t("reports.about"),
            cell: (one) => (
              <>
                {one.client_name}
                <div className="muted">{period(one)}</div>
              </>
            ),
          },
          { head: t("schedules.to"), cell: ({ way, format }) => `${t(`brought.way.${way}`)}, ${format.toUpperCase()}` },
          {
            head: t("campaigns.state"),
            cell: ({ state, error: fault }) => (
              <div className="stack stack--tight">
                <div>
                  <Badge tone={TONES[state]}>{t(`brought.state.${state}`)}</Badge>
                </div>
                {fault !== "" && <span>{t(`outlets.fault.${fault}`)}</span>}
              </div>
            ),
          },
          { head: t("brought.at"), cell: ({ done_at: at }) => (at === null ? t("app.none") : dateTime(at, locale)) },
          ...(mayWrite
            ? [
                {
                  head: t("floor.action"),
                  cell: (one: ReportDelivery) =>
                    one.state === "dead" && (
                      <Button size="small" isDisabled={busy} aria-label={t("brought.again.of", { client: one.client_name, period: period(one) })} onPress={() => void model.resend(one.id)}>
                        {t("brought.again")}
                      </Button>
                    ),
                },
              ]
            : []),
        ]}
      />
    </div>
  );
}

function about({ campaign_name: name }: ReportSchedule, all: string): string {
  return name === "" ? all : name;
}

function useWhen(): (every: ReportSchedule["every"], day: number) => string {
  const { t, locale } = useWords();
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  // 1 January 2024 was a Monday.
  return (every, day) => (every === "month" ? t("schedules.month", { day }) : t("schedules.week", { day: weekday.format(new Date(Date.UTC(2024, 0, day))) }));
}

function AddSchedule({ model, busy }: { readonly model: ReportsModel; readonly busy: boolean }): ReactElement {
  const { t } = useWords();
  const { data } = useStore(model.subjects);
  const [chosen, setChosen] = useState("");
  const [every, setEvery] = useState<ReportSchedule["every"]>("month");
  const [day, setDay] = useState(3);
  const [format, setFormat] = useState<ReportSchedule["format"]>("pdf");
  const [mail, setMail] = useState("");
  const [outlet, setOutlet] = useState("");
  const { data: outlets } = useStore(model.outlets);
  useEffect(() => void model.outlets.reload(), [model]);
  const when = useWhen();
  const subjects = data ?? [];
  const subject = subjects.find(({ id }) => id === chosen) ?? subjects[0];
  const places = (outlets ?? []).filter((one) => one.client === subject?.client && one.state === "on").map(({ id, name }) => ({ id, label: name }));
  const place = places.some(({ id }) => id === outlet) ? outlet : "";
  const days = every === "month" ? MONTH_DAYS : WEEK_DAYS;
  return (
    <form
      className="columns"
      onSubmit={(event) => {
        event.preventDefault();
        if (subject !== undefined) void model.schedule(subject, every, day, { format, mail, outlet: place }).then((done) => done && setMail(""));
      }}
    >
      <SelectInput
        label={t("reports.about")}
        value={subject?.id ?? ""}
        onChange={setChosen}
        options={subjects.map(({ id, campaign, name }) => ({ id, label: campaign === null ? t("reports.all", { client: name }) : name }))}
      />
      <SelectInput
        label={t("schedules.every")}
        value={every}
        onChange={(next) => {
          setEvery(next === "week" ? "week" : "month");
          setDay(1);
        }}
        options={[
          { id: "month", label: t("schedules.every.month") },
          { id: "week", label: t("schedules.every.week") },
        ]}
      />
      <SelectInput label={t("schedules.when")} value={String(day)} onChange={(next) => setDay(Number(next))} options={days.map((one) => ({ id: String(one), label: when(every, one) }))} />
      {every === "month" && <TextInput label={t("schedules.mail")} hint={t("schedules.mail.hint")} value={mail} onChange={setMail} maxLength={120} />}
      {places.length > 0 && <SelectInput label={t("schedules.outlet")} value={place === "" ? NONE : place} onChange={(next) => setOutlet(next === NONE ? "" : next)} options={[{ id: NONE, label: t("schedules.outlet.none") }, ...places]} />}
      {(mail.trim() !== "" || place !== "") && (
        <SelectInput label={t("schedules.format")} value={format} onChange={(next) => setFormat(next === "xlsx" ? "xlsx" : "pdf")} options={FORMATS} />
      )}
      <div className="row row--end">
        <Button type="submit" isDisabled={busy || subject === undefined}>
          {t("schedules.add")}
        </Button>
      </div>
    </form>
  );
}
