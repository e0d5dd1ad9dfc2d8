import { type ReactElement, useState } from "react";
import type { IncidentKnown } from "../../api/types";
import { DATA, KINDS, knownOf, type TypedLeak } from "../../domain/leaks";
import { looksLikeBsn } from "../../domain/text";
import { useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { DateInput, LongTextInput, SelectInput, TextInput, TimeInput } from "../../ui/fields";
import { Button } from "../../ui/parts";

interface Props {
  readonly start: TypedLeak;
  readonly busy: boolean;
  readonly confirm: string;
  /** True when it was kept. */
  readonly onKnown: (known: IncidentKnown) => Promise<boolean>;
  readonly onDone: () => void;
}

/** What is known of a leak. */
export function LeakForm({ start, busy, confirm, onKnown, onDone }: Props): ReactElement {
  const { t } = useWords();
  const [typed, setTyped] = useState(start);
  const known = knownOf(typed);
  const bsn = (text: string): string | undefined => (looksLikeBsn(text) ? t("wrap.note.bsn") : undefined);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (known !== null)
          void onKnown(known).then((kept) => {
            if (kept) onDone();
          });
      }}
    >
      <div className="row row--fields">
        <DateInput label={t("leaks.discovered")} value={typed.date} onChange={(date) => setTyped({ ...typed, date })} />
        <TimeInput label={t("leaks.discoveredAt")} value={typed.time} onChange={(time) => setTyped({ ...typed, time })} />
      </div>
      <SelectInput label={t("leaks.kind")} value={typed.kind} placeholder={t("leaks.kind.choose")} onChange={(kind) => setTyped({ ...typed, kind })} options={KINDS.map((id) => ({ id, label: t(`leaks.kind.${id}`) }))} />
      <div role="group" aria-label={t("leaks.data")}>
        <div className="label">{t("leaks.data")}</div>
        <div className="row">
          {DATA.map((one) => (
            <CheckChoice
              key={one}
              selected={typed.data.includes(one)}
              onChange={(on) => setTyped({ ...typed, data: on ? [...typed.data, one] : typed.data.filter((other) => other !== one) })}
            >
              {t(`leaks.data.${one}`)}
            </CheckChoice>
          ))}
        </div>
      </div>
      <TextInput label={t("leaks.residents")} hint={t("leaks.residents.hint")} value={typed.residents} onChange={(residents) => setTyped({ ...typed, residents })} size="short" maxLength={7} />
      <LongTextInput label={t("leaks.what")} value={typed.what} onChange={(what) => setTyped({ ...typed, what })} error={bsn(typed.what)} rows={3} maxLength={2000} />
      <LongTextInput label={t("leaks.consequences")} value={typed.consequences} onChange={(consequences) => setTyped({ ...typed, consequences })} error={bsn(typed.consequences)} rows={2} maxLength={2000} />
      <LongTextInput label={t("leaks.measures")} value={typed.measures} onChange={(measures) => setTyped({ ...typed, measures })} error={bsn(typed.measures)} rows={2} maxLength={2000} />
      <div className="row row--end">
        <Button look="quiet" onPress={onDone}>
          {t("app.cancel")}
        </Button>
        <Button type="submit" look="primary" isDisabled={busy || known === null}>
          {confirm}
        </Button>
      </div>
    </form>
  );
}
