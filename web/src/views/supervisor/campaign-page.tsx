import { type ReactElement, useEffect, useState } from "react";
import { CAMPAIGN_COMMANDS, type CampaignCommand, CampaignModel } from "../../state/office";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { TextInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Link, Notice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { AdjustmentsPanel } from "./adjustments-panel";
import { CampaignAgentsPanel } from "./campaign-agents";
import { CampaignScriptPanel } from "./campaign-script";
import { CampaignState } from "./campaign-state";
import { ChecklistPanel } from "./checklist-panel";
import { PreflightFacts } from "./preflight-facts";
import { ReachPanel } from "./reach-panel";
import { TermsPanel } from "./terms-panel";
import { WhyPanel } from "./why-panel";

export function CampaignPage({ id }: { readonly id: string }): ReactElement {
  const { client, hub } = useApp();
  const { t } = useWords();
  const model = useModel(() => new CampaignModel(client, id));
  const { data, error } = useStore(model.detail);
  const why = useStore(model.why);
  const reach = useStore(model.reach);
  const terms = useStore(model.terms);
  const steering = useStore(model.steering);
  const mayRun = useMay("campaign.run");
  const mayReport = useMay("report.read");
  const mayReadScript = useMay("script.read");
  const maySteer = useMay("floor.steer");
  const { floor } = useStore(hub);
  // The live feed says when the reason or the state changes: then ask for the words anew.
  const now = floor?.campaigns.find((campaign) => campaign.campaign === id);
  const mark = now === undefined ? "" : `${now.state} ${now.reason} ${String(now.in_window)}`;
  useEffect(() => void model.reload(), [model, mark]);
  const back = { to: "/campaigns", text: t("campaign.back") };
  if (data === null)
    return (
      <>
        <PageHead title={t("campaigns.title")} back={back} />
        <ErrorNotice error={error} onRetry={() => void model.reload()} />
        {error === null && <Empty>{t("app.loading")}</Empty>}
      </>
    );
  return (
    <>
      <PageHead title={data.name} back={back}>
        {data.state === "draft" && mayRun && <Link to={`/campaigns/${id}/start`}>{t("wizard.continue")}</Link>}
        <Link to={`/campaigns/${id}/settings`}>{t("settings.title")}</Link>
        <Link to={`/campaigns/${id}/rules`}>{t("rules.title")}</Link>
        {maySteer && <Link to={`/campaigns/${id}/decisions`}>{t("decisions.title")}</Link>}
        {maySteer && <Link to={`/campaigns/${id}/learned`}>{t("learned.title")}</Link>}
        <CampaignState state={data.state} />
        {mayRun && CAMPAIGN_COMMANDS[data.state].map((command) => <Command key={command} model={model} command={command} busy={steering.busy} />)}
      </PageHead>
      <div className="stack stack--wide">
        <ErrorNotice error={steering.error} />
        <div className="page-grid">
          <div className="stack stack--wide">
            <ReachPanel reach={reach} onReload={() => void model.reach.reload()} />
            {mayReport && data.state !== "draft" && <AdjustmentsPanel id={id} />}
            <PreflightPanel model={model} />
            {(data.state === "draft" || data.state === "stopped") && <ChecklistPanel id={id} onChanged={() => void model.preflight.reload()} />}
            {mayRun && <CampaignAgentsPanel id={id} onSaved={() => void model.reload()} />}
          </div>
          <div className="stack stack--wide">
            <WhyPanel title={t("campaign.why")} why={why} onReload={() => void model.why.reload()} />
            <TermsPanel terms={terms} onReload={() => void model.terms.reload()} />
            {mayReadScript && <CampaignScriptPanel id={id} clientId={data.client} />}
            {mayRun && <TestCall model={model} />}
          </div>
        </div>
      </div>
    </>
  );
}

function Command({ model, command, busy }: { readonly model: CampaignModel; readonly command: CampaignCommand; readonly busy: boolean }): ReactElement {
  const { t } = useWords();
  const words = t(`campaign.do.${command}`);
  if (command !== "stopped")
    return (
      <Button look={command === "running" ? "primary" : "secondary"} isDisabled={busy} onPress={() => void model.command(command)}>
        {words}
      </Button>
    );
  return (
    <Ask
      trigger={<Button look="danger">{words}</Button>}
      title={words}
      text={t("campaign.do.stopped.confirm")}
      confirm={words}
      action={model.steering}
      onConfirm={async () => {
        await model.command("stopped");
        return model.steering.get().error === null;
      }}
    />
  );
}

function PreflightPanel({ model }: { readonly model: CampaignModel }): ReactElement {
  const { t } = useWords();
  const { data, loading, error } = useStore(model.preflight);
  const again = (
    <Button look="quiet" size="small" isDisabled={loading} onPress={() => void model.preflight.reload()}>
      {t("app.refresh")}
    </Button>
  );
  return (
    <Panel title={t("campaign.preflight")} aside={again}>
      <ErrorNotice error={error} />
      {data === null ? error === null && <Empty>{t("app.loading")}</Empty> : <PreflightFacts preflight={data} />}
    </Panel>
  );
}

function TestCall({ model }: { readonly model: CampaignModel }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.testing);
  const [number, setNumber] = useState("");
  const [done, setDone] = useState(false);
  return (
    <Panel title={t("campaign.test")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          setDone(false);
          void model.testCall(number).then(setDone);
        }}
      >
        <p className="muted">{t("campaign.test.hint")}</p>
        <TextInput type="tel" label={t("campaign.test.number")} value={number} onChange={setNumber} maxLength={20} />
        <ErrorNotice error={error} />
        {done && (
          <Notice tone="good" live="polite">
            {t("campaign.test.done")}
          </Notice>
        )}
        <Button type="submit" icon="phone" isDisabled={busy || number.trim().length < 8}>
          {t("campaign.test.do")}
        </Button>
      </form>
    </Panel>
  );
}
