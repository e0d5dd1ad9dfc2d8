import type { ReactElement } from "react";
import type { Report, ReportDimension, ReportMeasure } from "../../api/types";
import { columnsOf, type ReportColumn, type ReportRow } from "../../domain/report";
import type { Figure } from "../../state/reports";
import { useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Button, Empty, Panel } from "../../ui/parts";

/** Opens the records behind a figure; null for who may not see residents. */
export type Open = ((figure: Figure) => void) | null;

interface CellProps {
  readonly row: ReportRow;
  readonly column: ReportColumn;
  readonly dimension: ReportDimension | null;
  readonly open: Open;
}

function Cell({ row, column, dimension, open }: CellProps): ReactElement {
  const { t, locale } = useWords();
  if (column.share) {
    const share = row.shares[column.key];
    if (share == null) return <span className="muted">{t("app.none")}</span>;
    return <strong>{new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(share)}</strong>;
  }
  const count = row.counts[column.key];
  if (count === undefined) return <span className="muted">{t("app.none")}</span>;
  if (count === null) return <span className="muted">{t("reports.few")}</span>;
  const shown = new Intl.NumberFormat(locale).format(count);
  if (open === null || count === 0) return <>{shown}</>;
  const title = `${column.label}: ${row.label}`;
  return (
    <Button look="quiet" size="small" aria-label={t("reports.open", { count: shown, title })} onPress={() => open({ title, measure: column.key as ReportMeasure, dimension, key: row.key })}>
      {shown}
    </Button>
  );
}

export function Total({ report, open }: { readonly report: Report; readonly open: Open }): ReactElement {
  const { t, locale } = useWords();
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const reach = report.total.shares["reach"];
  return (
    <Panel title={t("campaign.reach")}>
      <p className="big-number">
        <strong>{reach == null ? t("app.none") : percent.format(reach)}</strong> <span className="muted">{report.shares.find(({ key }) => key === "reach")?.means}</span>
      </p>
      <ul className="tiles">
        {columnsOf(report, null)
          .filter(({ key }) => key !== "reach")
          .map((column) => (
            <li key={column.key} className="tile">
              <span className="big-number">
                <Cell row={report.total} column={column} dimension={null} open={open} />
              </span>
              {column.label}
            </li>
          ))}
      </ul>
    </Panel>
  );
}

interface TableProps {
  readonly report: Report;
  readonly table: Report["tables"][number];
  readonly open: Open;
}

export function ReportTable({ report, table, open }: TableProps): ReactElement {
  const { t } = useWords();
  return (
    <Panel title={table.title}>
      {table.note !== "" && <p className="muted">{table.note}</p>}
      {table.rows.length === 0 ? (
        <Empty>{t("reports.rows.none")}</Empty>
      ) : (
        <DataTable<ReportRow>
          label={table.title}
          rows={table.rows}
          id={({ key }) => key}
          columns={[
            { head: t(`reports.dimension.${table.dimension}`), cell: ({ label }) => label },
            ...columnsOf(report, table.dimension).map((column) => ({
              head: column.label,
              align: "end" as const,
              cell: (row: ReportRow) => <Cell row={row} column={column} dimension={table.dimension} open={open} />,
            })),
            ...(table.dimension === "day" ? [] : [{ head: t("reports.plot"), cell: (row: ReportRow) => <Bar share={row.shares["reach"] ?? null} /> }]),
          ]}
        />
      )}
    </Panel>
  );
}

/** The share reached as a bar; the number stands beside it. */
function Bar({ share }: { readonly share: number | null }): ReactElement | null {
  if (share === null) return null;
  return (
    <svg className="meter" viewBox="0 0 100 10" aria-hidden="true" preserveAspectRatio="none">
      <rect className="meter__all" width="100" height="10" />
      <rect className="meter__share" width={Math.round(100 * share)} height="10" />
    </svg>
  );
}
