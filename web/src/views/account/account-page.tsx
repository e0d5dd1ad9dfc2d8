/** How I get in. */

import { type ReactElement, useEffect } from "react";
import { SecondFactorModel } from "../../state/second-factor";
import { useApp, useWords } from "../../ui/app-context";
import { Badge, Empty, ErrorNotice, Notice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { SessionsPanel } from "./sessions-panel";
import { SignOnPanel } from "./sign-on-panel";
import { BeginForm, SetUpFactor } from "./set-up-factor";

const FEW = 3;

export function AccountPage(): ReactElement {
  const { t } = useWords();
  return (
    <>
      <PageHead title={t("nav.account")} />
      <div className="page-grid page-grid--even">
        <FactorPanel />
        <SessionsPanel />
        <SignOnPanel />
      </div>
    </>
  );
}

function FactorPanel(): ReactElement {
  const { client, session } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new SecondFactorModel(client, session.take));
  const { data, error } = useStore(model.mine);
  const { step } = useStore(model);
  useEffect(() => void model.mine.reload(), [model]);
  if (data === null)
    return (
      <Panel title={t("factor.title")}>
        <ErrorNotice error={error} onRetry={() => void model.mine.reload()} />
        {error === null && <Empty>{t("app.loading")}</Empty>}
      </Panel>
    );
  const since = data.since === null ? "" : new Date(data.since).toLocaleDateString(locale, { dateStyle: "long" });
  return (
    <Panel title={t("factor.title")} aside={<Badge tone={data.active ? "good" : "plain"}>{t(data.active ? "factor.on" : "factor.off")}</Badge>}>
      {step === "begin" && <p>{data.active ? t("factor.on.text", { date: since, left: data.recovery_left }) : t("factor.off.text")}</p>}
      {step === "begin" && data.active && data.recovery_left <= FEW && <Notice tone="warn">{t("factor.few")}</Notice>}
      <SetUpFactor model={model} begin={<BeginForm model={model} active={data.active} />} />
    </Panel>
  );
}
