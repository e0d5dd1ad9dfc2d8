import { type ReactElement, useEffect } from "react";
import type { CalibrationShown } from "../../api/types";
import { day } from "../../domain/dates";
import { CalibrationModel } from "../../state/quality";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Empty, ErrorNotice, Fact, Facts, Link, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { useCatalogue } from "../supervisor/use-outcomes";
import { ClientChoice } from "./client-choice";
import { QualityTabs } from "./tabs";

type Pair = CalibrationShown["pairs"][number];

/** Records that both sides reviewed: how far they are apart. */
export function CalibrationPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new CalibrationModel(client));
  const { data, error } = useStore(model.shown);
  const outcomes = useCatalogue();
  useEffect(() => void model.open(), [model]);
  const both = (pair: Pair, show: (one: Pair["office"]) => string): string => `${show(pair.office)} / ${show(pair.client)}`;
  return (
    <>
      <PageHead title={t("quality.title")} />
      <div className="stack stack--wide">
        <QualityTabs part="calibration" />
        <Panel title={t("quality.calibration")}>
          <p className="muted">{t("quality.calibration.intro")}</p>
          <ClientChoice model={model} />
          <ErrorNotice error={error} onRetry={() => void model.shown.reload()} />
          {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
          {data !== null && data.pairs.length === 0 && <Empty>{t("quality.calibration.none")}</Empty>}
          {data !== null && data.pairs.length > 0 && (
            <>
              <Facts>
                <Fact name={t("quality.calibration.records")}>{data.summary.records}</Fact>
                <Fact name={t("quality.calibration.alike")}>{t("quality.calibration.of", { alike: data.summary.outcome_alike, of: data.summary.records })}</Fact>
                <Fact name={t("quality.calibration.higher")}>{data.summary.higher ?? t("app.none")}</Fact>
                <Fact name={t("quality.calibration.since")}>{day(data.since, locale)}</Fact>
              </Facts>
              <DataTable<Pair>
                label={t("quality.calibration")}
                rows={data.pairs}
                id={(pair) => pair.sample}
                columns={[
                  { head: t("quality.record"), cell: (pair) => <Link to={`/quality/${pair.sample}`}>{pair.sample.slice(-8)}</Link> },
                  { head: t("quality.calibration.score"), align: "end", cell: (pair) => both(pair, ({ score }) => (score === null ? t("app.none") : String(score))) },
                  { head: t("quality.calibration.apart"), align: "end", cell: ({ apart }) => apart ?? t("app.none") },
                  { head: t("quality.calibration.outcome"), cell: (pair) => both(pair, ({ outcome }) => outcomes.label(outcome)) },
                ]}
              />
              <h3>{t("quality.calibration.points")}</h3>
              <DataTable
                label={t("quality.calibration.points")}
                rows={data.summary.criteria}
                id={({ code }) => code}
                columns={[
                  { head: t("quality.point"), cell: ({ code }) => data.labels[code] ?? code },
                  { head: t("quality.calibration.alike.points"), align: "end", cell: ({ alike, of }) => t("quality.calibration.of", { alike, of }) },
                ]}
              />
            </>
          )}
        </Panel>
      </div>
    </>
  );
}
