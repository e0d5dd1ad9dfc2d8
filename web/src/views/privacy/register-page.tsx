import { type ReactElement, useEffect } from "react";
import type { KeptDelivery } from "../../api/types";
import { day } from "../../domain/dates";
import { RegisterModel } from "../../state/privacy";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { SelectInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Notice, PageHead, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { PrivacyTabs } from "./tabs";

/** What is held, why and how long; and which lists still have names. */
export function RegisterPage(): ReactElement {
  const { client } = useApp();
  const { t, language } = useWords();
  const model = useModel(() => new RegisterModel(client));
  const { data: clients } = useStore(model.of.clients);
  const chosen = useStore(model.of.chosen);
  // The service writes it in the reader's language.
  useEffect(() => void model.load(), [model, language]);
  return (
    <>
      <PageHead title={t("nav.privacy")}>
        {clients !== null && clients.length > 1 && (
          <SelectInput label={t("privacy.client")} value={chosen} onChange={(id) => void model.choose(id)} options={clients.map(({ id, name }) => ({ id, label: name }))} />
        )}
      </PageHead>
      <div className="stack stack--wide">
        <PrivacyTabs part="register" />
        {chosen !== "" && <Kept model={model} />}
        {chosen !== "" && <End model={model} />}
        <Held model={model} />
      </div>
    </>
  );
}

function Kept({ model }: { readonly model: RegisterModel }): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = useStore(model.kept);
  return (
    <Panel title={t("privacy.kept")}>
      <p className="muted">{t("privacy.kept.note")}</p>
      <ErrorNotice error={error} onRetry={() => void model.kept.reload()} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data?.length === 0 && <Empty>{t("privacy.kept.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable<KeptDelivery>
          label={t("privacy.kept")}
          rows={data}
          id={({ delivery }) => delivery}
          columns={[
            { head: t("privacy.received"), cell: ({ received_at: at }) => day(at, locale) },
            { head: t("deliveries.campaign"), cell: ({ campaign_name: name }) => name },
            {
              head: t("privacy.until"),
              cell: ({ ends_at: ends, waits }) =>
                ends === null ? waits.map(({ what, count }) => t(`privacy.waits.${what}`, { count })).join(", ") : day(ends, locale),
            },
          ]}
        />
      )}
    </Panel>
  );
}

/** What must be done first; the keys themselves are destroyed on the machine, with a certificate. */
function End({ model }: { readonly model: RegisterModel }): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = useStore(model.end);
  const endedOn = data?.ended_on ?? null;
  const until = data?.after_care_until ?? null;
  const { busy } = useStore(model.saving);
  const save = (): void => {
    void model.endReport().then((blob) => {
      if (blob !== null) saveFile(blob, "eindrapport.pdf");
    });
  };
  return (
    <Panel
      title={t("privacy.end")}
      aside={
        <Button size="small" icon="file" isDisabled={busy} onPress={save}>
          {t("privacy.end.report")}
        </Button>
      }
    >
      <ErrorNotice error={error} onRetry={() => void model.end.reload()} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {endedOn !== null && until !== null && <p>{t("privacy.end.done", { on: day(endedOn, locale), until: day(until, locale) })}</p>}
      {data?.ended_on === null && data.left.length === 0 && <p>{t("privacy.end.ready")}</p>}
      {data?.ended_on === null && data.left.length > 0 && (
        <>
          <p className="muted">{t("privacy.end.note")}</p>
          <ul>
            {data.left.map(({ what, count }) => (
              <li key={what}>{t(`privacy.end.${what}`, { count })}</li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function Held({ model }: { readonly model: RegisterModel }): ReactElement {
  const { t } = useWords();
  const { data, error } = useStore(model.register);
  const { busy, error: failed } = useStore(model.saving);
  const save = (): void => {
    void model.file().then((blob) => {
      if (blob !== null) saveFile(blob, "register.csv");
    });
  };
  const purposes = [...new Set(data?.items.map(({ purpose }) => purpose))];
  return (
    <Panel
      title={t("privacy.register")}
      aside={
        <Button size="small" icon="file" isDisabled={busy} onPress={save}>
          {t("privacy.register.file")}
        </Button>
      }
    >
      <p className="muted">{t("privacy.register.note")}</p>
      <ErrorNotice error={error} onRetry={() => void model.register.reload()} />
      <ErrorNotice error={failed} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data !== null && data.unclassed.length > 0 && <Notice tone="bad">{t("privacy.unclassed", { columns: data.unclassed.join(", ") })}</Notice>}
      {purposes.map((purpose) => {
        const lines = data?.items.filter((one) => one.purpose === purpose) ?? [];
        return (
          <section key={purpose} className="stack">
            <h3>{lines[0]?.why}</h3>
            <p>
              <strong>{t("privacy.term")}</strong> {lines[0]?.term}.
            </p>
            <details>
              <summary>{t("privacy.columns", { count: lines.length })}</summary>
              <DataTable
                label={lines[0]?.why ?? purpose}
                rows={lines}
                id={({ table, kind }) => `${table} ${kind}`}
                columns={[
                  { head: t("privacy.table"), cell: ({ table }) => <code>{table}</code> },
                  { head: t("privacy.kind"), cell: ({ kind_words: words }) => words },
                  { head: t("privacy.names"), cell: ({ columns }) => columns.join(", ") },
                ]}
              />
            </details>
          </section>
        );
      })}
    </Panel>
  );
}
