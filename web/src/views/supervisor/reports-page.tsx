import { type ReactElement, useEffect, useState } from "react";
import type { ExpectedOfCampaign } from "../../api/types";
import { dateTime, day } from "../../domain/dates";
import { monthOf } from "../../domain/report";
import { ReportsModel } from "../../state/reports";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { DataTable, PagedTable } from "../../ui/data-table";
import { DateInput, SelectInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Link, Notice, PageHead, Panel } from "../../ui/parts";
import { router } from "../../ui/router";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { ReportSchedules } from "./report-schedules";

/** Is reach as agreed, ask a report, and what was asked before. */
export function ReportsPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const clients = useMay("client.read");
  const model = useModel(() => new ReportsModel(client, clients));
  const pages = useStore(model.list);
  useEffect(() => void model.reload(), [model]);
  return (
    <>
      <PageHead title={t("reports.title")} />
      <div className="stack stack--wide">
        <Expected model={model} />
        <div className="page-grid">
          <Panel title={t("reports.before")}>
            <PagedTable
              label={t("reports.before")}
              pages={pages}
              none={t("reports.none")}
              onRetry={() => void model.list.reload()}
              onMore={() => void model.list.more()}
              id={({ id }) => id}
              columns={[
                {
                  head: t("reports.asked"),
                  cell: ({ id, at, automatic }) => (
                    <>
                      <Link to={`/reports/${id}`}>{dateTime(at, locale)}</Link> {automatic && <Badge>{t("schedules.made")}</Badge>}
                    </>
                  ),
                },
                { head: t("reports.about"), cell: ({ client_name: of, campaign_name: name }) => (name === "" ? t("reports.all", { client: of }) : name) },
                { head: t("reports.period"), cell: ({ first_day: first, last_day: last }) => t("reports.from-to", { first: day(first, locale), last: day(last, locale) }) },
              ]}
            />
          </Panel>
          <AskReport model={model} />
        </div>
        <ReportSchedules model={model} />
      </div>
    </>
  );
}

function Expected({ model }: { readonly model: ReportsModel }): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = useStore(model.expected);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const share = (value: number | null): string => (value === null ? t("app.none") : percent.format(value));
  return (
    <Panel title={t("reports.expected")}>
      <ErrorNotice error={error} onRetry={() => void model.expected.reload()} />
      {data?.length === 0 && <Empty>{t("reports.expected.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <div className="stack">
          {data.filter(({ verdict }) => verdict === "below" || verdict === "above").map(({ campaign, name, text }) => (
            <Notice key={campaign} tone="warn">
              <strong>{name}</strong> {text}
            </Notice>
          ))}
          <DataTable<ExpectedOfCampaign>
            label={t("reports.expected")}
            rows={data}
            id={({ campaign }) => campaign}
            columns={[
              { head: t("deliveries.campaign"), cell: ({ campaign, name }) => <Link to={`/campaigns/${campaign}`}>{name}</Link> },
              { head: t("reports.so-far"), align: "end", cell: (row) => share(row.share) },
              { head: t("reports.forecast"), align: "end", cell: ({ expected, low, high }) => (expected === null ? t("app.none") : t("home.expected.of", { reach: share(expected), low: share(low), high: share(high) })) },
              { head: t("reports.promised"), align: "end", cell: ({ promised, band_points: band }) => (promised === null ? t("app.none") : t("reports.band", { promised: share(promised), band })) },
              { head: t("reports.verdict"), cell: ({ verdict }) => t(`reports.verdict.${verdict}`) },
            ]}
          />
        </div>
      )}
    </Panel>
  );
}

function AskReport({ model }: { readonly model: ReportsModel }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.asking);
  const { data, error: failed } = useStore(model.subjects);
  const whole = useMay("case.read");
  const [chosen, setChosen] = useState("");
  const [period, setPeriod] = useState(() => monthOf(new Date()));
  const subjects = data ?? [];
  const subject = subjects.find(({ id }) => id === chosen) ?? subjects[0];
  const change = (then: () => void): void => {
    model.changed();
    then();
  };
  return (
    <Panel title={t("reports.ask")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (subject !== undefined) void model.ask(subject, period).then((made) => made !== null && router.go(`/reports/${made}`));
        }}
      >
        <ErrorNotice error={failed} onRetry={() => void model.subjects.reload()} />
        <SelectInput
          label={t("reports.about")}
          value={subject?.id ?? ""}
          onChange={(id) => change(() => setChosen(id))}
          options={subjects.map(({ id, campaign, name }) => ({ id, label: campaign === null ? t("reports.all", { client: name }) : name }))}
        />
        <DateInput label={t("reports.first")} value={period.first} onChange={(first) => change(() => setPeriod({ ...period, first }))} />
        <DateInput label={t("reports.last")} value={period.last} onChange={(last) => change(() => setPeriod({ ...period, last }))} />
        <p className="field__hint">{t(whole ? "reports.hint" : "reports.hint.months")}</p>
        <ErrorNotice error={error} />
        <Button look="primary" type="submit" isDisabled={busy || subject === undefined || period.first === "" || period.last === ""}>
          {t("reports.do")}
        </Button>
        <p role="status" className="muted">
          {busy && t("reports.counting")}
        </p>
      </form>
    </Panel>
  );
}
