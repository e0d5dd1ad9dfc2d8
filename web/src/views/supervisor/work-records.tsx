import type { ReactElement } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { dateTime } from "../../domain/dates";
import type { WorkModel } from "../../state/report-work";
import { useWords } from "../../ui/app-context";
import { PagedTable } from "../../ui/data-table";
import { Button, Link } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** The cases, calls or appointments behind the count that was opened. */
export function WorkRecords({ model }: { readonly model: WorkModel }): ReactElement {
  const { t, locale } = useWords();
  const figure = useStore(model.opened);
  const pages = useStore(model.records);
  return (
    <ModalOverlay className="overlay" isDismissable isOpen={figure !== null} onOpenChange={(open) => !open && model.close()}>
      <Modal className="modal modal--wide">
        <Dialog className="dialog" aria-label={figure?.title ?? ""}>
          <Heading slot="title" level={2}>
            {figure?.title}
          </Heading>
          <p className="muted">{t("work.records.note")}</p>
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
          <div className="row row--end">
            <Button onPress={model.close}>{t("reports.records.close")}</Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
