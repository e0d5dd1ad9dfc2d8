import type { ReactElement } from "react";
import type { Answer, Script, Step } from "../../domain/script";
import { changeAnswer, rekey, removeAnswer } from "../../domain/script-edit";
import { useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { SelectInput, TextInput } from "../../ui/fields";
import { Button } from "../../ui/parts";
import { stepName } from "./script-outline";
import { WhenFields } from "./script-when";
import type { Outcomes } from "./use-outcomes";

const NONE = "-";
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;

interface AnswerFormProps {
  readonly script: Script;
  readonly step: Step;
  readonly answer: Answer;
  readonly error: string | undefined;
  readonly outcomes: Outcomes;
  readonly onChange: (answers: readonly Answer[]) => void;
}

/** One answer: its key and words, what comes after it, and what it files. */
export function AnswerForm({ script, step, answer, error, outcomes, onChange }: AnswerFormProps): ReactElement {
  const { t } = useWords();
  const { key, label, to, outcome, flag, files, when } = answer;
  const edit = (change: Partial<Answer>): void => onChange(changeAnswer(step, key, change));
  const reachable = script.steps.filter((one) => one.audience !== "resident" || step.audience === "resident" || one.id === to);
  const targets = reachable.map((one) => ({ id: one.id, label: stepName(one) }));
  const gone = to !== null && !script.steps.some(({ id }) => id === to) ? [{ id: to, label: to }] : [];
  const unknown = outcome !== null && !outcomes.choices.some(({ id }) => id === outcome) ? [{ id: outcome, label: outcome }] : [];
  return (
    <fieldset className="fieldset">
      <legend>{t("script.answer", { key })}</legend>
      {error !== undefined && <p className="field__error">{error}</p>}
      <div className="script-texts">
        <TextInput label={t("script.text.nl", { label: t("script.answer.label") })} value={label.nl} onChange={(nl) => edit({ label: { ...label, nl } })} maxLength={60} />
        <TextInput label={t("script.text.en", { label: t("script.answer.label") })} value={label.en} onChange={(en) => edit({ label: { ...label, en } })} maxLength={60} />
      </div>
      <div className="script-texts">
        <SelectInput
          label={t("script.answer.to")}
          value={to ?? NONE}
          onChange={(next) => edit({ to: next === NONE ? null : next })}
          options={[{ id: NONE, label: t("script.answer.end") }, ...targets, ...gone]}
        />
        <SelectInput
          label={t("script.answer.outcome")}
          value={outcome ?? NONE}
          onChange={(code) => edit({ outcome: code === NONE ? null : code })}
          options={[{ id: NONE, label: t("script.answer.outcome.none") }, ...outcomes.choices, ...unknown]}
        />
      </div>
      <details className="when">
        <summary>
          {t("script.answer.key")} {key}
          {files !== null && `, ${files.name} = ${files.value}`}
          {flag === "CRISIS" && `, ${t("script.answer.crisis")}`}
        </summary>
        <div className="script-texts">
          <SelectInput label={t("script.answer.key")} value={String(key)} onChange={(next) => onChange(rekey(step, key, Number(next)))} options={KEYS.map((id) => ({ id, label: id }))} />
          <CheckChoice selected={flag === "CRISIS"} onChange={(on) => edit({ flag: on ? "CRISIS" : null })}>
            {t("script.answer.crisis")}
          </CheckChoice>
          <TextInput
            label={t("script.answer.files")}
            value={files?.name ?? ""}
            onChange={(name) => edit({ files: name === "" && (files?.value ?? "") === "" ? null : { name, value: files?.value ?? "" } })}
            maxLength={40}
          />
          <TextInput
            label={t("script.answer.files.value")}
            value={files?.value ?? ""}
            onChange={(value) => edit({ files: value === "" && (files?.name ?? "") === "" ? null : { name: files?.name ?? "", value } })}
            maxLength={60}
          />
        </div>
      </details>
      <WhenFields when={when} audience={step.audience} onChange={(next) => edit({ when: next })} />
      <div>
        <Button size="small" look="quiet" aria-label={`${t("script.answer.remove")}: ${key}`} onPress={() => onChange(removeAnswer(step, key))}>
          {t("script.answer.remove")}
        </Button>
      </div>
    </fieldset>
  );
}
