import { type ReactElement, useEffect } from "react";
import { day } from "../../domain/dates";
import { type TrendRow, trendTable } from "../../domain/quality";
import { TrendsModel } from "../../state/quality";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Empty, ErrorNotice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { QualityTabs } from "./tabs";

const WEEKS = 6;

/** Scores by week, of the team and of each agent. */
export function TrendsPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new TrendsModel(client));
  const { data, error } = useStore(model.trends);
  useEffect(() => void model.trends.reload(), [model]);
  const { weeks, rows } = trendTable(data ?? [], WEEKS);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  return (
    <>
      <PageHead title={t("quality.title")} />
      <div className="stack stack--wide">
        <QualityTabs part="trends" />
        <Panel title={t("quality.trends")}>
          <p className="muted">{t("quality.trends.intro")}</p>
          <ErrorNotice error={error} onRetry={() => void model.trends.reload()} />
          {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
          {data !== null && rows.length === 0 && <Empty>{t("quality.trends.none")}</Empty>}
          {rows.length > 0 && (
            <DataTable<TrendRow>
              label={t("quality.trends")}
              rows={rows}
              id={(row) => row.agent ?? "team"}
              columns={[
                { head: t("floor.agent"), cell: (row) => (row.agent === null ? <strong>{t("quality.team")}</strong> : row.name) },
                ...weeks.map((week) => ({
                  head: t("quality.week", { day: day(week, locale) }),
                  align: "end" as const,
                  cell: (row: TrendRow) => {
                    const found = row.weeks[week];
                    return found === undefined ? t("app.none") : `${found.score === null ? t("app.none") : String(found.score)} (${String(found.reviewed)})`;
                  },
                })),
                { head: t("quality.ftr"), align: "end", cell: (row) => (row.reviewed === 0 ? t("app.none") : percent.format(row.right / row.reviewed)) },
              ]}
            />
          )}
        </Panel>
      </div>
    </>
  );
}
