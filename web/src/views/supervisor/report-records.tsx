import type { ReactElement } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { dateTime } from "../../domain/dates";
import type { ReportModel } from "../../state/reports";
import { useWords } from "../../ui/app-context";
import { PagedTable } from "../../ui/data-table";
import { Button, Link } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** The cases behind the figure that was opened. Whose they are says the case's own page. */
export function ReportRecords({ model }: { readonly model: ReportModel }): ReactElement {
  const { t, locale } = useWords();
  const figure = useStore(model.opened);
  const pages = useStore(model.records);
  const time = (at: string | null): string => (at === null ? t("app.none") : dateTime(at, locale));
  return (
    <ModalOverlay className="overlay" isDismissable isOpen={figure !== null} onOpenChange={(open) => !open && model.close()}>
      <Modal className="modal modal--wide">
        <Dialog className="dialog" aria-label={figure?.title ?? ""}>
          <Heading slot="title" level={2}>
            {figure?.title}
          </Heading>
          <p className="muted">{t("reports.records.note")}</p>
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
          <div className="row row--end">
            <Button onPress={model.close}>{t("reports.records.close")}</Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
