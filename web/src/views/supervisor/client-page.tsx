import { type ReactElement, useEffect } from "react";
import { ClientModel } from "../../state/clients";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Fact, Facts, Link, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { ClientSettings, wrong } from "./client-settings";
import { KpisPanel } from "./kpis-panel";
import { LogoPanel } from "./logo-panel";
import { MappingsPanel } from "./mappings-panel";
import { OverflowPanel } from "./overflow-panel";
import { TransferTargetsPanel } from "./transfer-targets-panel";

export function ClientPage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new ClientModel(client, id));
  const { data, error } = useStore(model.detail);
  const { form, changed, saved } = useStore(model.editing);
  const saving = useStore(model.saving);
  const mayWrite = useMay("client.write");
  const mayMap = useMay("delivery.write");
  useEffect(() => void model.load(), [model]);
  const back = { to: "/clients", text: t("clients.back") };
  if (data === null || form === null)
    return (
      <>
        <PageHead title={t("clients.title")} back={back} />
        <ErrorNotice error={error} onRetry={() => void model.load()} />
        {error === null && <Empty>{t("app.loading")}</Empty>}
      </>
    );
  const faults = model.faults();
  return (
    <>
      <PageHead title={data.name} back={back}>
        <Link to={`/clients/${id}/files`}>{t("files.open")}</Link>
      </PageHead>
      <div className="stack stack--wide">
        <form
          className="stack stack--wide"
          onSubmit={(event) => {
            event.preventDefault();
            void model.save();
          }}
        >
          <Panel>
            <div className="columns">
              <TextInput label={t("clients.name")} value={form.name} onChange={(name) => model.edit({ name })} maxLength={80} disabled={!mayWrite} {...wrong(t, faults["name"])} />
              <TextInput label={t("clients.municipality")} value={form.municipality} onChange={(municipality) => model.edit({ municipality })} maxLength={80} disabled={!mayWrite} {...wrong(t, faults["municipality"])} />
              <TextInput
                label={t("clients.neutral")}
                hint={t("clients.neutral.hint")}
                value={form.neutral_name}
                onChange={(neutral_name) => model.edit({ neutral_name })}
                maxLength={80}
                disabled={!mayWrite}
                {...wrong(t, faults["neutral_name"])}
              />
            </div>
            <Facts>
              <Fact name={t("clients.number")}>{data.inbound_number}</Fact>
            </Facts>
          </Panel>
          <Panel title={t("clients.rules")}>
            <p className="muted">{mayWrite ? t("clients.rules.hint") : t("clients.readonly")}</p>
            <ClientSettings settings={data.settings} model={model} typed={form.numbers} faults={faults} fixed={!mayWrite} />
            <ErrorNotice error={saving.error} />
            {mayWrite && (
              <div className="row">
                <Button type="submit" look="primary" isDisabled={saving.busy || !changed}>
                  {t("app.save")}
                </Button>
                <span className="muted" role="status">
                  {saved ? t("clients.saved") : Object.keys(faults).length > 0 ? t("settings.error.some") : ""}
                </span>
              </div>
            )}
          </Panel>
        </form>
        <KpisPanel client={id} />
        {mayWrite && <LogoPanel client={id} />}
        <TransferTargetsPanel of={id} />
        <OverflowPanel of={id} />
        {mayMap && <MappingsPanel client={id} />}
      </div>
    </>
  );
}
