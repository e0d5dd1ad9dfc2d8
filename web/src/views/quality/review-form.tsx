import type { ReactElement } from "react";
import { Label, RadioGroup } from "react-aria-components";
import type { Sample } from "../../api/types";
import { GIVEN, type Given, isVerdict, type VerdictForm } from "../../domain/quality";
import { looksLikeBsn } from "../../domain/text";
import type { SampleModel } from "../../state/quality";
import { useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { RadioChoice } from "../../ui/choices";
import { LongTextInput, SelectInput } from "../../ui/fields";
import { Badge, Button, ErrorNotice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import type { Outcomes } from "../supervisor/use-outcomes";

interface ReviewFormProps {
  readonly model: SampleModel;
  readonly sample: Sample;
  readonly outcomes: Outcomes;
}

/** The scorecard, whether the outcome is right, and a coaching item. Kept once, so it is asked for. */
export function ReviewForm({ model, sample, outcomes }: ReviewFormProps): ReactElement {
  const { t } = useWords();
  const form = useStore(model.form);
  const { error } = useStore(model.acting);
  const ours = useMay("quality.manage");
  return (
    <Panel title={t("quality.form")}>
      <form className="stack stack--wide" onSubmit={(event) => event.preventDefault()}>
        {sample.card.criteria.map((criterion) => (
          <RadioGroup key={criterion.code} className="choices" value={form.points[criterion.code] ?? ""} onChange={(given) => model.score(criterion.code, given as Given)}>
            <Label className="label">
              {criterion.label} {criterion.fatal && <Badge tone="warn">{t("quality.fatal")}</Badge>}
            </Label>
            <div className="row row--tight">
              {GIVEN.map((given) => (
                <RadioChoice key={given} value={given}>
                  {t(`quality.given.${given === "" ? "none" : given}`)}
                </RadioChoice>
              ))}
            </div>
          </RadioGroup>
        ))}
        <RightOutcome model={model} sample={sample} outcomes={outcomes} />
        {ours && (
          <LongTextInput
            label={t("quality.coaching.new")}
            hint={t("quality.coaching.hint")}
            value={form.coaching}
            onChange={(coaching) => model.edit({ coaching })}
            error={looksLikeBsn(form.coaching) ? t("wrap.note.bsn") : undefined}
            rows={3}
            maxLength={2000}
          />
        )}
        <ErrorNotice error={error} />
        <div className="row row--end">
          <Ask
            trigger={
              <Button look="primary" isDisabled={!isVerdict(form, sample.card.criteria)}>
                {t("quality.keep")}
              </Button>
            }
            title={t("quality.keep")}
            text={t(form.right === "no" && ours ? "quality.keep.corrects" : "quality.keep.text", { outcome: outcomes.label(form.wanted) })}
            confirm={t("quality.keep")}
            look="primary"
            action={model.acting}
            onConfirm={() => model.review()}
          />
        </div>
      </form>
    </Panel>
  );
}

function RightOutcome({ model, sample, outcomes }: ReviewFormProps): ReactElement {
  const { t } = useWords();
  const form = useStore(model.form);
  const now = sample.line.outcome_now ?? sample.line.outcome;
  return (
    <>
      <RadioGroup className="choices" value={form.right} onChange={(right) => model.edit({ right: right as VerdictForm["right"] })}>
        <Label className="label">{t("quality.right", { outcome: outcomes.label(now) })}</Label>
        <div className="row row--tight">
          <RadioChoice value="yes">{t("quality.yes")}</RadioChoice>
          <RadioChoice value="no">{t("quality.no")}</RadioChoice>
        </div>
      </RadioGroup>
      {form.right === "no" && (
        <>
          <SelectInput label={t("quality.wanted")} value={form.wanted} onChange={(wanted) => model.edit({ wanted })} options={outcomes.choices.filter(({ id }) => id !== now)} />
          <LongTextInput
            label={t("app.reason")}
            hint={t("app.reason.hint")}
            value={form.reason}
            onChange={(reason) => model.edit({ reason })}
            error={looksLikeBsn(form.reason) ? t("wrap.note.bsn") : undefined}
            rows={2}
            maxLength={500}
          />
        </>
      )}
    </>
  );
}
