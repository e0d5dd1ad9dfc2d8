import type { ReactElement } from "react";
import type { Agent } from "../../api/types";
import { hourInAmsterdam } from "../../domain/dates";
import { fill, greeting, stepOf } from "../../domain/script";
import { spoken } from "../../domain/text";
import type { CallModel } from "../../state/call";
import { useApp, useWords } from "../../ui/app-context";
import { Button, Key, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";
import { Button as AriaButton } from "react-aria-components";

/** The script, step by step: what to say, and the answers as buttons (keys 1-9 while the call lasts). */
export function ScriptPanel({ call, agent }: { readonly call: CallModel; readonly agent: Agent }): ReactElement {
  const { t } = useWords();
  const run = useStore(call.script);
  const values = useScriptValues(call, agent);
  const { result } = useStore(call.identity);
  const talking = agent.state === "talking";
  const step = run.now === null ? null : stepOf(run.now);
  useKeys((key) => {
    if (!talking || step === null) return false;
    const index = Number(key) - 1;
    if (!Number.isInteger(index) || step.answers[index] === undefined) return false;
    call.answer(index);
    return true;
  });
  return (
    <Panel
      title={t("script.title")}
      aside={
        run.given.length > 0 && (
          <Button look="quiet" size="small" icon="back" onPress={call.back}>
            {t("script.back")}
          </Button>
        )
      }
    >
      {run.given.length > 0 && (
        <ol className="path" aria-label={t("script.path")}>
          {run.given.map(({ at, answer }, index) => (
            <li key={index}>
              <AriaButton className="path__step" onPress={() => call.backTo(index)}>
                {stepOf(at).title}: <strong>{stepOf(at).answers[answer]?.label}</strong>
              </AriaButton>
            </li>
          ))}
        </ol>
      )}
      <div className="step" aria-live="polite">
        {step === null ? (
          <p className="step__say">{t("script.done")}</p>
        ) : (
          <>
            <h3 className="step__title">{step.title}</h3>
            <p className="step__say">{fill(step.say, values)}</p>
            {step.hint !== undefined && (
              <p className="step__hint">
                <strong>{t("script.hint")}:</strong> {fill(step.hint, values)}
              </p>
            )}
          </>
        )}
      </div>
      {step !== null && (
        <div className="answers">
          {step.answers.map((answer, index) => (
            <AriaButton key={answer.label} className={`answer ${answer.flag === "CRISIS" ? "answer--crisis" : ""}`} onPress={() => call.answer(index)} aria-keyshortcuts={String(index + 1)}>
              {talking && <Key>{String(index + 1)}</Key>}
              <span>{answer.label}</span>
            </AriaButton>
          ))}
        </div>
      )}
      {step?.id === "I1" && result !== "match" && <p className="muted">{t("script.gate")}</p>}
    </Panel>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  energy: "energie", rent: "huur", water: "water", health: "zorgverzekering", mortgage: "de hypotheek", cak: "het CAK", duo: "DUO", tax: "belastingen",
  telecom: "telefoon of internet",
};

function useScriptValues(call: CallModel, agent: Agent): Readonly<Record<string, string | undefined>> {
  const card = useStore(call.card);
  const { data: dossier } = useStore(call.dossier);
  const { client } = useApp();
  const kinds = [...new Set((dossier?.signals ?? []).map((signal) => KINDS[signal.partner_type] ?? "vaste lasten"))];
  return {
    groet: greeting(hourInAmsterdam(new Date(client.now() * 1000))),
    medewerker: agent.name,
    aanhef: [card?.salutation ?? "", card?.name ?? ""].filter((part) => part !== "").join(" "),
    gemeente: card?.municipality,
    neutraleNaam: card?.neutral_name,
    nummer079: card === null ? "" : spoken(card.callback_number),
    soort: kinds.join(" en "),
  };
}
