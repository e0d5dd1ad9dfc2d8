import { type ReactElement, useState } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import { type Outcome, type OutcomeGroup, pressKey, refusal, sections } from "../../domain/outcomes";
import { useWords } from "../../ui/app-context";
import { Key } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";

interface OutcomeListProps {
  readonly outcomes: readonly Outcome[];
  readonly chosen: string | null;
  readonly verified: boolean;
  readonly disabled: boolean;
  /** Two digits choose; only once the call is over, before that digits belong to the script. */
  readonly keys: boolean;
  readonly onChoose: (code: string) => void;
}

export function OutcomeList({ outcomes, chosen, verified, disabled, keys, onChoose }: OutcomeListProps): ReactElement {
  const { t } = useWords();
  const [group, setGroup] = useState<OutcomeGroup | null>(null);
  const list = sections(outcomes);
  useKeys((key) => {
    if (!keys || disabled || !/^(\d|Escape)$/.test(key)) return false;
    const next = pressKey(list, group, key);
    const outcome = outcomes.find((candidate) => candidate.code === next.chosen);
    setGroup(next.group);
    if (outcome !== undefined && refusal(outcome, verified) === null) onChoose(outcome.code);
    return true;
  });
  return (
    <RadioGroup className="outcomes" value={chosen} onChange={onChoose} isDisabled={disabled}>
      <Label className="visually-hidden">{t("wrap.outcome")}</Label>
      {keys && <p className="field__hint">{t("wrap.keys", { keys: "3 1" })}</p>}
      {list
        .filter((section) => section.outcomes.length > 0)
        .map((section) => (
          <div key={section.group} className={`outcome-group ${group === section.group ? "outcome-group--open" : ""} ${group !== null && group !== section.group ? "outcome-group--dim" : ""}`}>
            <h3>
              {keys && <Key>{section.key}</Key>} {t(`wrap.group.${section.group}`)}
            </h3>
            <div className="outcome-group__items">
              {section.outcomes.map(({ outcome, keys: pair }) => {
                const refused = refusal(outcome, verified) !== null;
                return (
                  <Radio key={outcome.code} value={outcome.code} className="outcome" isDisabled={refused}>
                    {keys && pair !== null && <Key>{pair[1]}</Key>}
                    <span>{outcome.label}</span>
                    {refused && <span className="visually-hidden"> ({t("wrap.needsIdentity")})</span>}
                  </Radio>
                );
              })}
            </div>
          </div>
        ))}
    </RadioGroup>
  );
}
