/** Radios, checkboxes and a switch, drawn as buttons that show a tick when chosen. */

import type { ReactElement, ReactNode } from "react";
import { CheckboxButton, CheckboxField, RadioButton, RadioField, SwitchButton, SwitchField } from "react-aria-components";

interface RadioChoiceProps {
  readonly value: string;
  readonly look?: "choice" | "choice choice--wide" | "outcome";
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

/** One of a RadioGroup. */
export function RadioChoice({ value, look = "choice", disabled = false, children }: RadioChoiceProps): ReactElement {
  return (
    <RadioField className="choice-field" value={value} isDisabled={disabled}>
      <RadioButton className={look}>{children}</RadioButton>
    </RadioField>
  );
}

interface CheckChoiceProps {
  /** Its name within a CheckboxGroup. */
  readonly value?: string;
  readonly selected?: boolean;
  readonly onChange?: (selected: boolean) => void;
  readonly bad?: boolean;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

/** One of a CheckboxGroup, or one by itself (`selected`, `onChange`). */
export function CheckChoice({ value, selected, onChange, bad = false, disabled = false, children }: CheckChoiceProps): ReactElement {
  return (
    <CheckboxField
      className="choice-field"
      {...(disabled ? { isDisabled: true } : {})}
      {...(value === undefined ? {} : { value })}
      {...(selected === undefined ? {} : { isSelected: selected })}
      {...(onChange === undefined ? {} : { onChange })}
    >
      <CheckboxButton className={`choice ${bad ? "choice--bad" : ""}`}>{children}</CheckboxButton>
    </CheckboxField>
  );
}

interface ToggleProps {
  readonly selected: boolean;
  readonly onChange: (selected: boolean) => void;
  readonly children: ReactNode;
}

export function Toggle({ selected, onChange, children }: ToggleProps): ReactElement {
  return (
    <SwitchField isSelected={selected} onChange={onChange}>
      <SwitchButton className="switch">
        <span className="switch__track" />
        {children}
      </SwitchButton>
    </SwitchField>
  );
}
