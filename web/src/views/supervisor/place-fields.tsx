/** Fields of a place of files: the same for what is sent and for what is fetched. */

import type { ReactElement } from "react";
import { CheckboxGroup, Label } from "react-aria-components";
import { DAYS } from "../../domain/campaign-form";
import type { PlaceFaults, PlaceField, PlaceForm } from "../../domain/places";
import type { MessageKey } from "../../i18n";
import { useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { TextInput } from "../../ui/fields";

interface Props {
  readonly form: PlaceForm;
  readonly faults: PlaceFaults;
  /** What the folder's field says beside it. */
  readonly pathHint: MessageKey;
  readonly onEdit: (change: Partial<PlaceForm>) => void;
}

export function PlaceFields({ form, faults, pathHint, onEdit }: Props): ReactElement {
  const { t } = useWords();
  const wrong = (field: PlaceField): { readonly error?: string } => {
    const fault = faults[field];
    return fault === undefined ? {} : { error: t(`places.wrong.${fault}`) };
  };
  const push = form.kind === "push";
  return (
    <>
      <TextInput label={t("places.name")} value={form.name} onChange={(name) => onEdit({ name })} maxLength={60} {...wrong("name")} />
      {form.kind === "sftp" && (
        <>
          <TextInput label={t("sources.host")} value={form.host} onChange={(host) => onEdit({ host })} {...wrong("host")} />
          <TextInput label={t("places.port")} value={form.port} onChange={(port) => onEdit({ port })} maxLength={5} size="short" {...wrong("port")} />
          <TextInput label={t("sources.user")} value={form.user} onChange={(user) => onEdit({ user })} {...wrong("user")} />
          <TextInput label={t("sources.host_key")} hint={t("sources.host_key.hint")} value={form.hostKey} onChange={(hostKey) => onEdit({ hostKey })} maxLength={2000} {...wrong("hostKey")} />
        </>
      )}
      <TextInput
        label={t(push ? "channels.url" : "sources.path")}
        hint={t(push ? "channels.url.hint" : pathHint)}
        value={form.path}
        onChange={(path) => onEdit({ path })}
        maxLength={push ? 500 : 200}
        {...wrong("path")}
      />
    </>
  );
}

interface DaysProps {
  readonly label: string;
  readonly days: readonly number[];
  readonly onChange: (days: readonly number[]) => void;
}

/** Days of the week; 0 is Monday. */
export function WeekDays({ label, days, onChange }: DaysProps): ReactElement {
  const { t } = useWords();
  return (
    <CheckboxGroup className="choices" value={days.map(String)} onChange={(chosen) => onChange(chosen.map(Number).sort())}>
      <Label className="label">{label}</Label>
      <div className="row row--tight">
        {DAYS.map((day, number) => (
          <CheckChoice key={day} value={String(number)}>
            {t(`settings.day.${day}`).slice(0, 2)}
          </CheckChoice>
        ))}
      </div>
    </CheckboxGroup>
  );
}

/** Our own keys, for who runs the clients' servers. */
export function PublicKeys({ places }: { readonly places: readonly { readonly id: string; readonly name: string; readonly public_key: string }[] }): ReactElement | null {
  const { t } = useWords();
  const keyed = places.filter(({ public_key: key }) => key !== "");
  if (keyed.length === 0) return null;
  return (
    <details>
      <summary>{t("sources.key")}</summary>
      {keyed.map(({ id, name, public_key: key }) => (
        <p key={id}>
          <strong>{name}</strong> <code className="secret">{key}</code>
        </p>
      ))}
    </details>
  );
}
