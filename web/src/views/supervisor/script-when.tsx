import type { ReactElement } from "react";
import { CheckboxGroup, Label } from "react-aria-components";
import type { Condition, Step } from "../../domain/script";
import { conditioned, FACTS } from "../../domain/script-edit";
import { useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";

interface WhenProps {
  readonly when: readonly Condition[];
  readonly audience: Step["audience"];
  readonly onChange: (when: readonly Condition[]) => void;
}

/** What must be known: nothing ticked of a fact asks nothing of it. What is secret before the check is not offered there. */
export function WhenFields({ when, audience, onChange }: WhenProps): ReactElement {
  const { t, code } = useWords();
  const asked = when.map(({ fact, is }) => `${code("script.fact", fact)}: ${is.map((value) => code("script.value", value)).join(", ")}`);
  return (
    <details className="when">
      <summary>
        {t("script.when")}: {asked.length === 0 ? t("script.when.none") : asked.join("; ")}
      </summary>
      <div className="stack">
        {Object.entries(FACTS)
          .filter(([fact, { secret }]) => !secret || audience === "resident" || when.some((condition) => condition.fact === fact))
          .map(([fact, { values }]) => (
            <CheckboxGroup key={fact} className="choices" value={[...(when.find((condition) => condition.fact === fact)?.is ?? [])]} onChange={(chosen) => onChange(conditioned(when, fact, chosen))}>
              <Label className="label">{code("script.fact", fact)}</Label>
              <div className="row">
                {values.map((value) => (
                  <CheckChoice key={value} value={value}>
                    {code("script.value", value)}
                  </CheckChoice>
                ))}
              </div>
            </CheckboxGroup>
          ))}
      </div>
    </details>
  );
}
