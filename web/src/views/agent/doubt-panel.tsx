import type { ReactElement } from "react";
import type { Agent } from "../../api/types";
import { doubtStep, fill, passagesOf, said } from "../../domain/script";
import type { CallModel } from "../../state/call";
import { useWords } from "../../ui/app-context";
import { Button, Notice, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";
import { spokenIn, useScriptValues } from "./script-panel";

/** "This is a scam": one key, wherever the script is. What to say, and the outcome with which nobody rings for some days. */
export function DoubtPanel({ call, agent }: { readonly call: CallModel; readonly agent: Agent }): ReactElement {
  const { t } = useWords();
  const { shown } = useStore(call.doubt);
  const { served } = useStore(call.script);
  const card = useStore(call.card);
  const language = spokenIn(served?.body ?? null, card?.language ?? "");
  const values = useScriptValues(call, agent, language);
  useKeys((key) => {
    if (key !== "u") return false;
    call.doubts();
    return true;
  });
  const step = served === null ? null : doubtStep(served.body);
  const words = step === null ? [t("doubt.say")] : passagesOf(step, call.known).map((passage) => fill(said(passage, language), values));
  return (
    <Panel label={t("doubt.on")}>
      <div className="row">
        <Button size="small" look={shown ? "primary" : "secondary"} hotkey="U" aria-pressed={shown} onPress={call.doubts}>
          {t(shown ? "doubt.off" : "doubt.on")}
        </Button>
      </div>
      {/* The region is there before its words, or not every reader reads them out. */}
      <div className="region" aria-live="polite">
        {shown && (
          <Notice tone="info">
            <div lang={step === null ? undefined : language}>
              {words.map((passage, index) => (
                <p key={index} className="step__say">
                  {passage}
                </p>
              ))}
            </div>
            <p className="muted">{t("doubt.after")}</p>
          </Notice>
        )}
      </div>
    </Panel>
  );
}
