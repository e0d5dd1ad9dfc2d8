import { type ReactElement, useEffect } from "react";
import type { Report } from "../../api/types";
import { dateTime, day } from "../../domain/dates";
import { ReportModel } from "../../state/reports";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Badge, Button, Empty, ErrorNotice, Link, Notice, PageHead, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { ReportRecords } from "./report-records";
import { ReportTable, Total } from "./report-tables";
import { ReportWork } from "./report-work";

/** One report: the same figures each time it is opened. */
export function ReportPage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new ReportModel(client, id));
  const { data, error } = useStore(model.report);
  const open = useMay("case.read") ? model.open : null;
  useEffect(() => void model.report.reload(), [model]);
  const back = { to: "/reports", text: t("reports.back") };
  if (data === null)
    return (
      <>
        <PageHead title={t("reports.one")} back={back} />
        <ErrorNotice error={error} onRetry={() => void model.report.reload()} />
        {error === null && <Empty>{t("app.loading")}</Empty>}
      </>
    );
  const about = data.campaign_name === "" ? t("reports.all", { client: data.client_name }) : `${data.campaign_name} (${data.client_name})`;
  return (
    <>
      <PageHead title={t("reports.one")} back={back} />
      <div className="stack stack--wide">
        <p>
          {about}. {t("reports.delivered", { first: day(data.first_day, locale), last: day(data.last_day, locale) })}{" "}
          <span className="muted">{t("reports.at", { at: dateTime(data.at, locale), version: data.definitions })}</span>
        </p>
        {!data.whole && <Notice>{t("reports.hidden")}</Notice>}
        <Files model={model} report={data} />
        <Total report={data} open={open} />
        <Expected report={data} />
        {data.tables.map((table) => (
          <ReportTable key={table.dimension} report={data} table={table} open={open} />
        ))}
        <Agreed report={data} />
        <Definitions report={data} />
        <ReportWork report={id} />
      </div>
      <ReportRecords model={model} />
    </>
  );
}

function Files({ model, report }: { readonly model: ReportModel; readonly report: Report }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.saving);
  const save = (format: "xlsx" | "pdf"): void => {
    void model.file(report.id, format).then((blob) => {
      if (blob !== null) saveFile(blob, `rapport-${report.first_day}-${report.last_day}.${format}`);
    });
  };
  return (
    <div className="stack">
      <div className="row" role="group" aria-label={t("reports.file")}>
        <Button icon="file" isDisabled={busy} onPress={() => save("pdf")}>
          {t("reports.file.pdf")}
        </Button>
        <Button icon="file" isDisabled={busy} onPress={() => save("xlsx")}>
          {t("reports.file.xlsx")}
        </Button>
      </div>
      <ErrorNotice error={error} />
    </div>
  );
}

function Expected({ report }: { readonly report: Report }): ReactElement {
  const { t, locale } = useWords();
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const share = (value: number | null): string => (value === null ? t("app.none") : percent.format(value));
  return (
    <Panel title={t("reports.expected")}>
      {report.expected.length === 0 && <Empty>{t("reports.expected.none")}</Empty>}
      {report.expected.map((one) => (
        <Notice key={one.campaign} tone={one.verdict === "below" || one.verdict === "above" ? "warn" : "info"}>
          <strong>{one.name}</strong>
          {one.expected !== null && <> {t("reports.forecast.of", { expected: share(one.expected), low: share(one.low), high: share(one.high), promised: share(one.promised) })}</>} {one.text}
        </Notice>
      ))}
      {report.expected.length > 0 && <p className="muted">{t("reports.expected.note")}</p>}
    </Panel>
  );
}

function Agreed({ report }: { readonly report: Report }): ReactElement {
  const { t, locale } = useWords();
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  type Line = Report["adjustments"][number];
  const forecast = (one: Line["after"]): string => (one?.expected == null ? t("app.none") : percent.format(one.expected));
  return (
    <Panel title={t("reports.agreed")}>
      {report.adjustments.length === 0 ? (
        <Empty>{t("reports.agreed.none")}</Empty>
      ) : (
        <DataTable<Line>
          label={t("reports.agreed")}
          rows={report.adjustments}
          id={({ id }) => id}
          columns={[
            { head: t("reports.agreed.on"), cell: ({ agreed_on: on }) => day(on, locale) },
            { head: t("deliveries.campaign"), cell: ({ campaign, campaign_name: name }) => <Link to={`/campaigns/${campaign}`}>{name}</Link> },
            { head: t("reports.agreed.what"), cell: ({ agreed }) => agreed },
            { head: t("reports.agreed.with"), cell: ({ agreed_with: who }) => who },
            { head: t("reports.agreed.by"), cell: ({ by, at }) => (by === "" ? dateTime(at, locale) : `${by}, ${dateTime(at, locale)}`) },
            { head: t("reports.agreed.before"), align: "end", cell: ({ before }) => forecast(before) },
            { head: t("reports.agreed.after"), align: "end", cell: ({ after }) => forecast(after) },
          ]}
        />
      )}
    </Panel>
  );
}

function Definitions({ report }: { readonly report: Report }): ReactElement {
  const { t } = useWords();
  return (
    <Panel title={t("reports.definitions")} aside={<Badge>{t("reports.version", { version: report.definitions })}</Badge>}>
      <dl className="report-words">
        {[...report.measures, ...report.shares].map(({ key, label, means }) => (
          <div key={key}>
            <dt>{label}</dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
