import type { ReactElement } from "react";
import { dateTime } from "../../domain/dates";
import type { WorkModel } from "../../state/report-work";
import { useWords } from "../../ui/app-context";
import { PagedTable } from "../../ui/data-table";
import { Link } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { FigureDialog } from "./figure-dialog";

/** The cases, calls or appointments behind the count that was opened. */
export function WorkRecords({ model }: { readonly model: WorkModel }): ReactElement {
  const { t, locale } = useWords();
  const figure = useStore(model.opened);
  const pages = useStore(model.records);
  return (
    <FigureDialog title={figure?.title ?? null} note={t("work.records.note")} onClose={model.close}>
      <PagedTable
        label={figure?.title ?? ""}
        pages={pages}
        none={t("reports.rows.none")}
        onRetry={() => void model.records.reload()}
        onMore={() => void model.records.more()}
        id={({ id }) => id}
        columns={[
          { head: t("work.records.what"), cell: ({ kind, direction }) => t(kind === "call" ? `work.records.${direction === "" ? "out" : direction}` : `work.records.${kind}`) },
          { head: t("work.records.at"), cell: ({ at }) => dateTime(at, locale) },
          { head: t("work.records.result"), cell: ({ result }) => result },
          { head: t("reports.records.case"), cell: ({ case: id }) => (id === null ? t("work.records.nobody") : <Link to={`/cases/${id}`}>{t("reports.records.open", { id: id.slice(-8) })}</Link>) },
        ]}
      />
    </FigureDialog>
  );
}
