/** Form fields: label, hint and error belong to the control. */

import type { ReactElement } from "react";
import { parseDate, parseTime } from "@internationalized/date";
import {
  Button,
  DateField,
  DateInput as Segments,
  DateSegment,
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
  TimeField,
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
  readonly type?: "text" | "password" | "tel" | "search";
  readonly placeholder?: string;
  readonly autoComplete?: string;
  readonly maxLength?: number;
  /** Takes the focus when it appears: the first field of what the user has just asked for. */
  readonly focusFirst?: boolean;
  readonly size?: "normal" | "short";
}

export function TextInput(props: TextInputProps): ReactElement {
  const { label, value, onChange, hint, error, required = false, disabled = false, size = "normal" } = props;
  const { type = "text", placeholder, autoComplete = "off", maxLength = 200, focusFirst = false } = props;
  return (
    <TextField
      className={`field field--${size}`}
      type={type}
      value={value}
      onChange={onChange}
      isRequired={required}
      isDisabled={disabled}
      isInvalid={error !== undefined}
      autoComplete={autoComplete}
      maxLength={maxLength}
      // eslint-disable-next-line jsx-a11y/no-autofocus -- asked for where it is the first thing to fill in
      autoFocus={focusFirst}
      validationBehavior="aria"
    >
      <Label className="label">{label}</Label>
      <Input className="input" placeholder={placeholder ?? ""} spellCheck={false} />
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
      <Label className="label">{label}</Label>
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

export function SelectInput({ label, value, onChange, options, placeholder, hint, error, disabled = false }: SelectInputProps): ReactElement {
  return (
    <Select
      className="field"
      value={value === "" ? null : value}
      onChange={(key) => onChange(key === null ? "" : String(key))}
      isDisabled={disabled || options.length === 0} // it would not open: there is nothing to choose (yet)
      isInvalid={error !== undefined}
      validationBehavior="aria"
      placeholder={placeholder ?? ""}
    >
      <Label className="label">{label}</Label>
      <Button className="input input--select">
        <SelectValue className="select-value" />
        <Icon name="down" />
      </Button>
      {hint !== undefined && (
        <Text slot="description" className="field__hint">
          {hint}
        </Text>
      )}
      <FieldError className="field__error">{error}</FieldError>
      <Popover className="popover">
        <ListBox className="list-box" items={options.map((option) => ({ ...option }))}>
          {(option) => <ListBoxItem className="list-box__item">{option.label}</ListBoxItem>}
        </ListBox>
      </Popover>
    </Select>
  );
}

type MomentProps = Omit<FieldProps, "hint" | "required">;

/** A date as `2026-11-23`, empty while it is not whole; typed in the reader's own order, part by part. */
export function DateInput({ label, value, onChange, error, disabled = false }: MomentProps): ReactElement {
  return (
    <DateField
      className="field"
      value={value === "" ? null : parseDate(value)}
      onChange={(date) => onChange(date?.toString() ?? "")}
      isDisabled={disabled}
      isInvalid={error !== undefined}
      validationBehavior="aria"
    >
      <Label className="label">{label}</Label>
      <Segments className="input input--segments">{(segment) => <DateSegment segment={segment} className="segment" />}</Segments>
      <FieldError className="field__error">{error}</FieldError>
    </DateField>
  );
}

/** A time of day as `09:30`, empty while it is not whole. */
export function TimeInput({ label, value, onChange, error, disabled = false }: MomentProps): ReactElement {
  return (
    <TimeField className="field" hourCycle={24} value={value === "" ? null : parseTime(value)} onChange={(time) => onChange(time?.toString().slice(0, 5) ?? "")} isDisabled={disabled} isInvalid={error !== undefined} validationBehavior="aria">
      <Label className="label">{label}</Label>
      <Segments className="input input--segments">{(segment) => <DateSegment segment={segment} className="segment" />}</Segments>
      <FieldError className="field__error">{error}</FieldError>
    </TimeField>
  );
}
