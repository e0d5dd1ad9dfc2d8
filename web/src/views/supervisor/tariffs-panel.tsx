import { type ReactElement, useState } from "react";
import type { Tariff } from "../../api/types";
import { decimals, euros, figure, percent } from "../../domain/bills";
import { day, isoDay } from "../../domain/dates";
import type { BillsModel } from "../../state/bills";
import { useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { DateInput, TextInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** What a callable record costs, from which day, and by which index. */
export function TariffsPanel({ model, mayWrite }: { readonly model: BillsModel; readonly mayWrite: boolean }): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = useStore(model.tariffs);
  const { error: failed } = useStore(model.pricing);
  return (
    <Panel title={t("tariffs.title")}>
      <p className="muted">{t("tariffs.note")}</p>
      <ErrorNotice error={error} onRetry={() => void model.tariffs.reload()} />
      {data?.length === 0 && <Empty>{t("tariffs.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable<Tariff>
          label={t("tariffs.title")}
          rows={data}
          id={({ valid_from: from }) => from}
          columns={[
            { head: t("tariffs.from"), cell: ({ valid_from: from }) => day(from, locale) },
            { head: t("bills.price"), align: "end", cell: ({ price }) => euros(price, locale) },
            { head: t("bills.vat"), align: "end", cell: ({ vat_percent: vat }) => percent(vat, locale) },
            {
              head: t("tariffs.why"),
              cell: ({ note, index }) => (index === null ? note : t("tariffs.indexed", { source: index.source, before: decimals(index.before, locale), after: decimals(index.after, locale), exact: decimals(index.exact, locale) })),
            },
          ]}
        />
      )}
      {mayWrite && (
        <>
          <NewTariff model={model} />
          <NewIndex model={model} />
        </>
      )}
      <ErrorNotice error={failed} />
    </Panel>
  );
}

function NewTariff({ model }: { readonly model: BillsModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.pricing);
  const [from, setFrom] = useState(() => isoDay(new Date()));
  const [price, setPrice] = useState("");
  const [vat, setVat] = useState("21");
  const [note, setNote] = useState("");
  const euro = figure(price);
  const rate = figure(vat);
  return (
    <form
      className="columns"
      aria-label={t("tariffs.new")}
      onSubmit={(event) => {
        event.preventDefault();
        if (euro !== null && rate !== null) void model.setTariff(from, euro, rate, note).then((done) => done && setPrice(""));
      }}
    >
      <DateInput label={t("tariffs.from")} value={from} onChange={setFrom} />
      <TextInput label={t("tariffs.price")} value={price} onChange={setPrice} size="short" error={price !== "" && euro === null ? t("tariffs.figure") : undefined} />
      <TextInput label={t("tariffs.vat")} value={vat} onChange={setVat} size="short" error={rate === null ? t("tariffs.figure") : undefined} />
      <TextInput label={t("tariffs.reason")} value={note} onChange={setNote} maxLength={200} />
      <div className="row row--end">
        <Button type="submit" isDisabled={busy || from === "" || euro === null || rate === null}>
          {t("tariffs.add")}
        </Button>
      </div>
    </form>
  );
}

function NewIndex({ model }: { readonly model: BillsModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.pricing);
  const [year, setYear] = useState(() => String(Number(isoDay(new Date()).slice(0, 4)) + 1));
  const [before, setBefore] = useState("");
  const [after, setAfter] = useState("");
  const [source, setSource] = useState("");
  const from = figure(before);
  const to = figure(after);
  const wrong = (typed: string): string | undefined => (typed !== "" && figure(typed) === null ? t("tariffs.figure") : undefined);
  const ready = /^20[2-9]\d$/.test(year) && from !== null && to !== null && source.trim() !== "";
  return (
    <form
      className="columns"
      aria-label={t("tariffs.index")}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void model.index(Number(year), from, to, source);
      }}
    >
      <TextInput label={t("tariffs.index.year")} value={year} onChange={setYear} size="short" maxLength={4} />
      <TextInput label={t("tariffs.index.before")} value={before} onChange={setBefore} size="short" error={wrong(before)} />
      <TextInput label={t("tariffs.index.after")} value={after} onChange={setAfter} size="short" error={wrong(after)} />
      <TextInput label={t("tariffs.index.source")} value={source} onChange={setSource} maxLength={200} placeholder="CBS CPI" />
      <div className="row row--end">
        <Button type="submit" isDisabled={busy || !ready}>
          {t("tariffs.index.do")}
        </Button>
      </div>
    </form>
  );
}
