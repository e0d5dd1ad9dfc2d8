import { type ReactElement, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import type { Agent, CallScript } from "../../api/types";
import { hourInAmsterdam } from "../../domain/dates";
import { answersOf, fill, greeting, hasEnglish, kindsSaid, passagesOf, pathOf, type Run, said, type Script, type Spoken, stepOf } from "../../domain/script";
import { spoken as spokenNumber } from "../../domain/text";
import type { CallModel } from "../../state/call";
import { useApp, useWords } from "../../ui/app-context";
import { Button, ErrorNotice, Key, Panel, shortcut } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

/** The script, step by step: what to say, and the answers as buttons (keys 1-9 while the call lasts). */
export function ScriptPanel({ call, agent }: { readonly call: CallModel; readonly agent: Agent }): ReactElement {
  const { t } = useWords();
  const { served, run, error } = useStore(call.script);
  if (served !== null && run !== null) return <RunningScript call={call} agent={agent} served={served} run={run} />;
  return (
    <Panel title={t("script.title")}>
      {error === null ? <p className="muted">{t("app.loading")}</p> : <ErrorNotice error={error} onRetry={() => void call.loadScript()} />}
      <p className="muted">{t("script.missing")}</p>
    </Panel>
  );
}

interface RunningProps {
  readonly call: CallModel;
  readonly agent: Agent;
  readonly served: CallScript;
  readonly run: Run;
}

function RunningScript({ call, agent, served, run }: RunningProps): ReactElement {
  const { t } = useWords();
  const card = useStore(call.card);
  const { result } = useStore(call.identity);
  useStore(call.dossier); // conditions may ask what is in it
  const [chosen, setChosen] = useState<Spoken | null>(null);
  const script = served.body;
  const language: Spoken = chosen ?? spokenIn(script, card?.language ?? "");
  const values = useScriptValues(call, agent, language);
  const talking = agent.state === "talking";
  const step = stepOf(script, run.now);
  const answers = step === null ? [] : answersOf(step, call.known);
  useKeys((key) => {
    if (!talking || !answers.some((answer) => String(answer.key) === key)) return false;
    call.answer(Number(key));
    return true;
  });
  return (
    <Panel
      title={t("script.title")}
      aside={
        <>
          {hasEnglish(script) && (
            <Button look="quiet" size="small" onPress={() => setChosen(language === "nl" ? "en" : "nl")}>
              {t(language === "nl" ? "script.speak.en" : "script.speak.nl")}
            </Button>
          )}
          {run.given.length > 0 && (
            <Button look="quiet" size="small" icon="back" onPress={call.back}>
              {t("script.back")}
            </Button>
          )}
        </>
      }
    >
      {run.given.length > 0 && (
        <ol className="path" aria-label={t("script.path")}>
          {pathOf(script, run, language).map(({ title, label }, index) => (
            <li key={index}>
              <AriaButton className="path__step" onPress={() => call.backTo(index)}>
                {title}: <strong>{label}</strong>
              </AriaButton>
            </li>
          ))}
        </ol>
      )}
      <div className="step" aria-live="polite" lang={language}>
        {step === null ? (
          <p className="step__say">{t("script.done")}</p>
        ) : (
          <>
            <h3 className="step__title">{said(step.title, language)}</h3>
            {passagesOf(step, call.known).map((passage, index) => (
              <p key={index} className="step__say">
                {fill(said(passage, language), values)}
              </p>
            ))}
            {step.hint.nl !== "" && (
              <p className="step__hint">
                <strong>{t("script.hint")}:</strong> {fill(said(step.hint, language), values)}
              </p>
            )}
          </>
        )}
      </div>
      <div className="answers" lang={language}>
        {answers.map((answer) => (
          <AriaButton
            key={answer.key}
            className={`answer ${answer.flag === "CRISIS" ? "answer--crisis" : ""}`}
            onPress={() => call.answer(answer.key)}
            ref={shortcut(String(answer.key))}
          >
            {talking && <Key>{String(answer.key)}</Key>}
            <span>{said(answer.label, language)}</span>
          </AriaButton>
        ))}
      </div>
      {step?.identity === "asks" && result !== "match" && <p className="muted">{t("script.gate")}</p>}
    </Panel>
  );
}

/** What is spoken with a resident of this language, as far as the script can. */
export function spokenIn(script: Script | null, language: string): Spoken {
  return language === "en" && script !== null && hasEnglish(script) ? "en" : "nl";
}

export function useScriptValues(call: CallModel, agent: Agent, language: Spoken): Readonly<Record<string, string | undefined>> {
  const card = useStore(call.card);
  const { client } = useApp();
  return {
    groet: greeting(hourInAmsterdam(new Date(client.now() * 1000)), language),
    medewerker: agent.name,
    aanhef: [card?.salutation ?? "", card?.name ?? ""].filter((part) => part !== "").join(" "),
    gemeente: card?.municipality,
    neutraleNaam: card?.neutral_name,
    nummer079: card === null ? "" : spokenNumber(card.callback_number),
    soort: kindsSaid(call.known.arrears, language),
  };
}
