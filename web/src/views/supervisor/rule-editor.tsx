import { type ReactElement, useEffect, useRef, useState } from "react";
import type { OutcomeRule, StepKind } from "../../api/types";
import { isStep, stepOf, waits } from "../../domain/rules";
import type { RulesModel } from "../../state/rules";
import { useWords } from "../../ui/app-context";
import { SelectInput, TextInput } from "../../ui/fields";
import { Button, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** One outcome's next step; nothing is sent from here. */
export function RuleEditor({ model, rule }: { readonly model: RulesModel; readonly rule: OutcomeRule }): ReactElement | null {
  const { t } = useWords();
  const { form } = useStore(model.draft);
  const [asked, setAsked] = useState(false);
  const top = useRef<HTMLFormElement>(null);
  // It appears beside the table, not after the button: the keyboard goes along.
  useEffect(() => top.current?.querySelector("button")?.focus(), []);
  if (form === null) return null;
  const closes = model.closes(rule.code);
  const found = asked ? stepOf(form, closes) : null;
  const fault = found === null || isStep(found) ? null : found;
  const wrong = (field: NonNullable<typeof fault>): { readonly error?: string } => (fault === field ? { error: t(`rules.fault.${field}`) } : {});
  return (
    <Panel title={t("rules.edit.of", { label: rule.label })} tone="accent">
      <form
        ref={top}
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(!model.take());
        }}
      >
        <SelectInput
          label={t("rules.step")}
          value={form.kind}
          onChange={(kind) => model.edit({ kind: kind as StepKind })}
          options={rule.kinds.map((id) => ({ id, label: t(`rules.kind.${id}`) }))}
        />
        {waits(form.kind) && (
          <div className="columns">
            <TextInput label={t("rules.from")} value={form.from} onChange={(from) => model.edit({ from })} maxLength={5} {...wrong("minutes")} />
            <TextInput label={t("rules.to")} value={form.to} onChange={(to) => model.edit({ to })} maxLength={5} />
          </div>
        )}
        {form.kind === "pause" && <TextInput label={t("rules.days")} value={form.days} onChange={(days) => model.edit({ days })} maxLength={2} {...wrong("days")} />}
        {closes && <TextInput label={t("rules.close")} value={form.closeAfter} onChange={(closeAfter) => model.edit({ closeAfter })} maxLength={1} {...wrong("close")} />}
        {rule.thens.length > 0 && (
          <>
            <TextInput
              label={t("rules.times")}
              hint={t("rules.times.hint")}
              value={form.times}
              onChange={(times) => model.edit({ times, ...(times === "" ? { then: "" as const } : {}) })}
              maxLength={2}
              {...wrong("times")}
            />
            {form.times !== "" && (
              <SelectInput
                label={t("rules.then")}
                value={form.then}
                onChange={(then) => model.edit({ then: then as StepKind })}
                options={rule.thens.map((id) => ({ id, label: t(`rules.kind.${id}`) }))}
                {...wrong("then")}
              />
            )}
          </>
        )}
        <div className="row">
          <Button type="submit" look="primary">
            {t("rules.take")}
          </Button>
          <Button look="quiet" onPress={model.shut}>
            {t("app.cancel")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
