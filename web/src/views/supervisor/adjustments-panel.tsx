import { type ReactElement, useEffect, useState } from "react";
import { dateTime, day, isoDay } from "../../domain/dates";
import { AdjustmentsModel } from "../../state/reports";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { DateInput, LongTextInput, TextInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** What was agreed with the client when reach was off expectation. Lines are only added. */
export function AdjustmentsPanel({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const mayWrite = useMay("campaign.write");
  const model = useModel(() => new AdjustmentsModel(client, id));
  const { data, error } = useStore(model.list);
  useEffect(() => void model.list.reload(), [model]);
  return (
    <Panel title={t("reports.agreed")}>
      <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
      {data?.length === 0 && <Empty>{t("reports.agreed.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <ul className="stack">
          {data.map(({ id: key, agreed_on: on, agreed_with: who, agreed, by, at }) => (
            <li key={key}>
              <strong>{day(on, locale)}</strong>: {agreed}
              <br />
              <span className="muted">{t("reports.agreed.line", { who, by: by === "" ? dateTime(at, locale) : `${by}, ${dateTime(at, locale)}` })}</span>
            </li>
          ))}
        </ul>
      )}
      {mayWrite && <AddAdjustment model={model} />}
    </Panel>
  );
}

function AddAdjustment({ model }: { readonly model: AdjustmentsModel }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.adding);
  const [on, setOn] = useState(() => isoDay(new Date()));
  const [who, setWho] = useState("");
  const [what, setWhat] = useState("");
  const change = (set: (value: string) => void) => (value: string) => {
    model.changed();
    set(value);
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void model.add(on, who, what).then((done) => {
          if (!done) return;
          setWho("");
          setWhat("");
        });
      }}
    >
      <DateInput label={t("reports.agreed.on")} value={on} onChange={change(setOn)} />
      <TextInput label={t("reports.agreed.with")} value={who} onChange={change(setWho)} maxLength={120} />
      <LongTextInput label={t("reports.agreed.what")} value={what} onChange={change(setWhat)} rows={2} maxLength={1000} />
      <p className="field__hint">{t("reports.agreed.hint")}</p>
      <ErrorNotice error={error} />
      <Button type="submit" isDisabled={busy || on === "" || who.trim() === "" || what.trim() === ""}>
        {t("reports.agreed.add")}
      </Button>
    </form>
  );
}
