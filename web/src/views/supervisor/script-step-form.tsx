import type { ReactElement } from "react";
import { Label, RadioGroup } from "react-aria-components";
import type { ScriptProblem } from "../../api/types";
import type { Passage, Script, Step, Text } from "../../domain/script";
import { addAnswer, changeStep, FIELDS, MOST_ANSWERS } from "../../domain/script-edit";
import type { ScriptEditor } from "../../state/script-editor";
import { useWords } from "../../ui/app-context";
import { RadioChoice } from "../../ui/choices";
import { LongTextInput, SelectInput, TextInput } from "../../ui/fields";
import { Button, Panel } from "../../ui/parts";
import { AnswerForm } from "./script-answer-form";
import { WhenFields } from "./script-when";
import type { Outcomes } from "./use-outcomes";

const AUDIENCES: readonly Step["audience"][] = ["anyone", "resident", "third_party"];
const IDENTITIES: readonly Step["identity"][] = ["no", "may", "asks"];
const SAMPLE = { nl: "", en: "" } as const;

interface StepFormProps {
  readonly editor: ScriptEditor;
  readonly script: Script;
  readonly step: Step;
  readonly problems: readonly ScriptProblem[];
  readonly outcomes: Outcomes;
}

/** One step: who may hear it, what is said, and what is answered. What is wrong stands at its field. */
export function StepForm({ editor, script, step, problems, outcomes }: StepFormProps): ReactElement {
  const { t } = useWords();
  const edit = (change: Partial<Step>): void => editor.edit((now) => changeStep(now, step.id, change));
  const fault = (where: string): string | undefined => problems.find((one) => one.where === where && one.blocking)?.text;
  const also = (place: number, change: Partial<Passage>): void => edit({ also: step.also.map((one, index) => (index === place ? { ...one, ...change } : one)) });
  return (
    <Panel title={t("script.step", { id: step.id })}>
      <div className="stack stack--wide">
        <RadioGroup className="choices" value={step.audience} onChange={(value) => edit({ audience: value as Step["audience"], ...(value === "anyone" ? {} : { identity: "no" }) })}>
          <Label className="label">{t("script.audience")}</Label>
          <div className="row">
            {AUDIENCES.map((audience) => (
              <RadioChoice key={audience} value={audience}>
                {t(`script.audience.${audience}`)}
              </RadioChoice>
            ))}
          </div>
        </RadioGroup>
        {step.audience === "anyone" && (
          <SelectInput
            label={t("script.identity")}
            value={step.identity}
            onChange={(value) => edit({ identity: value as Step["identity"] })}
            options={IDENTITIES.map((id) => ({ id, label: t(`script.identity.${id}`) }))}
          />
        )}
        <TextFields label={t("script.text.title")} text={step.title} error={fault("title")} onChange={(title) => edit({ title })} />
        <TextFields
          long
          label={t("script.text.say")}
          hint={t("script.text.say.hint", { fields: FIELDS.filter((name) => name !== "soort" || step.audience === "resident").map((name) => `{${name}}`).join(" ") })}
          text={step.say}
          error={fault("say")}
          onChange={(say) => edit({ say })}
        />
        <TextFields long label={t("script.text.hint")} text={step.hint} error={fault("hint")} onChange={(hint) => edit({ hint })} />
        {step.also.map((passage, place) => (
          <fieldset key={place} className="fieldset">
            <legend>{t("script.also")}</legend>
            <WhenFields when={passage.when} audience={step.audience} onChange={(when) => also(place, { when })} />
            <TextFields long label={t("script.text.say")} text={passage.say} error={fault(`also.${place + 1}`)} onChange={(say) => also(place, { say })} />
            <Button size="small" look="quiet" onPress={() => edit({ also: step.also.filter((_, index) => index !== place) })}>
              {t("script.also.remove")}
            </Button>
          </fieldset>
        ))}
        <div>
          <Button size="small" isDisabled={step.also.length > 8} onPress={() => edit({ also: [...step.also, { say: SAMPLE, when: [{ fact: "attempt", is: ["again"] }] }] })}>
            {t("script.also.add")}
          </Button>
        </div>
        <section className="stack" aria-label={t("script.answers")}>
          <h3>{t("script.answers")}</h3>
          {fault("") !== undefined && <p className="field__error">{fault("")}</p>}
          {step.answers.map((answer) => (
            <AnswerForm key={answer.key} script={script} step={step} answer={answer} error={fault(`answers.${answer.key}`)} outcomes={outcomes} onChange={(answers) => edit({ answers })} />
          ))}
          <div>
            <Button size="small" isDisabled={step.answers.length >= MOST_ANSWERS} onPress={() => edit({ answers: addAnswer(step) })}>
              {t("script.answer.add")}
            </Button>
          </div>
        </section>
      </div>
    </Panel>
  );
}

interface TextFieldsProps {
  readonly label: string;
  readonly text: Text;
  readonly onChange: (text: Text) => void;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly long?: boolean;
}

/** Dutch and English side by side. */
function TextFields({ label, text, onChange, hint, error, long = false }: TextFieldsProps): ReactElement {
  const { t } = useWords();
  const more = hint === undefined ? {} : { hint };
  const dutch = { label: t("script.text.nl", { label }), value: text.nl, onChange: (nl: string) => onChange({ ...text, nl }), error, ...more };
  const english = { label: t("script.text.en", { label }), value: text.en, onChange: (en: string) => onChange({ ...text, en }) };
  return (
    <div className="script-texts">
      {long ? <LongTextInput {...dutch} rows={3} maxLength={1200} /> : <TextInput {...dutch} maxLength={60} />}
      {long ? <LongTextInput {...english} rows={3} maxLength={1200} /> : <TextInput {...english} maxLength={60} />}
    </div>
  );
}
