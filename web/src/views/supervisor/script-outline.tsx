import type { ReactElement } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import type { ScriptProblem } from "../../api/types";
import type { Opening, Script, Step } from "../../domain/script";
import { addStep, moveStep, removeStep } from "../../domain/script-edit";
import type { ScriptEditor } from "../../state/script-editor";
import { useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { type Option, SelectInput } from "../../ui/fields";
import { Badge, Button, Panel } from "../../ui/parts";

export function stepName({ id, title }: Step): string {
  return title.nl === "" ? id : `${id} ${title.nl}`;
}

interface OutlineProps {
  readonly editor: ScriptEditor;
  readonly script: Script;
  readonly problems: readonly ScriptProblem[];
  readonly open: string | null;
}

/** The steps in their order: arrows choose one; below the list it is moved or taken out. */
export function ScriptOutline({ editor, script, problems, open }: OutlineProps): ReactElement {
  const { t } = useWords();
  const errors = (id: string): number => problems.filter((one) => one.step === id && one.blocking).length;
  const add = (): void => {
    const added = addStep(script, open);
    editor.edit(() => added.script);
    editor.select(added.id);
  };
  const edit = (change: (script: Script, id: string) => Script): void => {
    if (open !== null) editor.edit((now) => change(now, open));
  };
  return (
    <Panel title={t("script.outline")}>
      <p className="muted">{t("script.outline.hint")}</p>
      <ListBox
        className="list-box outline"
        aria-label={t("script.outline")}
        selectionMode="single"
        selectionBehavior="replace"
        disallowEmptySelection
        selectedKeys={open === null ? [] : [open]}
        onSelectionChange={(keys) => {
          const [chosen] = keys === "all" ? [] : [...keys];
          if (chosen !== undefined) editor.select(String(chosen));
        }}
      >
        {script.steps.map((step) => (
          <ListBoxItem key={step.id} id={step.id} textValue={stepName(step)} className="list-box__item outline__item">
            <span className="outline__text">
              <strong>{stepName(step)}</strong>
              <span className="muted">{t(`script.audience.${step.audience}`)}</span>
            </span>
            {errors(step.id) > 0 && <Badge tone="bad">{errors(step.id) === 1 ? t("script.problems.one") : t("script.problems.count", { count: errors(step.id) })}</Badge>}
          </ListBoxItem>
        ))}
      </ListBox>
      <div className="row">
        <Button size="small" look="primary" onPress={add}>
          {t("script.step.add")}
        </Button>
        <Button size="small" isDisabled={open === null} onPress={() => edit((now, id) => moveStep(now, id, -1))}>
          {t("script.step.up")}
        </Button>
        <Button size="small" isDisabled={open === null} onPress={() => edit((now, id) => moveStep(now, id, 1))}>
          {t("script.step.down")}
        </Button>
        <Ask
          trigger={
            <Button size="small" look="quiet" isDisabled={open === null || script.steps.length < 2}>
              {t("script.step.remove")}
            </Button>
          }
          title={t("script.step.remove")}
          text={t("script.step.remove.text")}
          confirm={t("script.step.remove")}
          action={editor.acting}
          onConfirm={() => {
            edit(removeStep);
            editor.select(script.steps.find(({ id }) => id !== open)?.id ?? null);
            return Promise.resolve(true);
          }}
        />
      </div>
    </Panel>
  );
}

const OPENINGS: readonly Opening[] = ["out", "in", "call_back"];

/** Where the script begins, and where a matched check leads. */
export function ScriptStarts({ editor, script }: { readonly editor: ScriptEditor; readonly script: Script }): ReactElement {
  const { t } = useWords();
  const steps = (audience: Step["audience"]): readonly Option[] => script.steps.filter((step) => step.audience === audience).map((step) => ({ id: step.id, label: stepName(step) }));
  return (
    <Panel title={t("script.starts")}>
      <div className="stack">
        {OPENINGS.map((opening) => (
          <SelectInput
            key={opening}
            label={t(`script.starts.${opening}`)}
            value={script.starts[opening]}
            onChange={(id) => editor.edit((now) => ({ ...now, starts: { ...now.starts, [opening]: id } }))}
            options={steps("anyone")}
          />
        ))}
        <SelectInput label={t("script.after")} value={script.after_match} onChange={(id) => editor.edit((now) => ({ ...now, after_match: id }))} options={steps("resident")} />
      </div>
    </Panel>
  );
}
