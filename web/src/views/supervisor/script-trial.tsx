import { type ReactElement, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { answer, answersOf, back, begin, fill, kindsSaid, type Known, type Opening, passagesOf, pathOf, type Run, said, type Script, type Spoken, stepOf, suggestion, verified } from "../../domain/script";
import { FACTS } from "../../domain/script-edit";
import { useWords } from "../../ui/app-context";
import { CheckChoice, Toggle } from "../../ui/choices";
import { SelectInput } from "../../ui/fields";
import { Button, Key, Panel } from "../../ui/parts";
import type { Outcomes } from "./use-outcomes";

/** What an agent would know: nobody's data, only what conditions and fields ask. */
const FRESH: Known = { verified: false, opening: "out", language: "nl", attempt: "first", arrears: ["rent"], crisis: false };
const OPENINGS: readonly Opening[] = ["out", "in", "call_back"];
const SAMPLE = { groet: "Goedemorgen", medewerker: "Noor", aanhef: "mevrouw De Vries", gemeente: "Voorbeeldstad", neutraleNaam: "Het Contactteam", nummer079: "079 000 00 00" };

/** The script as it stands, walked through without a call. The draft may change meanwhile: the walk goes on in it. */
export function ScriptTrial({ script, outcomes }: { readonly script: Script; readonly outcomes: Outcomes }): ReactElement {
  const { t } = useWords();
  const [known, setKnown] = useState<Known>(FRESH);
  const [run, setRun] = useState<Run>(() => begin(script, "out"));
  const spoken: Spoken = known.language === "en" ? "en" : "nl";
  const step = stepOf(script, run.now);
  const restart = (opening: Opening): void => {
    setKnown({ ...known, opening, verified: false });
    setRun(begin(script, opening));
  };
  const match = (): void => {
    setKnown({ ...known, verified: true });
    setRun(verified(script, run));
  };
  return (
    <Panel
      title={t("script.trial")}
      aside={
        <>
          {run.given.length > 0 && (
            <Button look="quiet" size="small" icon="back" onPress={() => setRun(back(run))}>
              {t("script.back")}
            </Button>
          )}
          <Button look="quiet" size="small" onPress={() => restart(known.opening)}>
            {t("script.trial.start")}
          </Button>
        </>
      }
    >
      <p className="muted">{t("script.trial.hint")}</p>
      {run.given.length > 0 && (
        <p className="muted">
          {pathOf(script, run, spoken)
            .map(({ title, label }) => `${title}: ${label}`)
            .join(" › ")}
        </p>
      )}
      <div className="step" aria-live="polite" lang={spoken}>
        {step === null ? (
          <p className="step__say">{run.now === null ? t("script.trial.end", { outcome: ended(script, run, outcomes) ?? t("script.trial.end.none") }) : t("script.trial.gone")}</p>
        ) : (
          <>
            <h3 className="step__title">{said(step.title, spoken)}</h3>
            {passagesOf(step, known).map((passage, index) => (
              <p key={index} className="step__say">
                {fill(said(passage, spoken), { ...SAMPLE, soort: kindsSaid(known.verified ? known.arrears : [], spoken) })}
              </p>
            ))}
          </>
        )}
      </div>
      {step !== null && (
        <div className="answers" lang={spoken}>
          {answersOf(step, known).map((one) => (
            <AriaButton key={one.key} className={`answer ${one.flag === "CRISIS" ? "answer--crisis" : ""}`} onPress={() => setRun(answer(script, run, one.key, known))}>
              <Key>{String(one.key)}</Key>
              <span>{said(one.label, spoken)}</span>
            </AriaButton>
          ))}
          {step.identity !== "no" && (
            <Button look="primary" onPress={match}>
              {t("script.trial.match")}
            </Button>
          )}
        </div>
      )}
      <div className="stack">
        <SelectInput
          label={t("script.trial.opening")}
          value={known.opening}
          onChange={(value) => restart(OPENINGS.find((opening) => opening === value) ?? "out")}
          options={OPENINGS.map((id) => ({ id, label: t(`script.value.${id}`) }))}
        />
        <KnownFields known={known} onChange={setKnown} />
      </div>
    </Panel>
  );
}

function ended(script: Script, run: Run, outcomes: Outcomes): string | null {
  const { outcome } = suggestion(script, run);
  return outcome === null ? null : outcomes.label(outcome);
}

function KnownFields({ known, onChange }: { readonly known: Known; readonly onChange: (known: Known) => void }): ReactElement {
  const { t, code } = useWords();
  const options = (fact: string): readonly { readonly id: string; readonly label: string }[] => (FACTS[fact]?.values ?? []).map((id) => ({ id, label: code("script.value", id) }));
  return (
    <>
      <SelectInput label={t("script.trial.language")} value={known.language} onChange={(language) => onChange({ ...known, language })} options={options("language")} />
      <SelectInput label={t("script.trial.arrears")} value={known.arrears[0] ?? ""} onChange={(kind) => onChange({ ...known, arrears: [kind] })} options={options("arrears")} />
      <div className="row">
        <Toggle selected={known.attempt === "again"} onChange={(on) => onChange({ ...known, attempt: on ? "again" : "first" })}>
          {t("script.trial.again")}
        </Toggle>
        <CheckChoice selected={known.crisis === true} onChange={(crisis) => onChange({ ...known, crisis })}>
          {t("script.trial.crisis")}
        </CheckChoice>
      </div>
    </>
  );
}
