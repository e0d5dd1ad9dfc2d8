import type { ReactElement } from "react";
import { byTopic, type ClientFault, type ClientSetting } from "../../domain/client-form";
import { sentence } from "../../domain/text";
import type { ClientModel } from "../../state/clients";
import { useWords, type Words } from "../../ui/app-context";
import { SelectInput, TextInput } from "../../ui/fields";

export function wrong(t: Words["t"], fault: ClientFault | undefined): { readonly error?: string } {
  if (fault === undefined) return {};
  return { error: fault.kind === "number" ? t("clients.fault.number", { low: fault.low, high: fault.high }) : t(`clients.fault.${fault.kind}`) };
}

interface Props {
  readonly settings: readonly ClientSetting[];
  readonly model: ClientModel;
  readonly typed: Readonly<Record<string, string>>;
  readonly faults: Readonly<Record<string, ClientFault>>;
  readonly fixed: boolean;
}

/** What a client has agreed on, subject by subject. */
export function ClientSettings({ settings, model, typed, faults, fixed }: Props): ReactElement {
  const { t } = useWords();
  return (
    <div className="stack stack--wide">
      {byTopic(settings).map(({ topic, settings: some }) => (
        <fieldset key={topic} className="fieldset">
          <legend>{t(`clients.topic.${topic}`)}</legend>
          <div className="columns columns--wide">
            {some.map((setting) => (
              <OneSetting key={setting.key} setting={setting} value={typed[setting.key] ?? ""} onChange={(value) => model.editNumber(setting.key, value)} fault={faults[setting.key]} fixed={fixed} />
            ))}
          </div>
        </fieldset>
      ))}
    </div>
  );
}

interface OneProps {
  readonly setting: ClientSetting;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly fault: ClientFault | undefined;
  readonly fixed: boolean;
}

const USUAL = "usual";

function OneSetting({ setting, value, onChange, fault, fixed }: OneProps): ReactElement {
  const { t } = useWords();
  const { text, unit, usual } = setting;
  if (unit === "yes_no") {
    const word = (number: string): string => t(number === "1" ? "clients.yes" : "clients.no");
    const options = [{ id: USUAL, label: t("settings.usual", { value: word(String(usual)) }) }, ...["1", "0"].map((id) => ({ id, label: word(id) }))];
    return <SelectInput label={sentence(text)} options={options} value={value === "" ? USUAL : value} onChange={(chosen) => onChange(chosen === USUAL ? "" : chosen)} disabled={fixed} {...wrong(t, fault)} />;
  }
  return (
    <TextInput
      label={`${sentence(text)} (${t(`clients.unit.${unit}`)})`}
      hint={t("settings.usual", { value: usual })}
      value={value}
      onChange={onChange}
      placeholder={String(usual)}
      maxLength={6}
      disabled={fixed}
      {...wrong(t, fault)}
    />
  );
}
