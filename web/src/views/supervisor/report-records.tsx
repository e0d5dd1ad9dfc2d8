import type { ReactElement } from "react";
import { dateTime } from "../../domain/dates";
import type { ReportModel } from "../../state/reports";
import { useWords } from "../../ui/app-context";
import { PagedTable } from "../../ui/data-table";
import { Link } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { FigureDialog } from "./figure-dialog";

/** The cases behind the figure that was opened. Whose they are says the case's own page. */
export function ReportRecords({ model }: { readonly model: ReportModel }): ReactElement {
  const { t, locale } = useWords();
  const figure = useStore(model.opened);
  const pages = useStore(model.records);
  const time = (at: string | null): string => (at === null ? t("app.none") : dateTime(at, locale));
  return (
    <FigureDialog title={figure?.title ?? null} note={t("reports.records.note")} onClose={model.close}>
      <PagedTable
        label={figure?.title ?? ""}
        pages={pages}
        none={t("reports.rows.none")}
        onRetry={() => void model.records.reload()}
        onMore={() => void model.records.more()}
        id={({ case: id }) => id}
        columns={[
          { head: t("reports.records.case"), cell: ({ case: id }) => <Link to={`/cases/${id}`}>{t("reports.records.open", { id: id.slice(-8) })}</Link> },
          { head: t("reports.records.delivered"), cell: ({ opened_at: at }) => time(at) },
          { head: t("reports.records.reached"), cell: ({ reached_at: at }) => time(at) },
          { head: t("campaigns.state"), cell: ({ state }) => t(`case.state.${state}`) },
        ]}
      />
    </FigureDialog>
  );
}
