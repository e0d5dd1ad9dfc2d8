import { type ReactElement, useEffect } from "react";
import { ddasFaults, type DdasForm } from "../../domain/ddas-form";
import { DdasModel } from "../../state/ddas";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { SelectInput, TextInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** Which version the client's exchange takes, and who it is there. */
export function DdasPanel({ client: of }: { readonly client: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new DdasModel(client, of));
  const { data, error } = useStore(model.profile);
  const edit = useStore(model.editing);
  const { busy, error: failed } = useStore(model.acting);
  const mayWrite = useMay("client.write");
  useEffect(() => void model.load(), [model]);
  const faults = edit?.asked === true ? ddasFaults(edit.form) : {};
  const wrong = (field: keyof DdasForm): { readonly error?: string } => {
    const fault = faults[field];
    if (fault === undefined) return {};
    return { error: fault === "empty" ? t("places.wrong.empty") : t(`ddas.wrong.${fault}`) };
  };
  return (
    <Panel title={t("ddas.title")}>
      <p className="muted">{t("ddas.intro")}</p>
      <ErrorNotice error={error} onRetry={() => void model.load()} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data !== null && edit !== null && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void model.save();
          }}
        >
          <div className="columns columns--wide">
            <SelectInput label={t("ddas.version")} value={edit.form.version} onChange={(version) => model.edit({ version })} options={data.versions.map((id) => ({ id, label: id }))} placeholder={t("ddas.version.choose")} disabled={!mayWrite} {...wrong("version")} />
            <TextInput label={t("ddas.municipality")} hint={t("ddas.municipality.hint")} value={edit.form.municipality} onChange={(municipality) => model.edit({ municipality })} maxLength={4} disabled={!mayWrite} {...wrong("municipality")} />
            <TextInput label={t("ddas.supplier")} value={edit.form.supplier} onChange={(supplier) => model.edit({ supplier })} disabled={!mayWrite} {...wrong("supplier")} />
            <TextInput label={t("ddas.organisation")} value={edit.form.organisation} onChange={(organisation) => model.edit({ organisation })} disabled={!mayWrite} {...wrong("organisation")} />
            <TextInput label={t("ddas.kvk")} hint={t("ddas.kvk.hint")} value={edit.form.kvk} onChange={(kvk) => model.edit({ kvk })} maxLength={8} disabled={!mayWrite} {...wrong("kvk")} />
          </div>
          <ErrorNotice error={failed} />
          {mayWrite && (
            <div className="row">
              <Button look="primary" type="submit" isDisabled={busy}>
                {t("ddas.keep")}
              </Button>
              <span className="muted" role="status">
                {edit.kept ? t("clients.saved") : Object.keys(faults).length > 0 ? t("settings.error.some") : ""}
              </span>
            </div>
          )}
        </form>
      )}
    </Panel>
  );
}
