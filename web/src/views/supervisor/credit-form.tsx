import { type ReactElement, useState } from "react";
import { references } from "../../domain/bills";
import type { BillsModel } from "../../state/bills";
import { useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { LongTextInput, SelectInput, TextInput } from "../../ui/fields";
import { Button, ErrorNotice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** Takes back what was billed wrongly. */
export function CreditForm({ model }: { readonly model: BillsModel }): ReactElement | null {
  const { t } = useWords();
  const { data } = useStore(model.bills);
  const { error } = useStore(model.crediting);
  const [chosen, setChosen] = useState("");
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const bills = (data ?? []).filter(({ credits, records }) => credits === null && records > 0);
  const bill = bills.find(({ id }) => id === chosen) ?? bills[0];
  if (bill === undefined) return null;
  const named = references(typed);
  return (
    <Panel title={t("bills.credit")}>
      <p className="muted">{t("bills.credit.hint")}</p>
      <div className="columns">
        <SelectInput label={t("bills.credit.bill")} value={bill.id} onChange={setChosen} options={bills.map(({ id, number }) => ({ id, label: number }))} />
        <LongTextInput label={t("bills.credit.references")} hint={t("bills.credit.references.hint")} value={typed} onChange={setTyped} rows={2} />
        <TextInput label={t("bills.credit.reason")} value={reason} onChange={setReason} maxLength={200} />
      </div>
      <ErrorNotice error={error} />
      <div>
        <Ask
          trigger={<Button isDisabled={reason.trim() === ""}>{t("bills.credit.do")}</Button>}
          title={t("bills.credit.title", { number: bill.number })}
          text={named.length === 0 ? t("bills.credit.all") : t("bills.credit.some", { count: named.length })}
          confirm={t("bills.credit.do")}
          action={model.crediting}
          onConfirm={async () => {
            const done = await model.credit(bill.id, named, reason);
            if (done) {
              setTyped("");
              setReason("");
            }
            return done;
          }}
        />
      </div>
    </Panel>
  );
}
