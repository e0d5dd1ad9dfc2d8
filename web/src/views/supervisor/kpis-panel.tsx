import { type ReactElement, useEffect } from "react";
import type { KpiTerms } from "../../api/types";
import { figureText } from "../../domain/report-work";
import { KpisModel } from "../../state/report-work";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** What is agreed with a client for each KPI; empty is the usual. */
export function KpisPanel({ client: of }: { readonly client: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new KpisModel(client, of));
  const { data, error } = useStore(model.list);
  const { busy, error: failed } = useStore(model.saving);
  const mayWrite = useMay("client.write");
  useStore(model.typed);
  useEffect(() => void model.load(), [model]);
  const faults = model.faults();
  return (
    <Panel title={t("kpis.title")}>
      <p className="muted">{t(mayWrite ? "kpis.hint" : "clients.readonly")}</p>
      <ErrorNotice error={error} onRetry={() => void model.load()} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data !== null && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void model.save();
          }}
        >
          {data.map((kpi) => (
            <KpiFields key={kpi.key} kpi={kpi} model={model} wrong={faults.has(kpi.key)} mayWrite={mayWrite} />
          ))}
          <ErrorNotice error={failed} />
          {mayWrite && (
            <div className="row">
              <Button look="primary" type="submit" isDisabled={busy || faults.size > 0}>
                {t("kpis.save")}
              </Button>
            </div>
          )}
        </form>
      )}
    </Panel>
  );
}

interface FieldsProps {
  readonly kpi: KpiTerms;
  readonly model: KpisModel;
  readonly wrong: boolean;
  readonly mayWrite: boolean;
}

function KpiFields({ kpi, model, wrong, mayWrite }: FieldsProps): ReactElement {
  const { t, locale } = useWords();
  const typed = model.typed.get()[kpi.key] ?? { target: "", band: "" };
  const unit = t(kpi.unit === "share" ? "kpis.percent" : kpi.unit === "score" ? "kpis.score" : "kpis.seconds");
  const fault = wrong ? { error: t("kpis.fault") } : {};
  return (
    <fieldset className="fieldset kpi">
      <legend>
        {kpi.label} <span className="muted">{kpi.means}</span>
      </legend>
      <div className="columns">
        <TextInput
          label={t(kpi.better === "high" ? "kpis.least" : "kpis.most", { unit })}
          {...(kpi.usual ? { hint: t("settings.usual", { value: figureText(kpi.unit, kpi.target, locale) ?? "" }) } : {})}
          value={typed.target}
          onChange={(target) => model.edit(kpi.key, { target })}
          maxLength={8}
          disabled={!mayWrite}
          {...fault}
        />
        <TextInput label={t("kpis.band", { unit: kpi.unit === "share" ? t("kpis.points") : unit })} value={typed.band} onChange={(band) => model.edit(kpi.key, { band })} maxLength={8} disabled={!mayWrite} />
      </div>
    </fieldset>
  );
}
