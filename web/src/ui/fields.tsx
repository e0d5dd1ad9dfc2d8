/** Form fields: label, hint and error belong to the control. */

import type { ReactElement } from "react";
import {
  Button,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
  TextArea,
  TextField,
} from "react-aria-components";
import { Icon } from "./icon";

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly required?: boolean;
  readonly disabled?: boolean;
}

interface TextInputProps extends FieldProps {
  readonly type?: "text" | "password" | "date" | "time" | "tel" | "search";
  readonly placeholder?: string;
  readonly autoComplete?: string;
  readonly maxLength?: number;
  readonly autoFocus?: boolean;
  readonly size?: "normal" | "short";
}

export function TextInput(props: TextInputProps): ReactElement {
  const { label, value, onChange, hint, error, required = false, disabled = false, size = "normal" } = props;
  const { type = "text", placeholder, autoComplete = "off", maxLength = 200, autoFocus = false } = props;
  return (
    <TextField
      className={`field field--${size}`}
      type={type === "password" || type === "tel" || type === "search" ? type : "text"}
      value={value}
      onChange={onChange}
      isRequired={required}
      isDisabled={disabled}
      isInvalid={error !== undefined}
      autoComplete={autoComplete}
      maxLength={maxLength}
      // A dialog's or the log-in's first field: the user has asked for just this.
      // eslint-disable-next-line jsx-a11y/no-autofocus
      autoFocus={autoFocus}
      validationBehavior="aria"
    >
      <Label>{label}</Label>
      <Input className="input" type={type} placeholder={placeholder ?? ""} spellCheck={false} />
      {hint !== undefined && (
        <Text slot="description" className="field__hint">
          {hint}
        </Text>
      )}
      <FieldError className="field__error">{error}</FieldError>
    </TextField>
  );
}

export function LongTextInput(props: FieldProps & { readonly rows?: number; readonly maxLength?: number }): ReactElement {
  const { label, value, onChange, hint, error, disabled = false, rows = 4, maxLength = 4000 } = props;
  return (
    <TextField className="field" value={value} onChange={onChange} isDisabled={disabled} isInvalid={error !== undefined} maxLength={maxLength} validationBehavior="aria">
      <Label>{label}</Label>
      <TextArea className="input input--long" rows={rows} />
      {hint !== undefined && (
        <Text slot="description" className="field__hint">
          {hint}
        </Text>
      )}
      <FieldError className="field__error">{error}</FieldError>
    </TextField>
  );
}

export interface Option {
  readonly id: string;
  readonly label: string;
}

interface SelectInputProps extends FieldProps {
  readonly options: readonly Option[];
  readonly placeholder?: string;
}

export function SelectInput({ label, value, onChange, options, placeholder, hint, disabled = false }: SelectInputProps): ReactElement {
  return (
    <Select
      className="field"
      value={value === "" ? null : value}
      onChange={(key) => onChange(key === null ? "" : String(key))}
      isDisabled={disabled}
      placeholder={placeholder ?? ""}
    >
      <Label>{label}</Label>
      <Button className="input input--select">
        <SelectValue className="select-value" />
        <Icon name="down" />
      </Button>
      {hint !== undefined && (
        <Text slot="description" className="field__hint">
          {hint}
        </Text>
      )}
      <Popover className="popover">
        <ListBox className="list-box" items={options.map((option) => ({ ...option }))}>
          {(option) => <ListBoxItem className="list-box__item">{option.label}</ListBoxItem>}
        </ListBox>
      </Popover>
    </Select>
  );
}
