import { type ReactElement, useState } from "react";
import { Label, RadioGroup } from "react-aria-components";
import { type Outcome, type OutcomeGroup, pressKey, refusal, sections } from "../../domain/outcomes";
import { useWords } from "../../ui/app-context";
import { RadioChoice } from "../../ui/choices";
import { Key } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";

interface OutcomeListProps {
  readonly outcomes: readonly Outcome[];
  readonly chosen: string | null;
  readonly verified: boolean;
  readonly disabled: boolean;
  readonly onChoose: (code: string) => void;
}

export function OutcomeList({ outcomes, chosen, verified, disabled, onChoose }: OutcomeListProps): ReactElement {
  const { t } = useWords();
  const [group, setGroup] = useState<OutcomeGroup | null>(null);
  const list = sections(outcomes);
  useKeys((key) => {
    if (disabled || !/^(\d|Escape)$/.test(key)) return false;
    const next = pressKey(list, group, key);
    const outcome = outcomes.find((candidate) => candidate.code === next.chosen);
    setGroup(next.group);
    if (outcome !== undefined && refusal(outcome, verified) === null) onChoose(outcome.code);
    return true;
  });
  return (
    <RadioGroup className="outcomes" value={chosen} onChange={onChoose} isDisabled={disabled}>
      <Label className="visually-hidden">{t("wrap.outcome")}</Label>
      {list
        .filter((section) => section.outcomes.length > 0)
        .map((section) => (
          <div key={section.group} className={`outcome-group ${group === section.group ? "outcome-group--open" : ""} ${group !== null && group !== section.group ? "outcome-group--dim" : ""}`}>
            <h3>
              <Key>{section.key}</Key> {t(`wrap.group.${section.group}`)}
            </h3>
            <div className="outcome-group__items">
              {section.outcomes.map(({ outcome, keys }) => {
                const refused = refusal(outcome, verified) !== null;
                return (
                  <RadioChoice key={outcome.code} value={outcome.code} look="outcome" disabled={refused}>
                    {keys !== null && <Key>{keys[1]}</Key>}
                    <span>{outcome.label}</span>
                    {refused && <span className="visually-hidden"> ({t("wrap.needsIdentity")})</span>}
                  </RadioChoice>
                );
              })}
            </div>
          </div>
        ))}
    </RadioGroup>
  );
}
