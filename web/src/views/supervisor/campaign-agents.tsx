import { type ReactElement, useEffect } from "react";
import { CheckboxGroup, Label } from "react-aria-components";
import { CampaignAgents } from "../../state/campaign-agents";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** Who works for the campaign. */
export function CampaignAgentsPanel({ id, onSaved }: { readonly id: string; readonly onSaved: () => void }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new CampaignAgents(client, id));
  const { data, error } = useStore(model.agents);
  const chosen = useStore(model.chosen);
  const saving = useStore(model.saving);
  const mayWrite = useMay("campaign.write");
  useEffect(() => void model.load(), [model]);
  return (
    <Panel title={t("campaign.agents")}>
      <ErrorNotice error={error ?? saving.error} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data?.length === 0 && <p className="muted">{t("campaign.agents.none")}</p>}
      {data !== null && data.length > 0 && (
        <>
          <CheckboxGroup className="choices" value={[...chosen.users]} onChange={model.choose} isDisabled={!mayWrite}>
            <Label className="visually-hidden">{t("campaign.agents")}</Label>
            <div className="row">
              {data.map((user) => (
                <CheckChoice key={user.id} value={user.id}>
                  {user.display_name}
                </CheckChoice>
              ))}
            </div>
          </CheckboxGroup>
          {mayWrite && (
            <div className="row">
              <Button isDisabled={saving.busy || !chosen.changed} onPress={() => void model.save().then((done) => done && onSaved())}>
                {t("app.save")}
              </Button>
              <span className="muted" role="status">
                {chosen.saved && t("campaign.agents.saved")}
              </span>
            </div>
          )}
        </>
      )}
    </Panel>
  );
}
