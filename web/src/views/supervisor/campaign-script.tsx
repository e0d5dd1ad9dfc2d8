import { type ReactElement, useEffect, useState } from "react";
import { CampaignScript } from "../../state/script-review";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { SelectInput } from "../../ui/fields";
import { Button, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** The script that the next call gets, and another one. */
export function CampaignScriptPanel({ id, clientId }: { readonly id: string; readonly clientId: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new CampaignScript(client, id));
  const { data: now, error } = useStore(model.now);
  const { data: scripts } = useStore(model.scripts);
  const choosing = useStore(model.choosing);
  const mayWrite = useMay("script.write");
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => {
    void model.now.reload();
    void model.scripts.reload();
  }, [model]);
  const value = chosen ?? now?.script ?? "";
  const options = (scripts ?? []).filter((line) => line.client === null || (line.client === clientId && line.approved !== null));
  return (
    <Panel title={t("script.campaign")}>
      <ErrorNotice error={error ?? choosing.error} />
      {now !== null && <p>{t("script.campaign.now", { name: now.name, version: now.number })}</p>}
      {mayWrite && now !== null && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void model.choose(options.find((line) => line.id === value)?.client === null ? null : value).then((done) => done && setChosen(null));
          }}
        >
          <SelectInput label={t("script.campaign.choose")} hint={t("script.campaign.hint")} value={value} onChange={setChosen} options={options.map((line) => ({ id: line.id, label: line.name }))} />
          <Button type="submit" isDisabled={choosing.busy || value === now.script}>
            {t("script.campaign.save")}
          </Button>
        </form>
      )}
    </Panel>
  );
}
