import { type ReactElement, useEffect } from "react";
import type { Bill } from "../../api/types";
import { euros, monthName, months, percent } from "../../domain/bills";
import { day } from "../../domain/dates";
import { BillsModel } from "../../state/bills";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { DataTable } from "../../ui/data-table";
import { SelectInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Notice, PageHead, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { CreditForm } from "./credit-form";
import { TariffsPanel } from "./tariffs-panel";

const MONTHS_BACK = 13;

/** What a month costs, the bills that were made, and what a record costs. */
export function BillsPage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new BillsModel(client, months(new Date(), 2)[1] ?? ""));
  const { data: clients, error } = useStore(model.clients);
  const chosen = useStore(model.chosen);
  const mayWrite = useMay("bill.write");
  useEffect(() => void model.load(), [model]);
  return (
    <>
      <PageHead title={t("bills.title")}>
        {clients !== null && clients.length > 1 && (
          <SelectInput label={t("bills.client")} value={chosen.client} onChange={(id) => void model.choose(id)} options={clients.map(({ id, name }) => ({ id, label: name }))} />
        )}
      </PageHead>
      <ErrorNotice error={error} onRetry={() => void model.load()} />
      {clients?.length === 0 && <Empty>{t("bills.nobody")}</Empty>}
      {chosen.client !== "" && (
        <div className="stack stack--wide">
          <Month model={model} mayWrite={mayWrite} />
          <Bills model={model} />
          {mayWrite && <CreditForm model={model} />}
          <TariffsPanel model={model} mayWrite={mayWrite} />
        </div>
      )}
    </>
  );
}

function Month({ model, mayWrite }: { readonly model: BillsModel; readonly mayWrite: boolean }): ReactElement {
  const { t, locale } = useWords();
  const { month } = useStore(model.chosen);
  const { data, error } = useStore(model.draft);
  const name = monthName(month, locale);
  return (
    <Panel title={t("bills.month")}>
      <SelectInput label={t("bills.month.of")} value={month} onChange={(next) => void model.lookAt(next)} options={months(new Date(), MONTHS_BACK).map((one) => ({ id: one, label: monthName(one, locale) }))} />
      <ErrorNotice error={error} onRetry={() => void model.draft.reload()} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data !== null && (
        <div className="stack">
          {data.rates.length === 0 ? (
            <Empty>{t("bills.draft.none")}</Empty>
          ) : (
            <DataTable
              label={t("bills.draft")}
              rows={data.rates}
              id={({ price, vat_percent: vat }) => `${price} ${vat}`}
              columns={[
                { head: t("bills.price"), align: "end", cell: ({ price }) => euros(price, locale) },
                { head: t("bills.vat"), align: "end", cell: ({ vat_percent: vat }) => percent(vat, locale) },
                { head: t("bills.records"), align: "end", cell: ({ records }) => records },
                { head: t("bills.net"), align: "end", cell: ({ net }) => euros(net, locale) },
              ]}
            />
          )}
          <p>{t("bills.draft.sum", { net: euros(data.net, locale), vat: euros(data.vat, locale), gross: euros(data.gross, locale) })}</p>
          {data.credited > 0 && <Notice>{t("bills.draft.credited", { count: data.credited })}</Notice>}
          <p className="muted">{t(data.closable ? "bills.draft.closable" : "bills.draft.shut")}</p>
          {mayWrite && data.closable && (
            <div>
              <Ask
                trigger={<Button look="primary">{t("bills.close")}</Button>}
                title={t("bills.close.of", { month: name })}
                text={t("bills.close.text")}
                confirm={t("bills.close")}
                look="primary"
                action={model.closing}
                onConfirm={() => model.close()}
              />
            </div>
          )}
        </div>
      )}
    </Panel>
  );
}

function Bills({ model }: { readonly model: BillsModel }): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = useStore(model.bills);
  const { busy, error: failed } = useStore(model.saving);
  const save = (bill: Bill, format: "pdf" | "csv"): void => {
    void model.file(bill.id, format).then((blob) => {
      if (blob !== null) saveFile(blob, `${bill.number}.${format}`);
    });
  };
  return (
    <Panel title={t("bills.made")}>
      <p className="muted">{t("bills.made.note")}</p>
      <ErrorNotice error={error} onRetry={() => void model.bills.reload()} />
      {data?.length === 0 && <Empty>{t("bills.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable<Bill>
          label={t("bills.made")}
          rows={data}
          id={({ id }) => id}
          columns={[
            {
              head: t("bills.number"),
              cell: ({ number, credits, credits_number: of, reason }) => (
                <>
                  <strong>{number}</strong>
                  {credits !== null && (
                    <>
                      {" "}
                      <Badge tone="warn">{t("bills.credit.note")}</Badge>
                      <div className="muted">{t("bills.credit.of", { number: of, reason })}</div>
                    </>
                  )}
                </>
              ),
            },
            { head: t("bills.month.of"), cell: ({ month }) => monthName(month, locale) },
            { head: t("bills.at"), cell: ({ at }) => day(at, locale) },
            { head: t("bills.records"), align: "end", cell: ({ records }) => records },
            { head: t("bills.net"), align: "end", cell: ({ net }) => euros(net, locale) },
            { head: t("bills.vat"), align: "end", cell: ({ vat }) => euros(vat, locale) },
            { head: t("bills.gross"), align: "end", cell: ({ gross }) => euros(gross, locale) },
            {
              head: t("bills.files"),
              cell: (bill) => (
                <div className="row">
                  <Button size="small" icon="file" isDisabled={busy} aria-label={t("bills.pdf.of", { number: bill.number })} onPress={() => save(bill, "pdf")}>
                    {t("bills.pdf")}
                  </Button>
                  <Button size="small" icon="file" isDisabled={busy} aria-label={t("bills.proof.of", { number: bill.number })} onPress={() => save(bill, "csv")}>
                    {t("bills.proof")}
                  </Button>
                </div>
              ),
            },
          ]}
        />
      )}
      <ErrorNotice error={failed} />
    </Panel>
  );
}
