import { type ReactElement, useEffect } from "react";
import type { ReportKpi, ReportOperations, ReportSection } from "../../api/types";
import { day } from "../../domain/dates";
import { figureText, plotted, type WorkRow } from "../../domain/report-work";
import { type WorkFigure, WorkModel } from "../../state/report-work";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Badge, Button, Empty, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { SectionPlot } from "./report-plots";
import { WorkRecords } from "./work-records";

/** Opens the records behind a count; null for who may not see residents. */
type Open = ((figure: WorkFigure) => void) | null;

/** What happened in the days of a report: KPIs against what was agreed, then section by section. */
export function ReportWork({ report }: { readonly report: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new WorkModel(client, report));
  const { data, error } = useStore(model.work);
  const open = useMay("case.read") ? model.open : null;
  useEffect(() => void model.work.reload(), [model]);
  if (data === null)
    return (
      <Panel title={t("work.title")}>
        <ErrorNotice error={error} onRetry={() => void model.work.reload()} />
        {error === null && <Empty>{t("app.loading")}</Empty>}
      </Panel>
    );
  return (
    <>
      <h2 className="report-part">{t("work.title")}</h2>
      <p className="muted">{t("work.note", { version: data.definitions })}</p>
      {!data.whole && <Notice>{t("work.rounded")}</Notice>}
      <Kpis work={data} />
      {data.sections.map((section) => (
        <WorkSection key={section.key} section={section} open={open} />
      ))}
      <Meanings work={data} />
      <WorkRecords model={model} />
    </>
  );
}

const TONES = { met: "good", within: "warn", missed: "bad", unknown: "plain" } as const;

function Kpis({ work }: { readonly work: ReportOperations }): ReactElement {
  const { t, locale } = useWords();
  const text = (kpi: ReportKpi, value: number | null | undefined): string => figureText(kpi.unit, value, locale) ?? t("app.none");
  const points = (kpi: ReportKpi): string => (kpi.unit === "share" ? t("work.kpi.points", { count: new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(100 * kpi.band) }) : text(kpi, kpi.band));
  const agreed = (kpi: ReportKpi): string => {
    const target = t(kpi.better === "high" ? "work.kpi.least" : "work.kpi.most", { target: text(kpi, kpi.target) });
    return kpi.band === 0 ? target : `${target} (± ${points(kpi)})`;
  };
  return (
    <Panel title={t("work.kpis")}>
      <p className="muted">{t("work.kpis.note")}</p>
      <DataTable<ReportKpi>
        label={t("work.kpis")}
        rows={work.kpis}
        id={({ key }) => key}
        columns={[
          { head: t("work.kpi"), cell: ({ label }) => label },
          ...work.earlier.map(({ first_day: first, last_day: last }, n) => ({
            head: `${day(first, locale)} – ${day(last, locale)}`,
            align: "end" as const,
            cell: (kpi: ReportKpi) => <span className="muted">{text(kpi, kpi.earlier[n])}</span>,
          })),
          { head: t("work.kpi.now"), align: "end", cell: (kpi) => <strong>{text(kpi, kpi.value)}</strong> },
          { head: t("work.kpi.agreed"), align: "end", cell: (kpi) => (kpi.usual ? t("work.kpi.usual", { agreed: agreed(kpi) }) : agreed(kpi)) },
          { head: t("reports.verdict"), cell: ({ standing }) => <Badge tone={TONES[standing]}>{t(`work.standing.${standing}`)}</Badge> },
        ]}
      />
    </Panel>
  );
}

const MANY_FIGURES = 7;

interface SectionProps {
  readonly section: ReportSection;
  readonly open: Open;
}

function WorkSection({ section, open }: SectionProps): ReactElement {
  const { t } = useWords();
  const table = <SectionTable section={section} open={open} />;
  return (
    <Panel title={section.title}>
      {section.note !== "" && <p className="muted">{section.note}</p>}
      {section.plot === "heat" && section.rows.length > 0 ? (
        <>
          <SectionPlot section={section} />
          <details>
            <summary>{t("work.table")}</summary>
            {table}
          </details>
        </>
      ) : plotted(section) ? (
        <div className={section.figures.length > MANY_FIGURES ? "report-split report-split--wide" : "report-split"}>
          <SectionPlot section={section} />
          {table}
        </div>
      ) : (
        table
      )}
    </Panel>
  );
}

/** Its rows, and the total below. */
function SectionTable({ section, open }: SectionProps): ReactElement {
  return (
    <DataTable<WorkRow>
      label={section.title}
      rows={[...section.rows, section.total]}
      id={({ key }) => key}
      columns={[
        { head: section.head, cell: (row) => (row === section.total ? <strong>{row.label}</strong> : row.label) },
        ...section.figures.map((figure) => ({
          head: figure.label,
          align: "end" as const,
          cell: (row: WorkRow) => <Cell section={section} figure={figure} row={row} open={open} />,
        })),
      ]}
    />
  );
}

interface CellProps extends SectionProps {
  readonly figure: ReportSection["figures"][number];
  readonly row: WorkRow;
}

function Cell({ section, figure, row, open }: CellProps): ReactElement {
  const { t, locale } = useWords();
  const value = row.values[figure.key];
  const shown = figureText(figure.unit, value, locale);
  if (shown === null) return <span className="muted">{t("app.none")}</span>;
  if (!figure.opens || open === null || value === 0) return <>{shown}</>;
  const title = `${section.title}, ${figure.label}: ${row.label}`;
  return (
    <Button look="quiet" size="small" aria-label={t("work.open", { count: shown, title })} onPress={() => open({ title, section: section.key, figure: figure.key, key: row.key })}>
      {shown}
    </Button>
  );
}

function Meanings({ work }: { readonly work: ReportOperations }): ReactElement {
  const { t } = useWords();
  return (
    <Panel title={t("work.definitions")} aside={<Badge>{t("reports.version", { version: work.definitions })}</Badge>}>
      {work.sections.map(({ key, title, figures }) => (
        <details key={key}>
          <summary>{title}</summary>
          <Words words={figures} />
        </details>
      ))}
      <details>
        <summary>{t("work.kpis")}</summary>
        <Words words={work.kpis} />
      </details>
    </Panel>
  );
}

function Words({ words }: { readonly words: readonly { readonly key: string; readonly label: string; readonly means: string }[] }): ReactElement {
  return (
    <dl className="report-words">
      {words.map(({ key, label, means }) => (
        <div key={key}>
          <dt>{label}</dt>
          <dd>{means}</dd>
        </div>
      ))}
    </dl>
  );
}
