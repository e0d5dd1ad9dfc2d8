/** A dialog that asks before something that cannot be taken back, with a reason where the service wants one. */

import { type ReactElement, type ReactNode, useState } from "react";
import type { ActionState } from "../state/query";
import type { Readable } from "../state/store";
import { DialogForm } from "./dialog-form";
import { DialogFrame } from "./dialog-frame";
import { type Option, SelectInput, TextInput } from "./fields";
import { useStore } from "./use-store";

interface AskProps {
  readonly trigger: ReactNode;
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  /** Of the button that confirms: red unless nothing is lost by it. */
  readonly look?: "danger" | "primary";
  readonly action: Readable<ActionState>;
  readonly field?: {
    readonly label: string;
    readonly hint: string;
    /** Fewest characters; where it hangs on what was chosen, a function of that. */
    readonly min: number | ((chosen: string) => number);
    readonly type?: "password";
    readonly maxLength?: number;
    /** What is wrong with it as it stands; undefined: nothing. */
    readonly check?: (value: string) => string | undefined;
  };
  /** Something to choose beside the field. */
  readonly choice?: { readonly label: string; readonly options: readonly Option[] };
  /** True when done: the dialog closes. */
  readonly onConfirm: (value: string, chosen: string) => Promise<boolean>;
}

export function Ask({ trigger, title, text, confirm, look = "danger", action, field, choice, onConfirm }: AskProps): ReactElement {
  return (
    <DialogFrame
      title={title}
      trigger={trigger}
    >
      {(close) => (
        <>
          <p>{text}</p>
          <AskForm confirm={confirm} look={look} action={action} field={field} choice={choice} onConfirm={onConfirm} close={close} />
        </>
      )}
    </DialogFrame>
  );
}

interface FormProps extends Pick<AskProps, "confirm" | "action" | "onConfirm"> {
  readonly field: AskProps["field"];
  readonly choice: AskProps["choice"];
  readonly look: "danger" | "primary";
  readonly close: () => void;
}

function AskForm({ confirm, look, action, field, choice, onConfirm, close }: FormProps): ReactElement {
  const { error } = useStore(action);
  const [value, setValue] = useState("");
  const [chosen, setChosen] = useState("");
  const wrong = field?.check?.(value);
  const least = typeof field?.min === "function" ? field.min(chosen) : (field?.min ?? 0);
  const ready = value.trim().length >= least && wrong === undefined && (choice === undefined || chosen !== "");
  return (
    <DialogForm error={error} ready={ready} submit={confirm} look={look} onSubmit={() => onConfirm(value, chosen)} close={close}>
      {choice !== undefined && <SelectInput label={choice.label} value={chosen} onChange={setChosen} options={choice.options} />}
      {field !== undefined && (
        <TextInput label={field.label} hint={field.hint} value={value} onChange={setValue} error={wrong} maxLength={field.maxLength ?? 200} type={field.type ?? "text"} autoComplete={field.type === "password" ? "new-password" : "off"} focusFirst={choice === undefined} />
      )}
    </DialogForm>
  );
}
