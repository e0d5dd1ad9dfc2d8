import { type ReactElement, useEffect } from "react";
import { Label, RadioGroup } from "react-aria-components";
import { dateTime } from "../../domain/dates";
import { SLOT_KEYS, type SlotOffer } from "../../state/slot-offer";
import { SLOT_TAKEN, type WrapUp } from "../../state/wrap-up";
import { useWords } from "../../ui/app-context";
import { CheckChoice, RadioChoice } from "../../ui/choices";
import { SelectInput, TextInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Key } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

interface SlotPickerProps {
  readonly slots: SlotOffer;
  readonly wrapUp: WrapUp;
  readonly disabled: boolean;
  readonly missing: boolean;
  /** Where the client offers no times. */
  readonly otherwise: ReactElement;
}

/** The next times that the client offers; the chosen one is kept for this call. */
export function SlotPicker({ slots, wrapUp, disabled, missing, otherwise }: SlotPickerProps): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = useStore(slots.list);
  const { busy, error: refused } = useStore(slots.holding);
  const { form, filing, error: filed } = useStore(wrapUp);
  const taken = filing === "refused" && filed?.code === SLOT_TAKEN;
  useEffect(() => void slots.list.reload(), [slots]);
  useEffect(() => {
    if (taken) void slots.lost();
  }, [slots, taken]);
  useKeys((key) => {
    if (disabled || busy || data === null) return false;
    if (key === "n" && data.items.length > 0) {
      void slots.later();
      return true;
    }
    const slot = data.items[SLOT_KEYS.findIndex((known) => known === key)];
    if (slot === undefined) return false;
    void slots.choose(slot.id);
    return true;
  });
  if (data === null) return error === null ? <Empty>{t("app.loading")}</Empty> : <ErrorNotice error={error} onRetry={() => void slots.list.reload()} />;
  if (!data.offers) return otherwise;
  return (
    <>
      <RadioGroup className="choices" value={form.slot === "" ? null : form.slot} onChange={(id) => void slots.choose(id)} isDisabled={disabled || busy}>
        <Label className="label">{t("slots.choose")}</Label>
        <div className="slot-list">
          {data.items.map(({ id, starts_at: at, place, meeting }, index) => (
            <RadioChoice key={id} value={id} look="choice choice--wide">
              <Key>{(SLOT_KEYS[index] ?? "").toUpperCase()}</Key>
              <span>
                <strong>{dateTime(at, locale)}</strong> <span className="muted">{meeting === "office" ? place : t(`slots.meeting.${meeting}`)}</span>
              </span>
            </RadioChoice>
          ))}
        </div>
      </RadioGroup>
      {data.items.length === 0 && <Empty>{t("slots.noneFree")}</Empty>}
      <div className="row row--tight">
        {data.items.length > 0 && (
          <Button size="small" look="quiet" hotkey="N" isDisabled={disabled} onPress={() => void slots.later()}>
            {t("slots.later")}
          </Button>
        )}
        {data.later && (
          <Button size="small" look="quiet" isDisabled={disabled} onPress={() => void slots.first()}>
            {t("slots.first")}
          </Button>
        )}
      </div>
      <p className="field__hint">{t("slots.hint")}</p>
      {data.confirmBy.length > 0 && form.slot !== "" && <Confirmation wrapUp={wrapUp} ways={data.confirmBy} disabled={disabled} />}
      <ErrorNotice error={refused ?? error} />
      {missing && <p className="field__error">{t("slots.missing")}</p>}
    </>
  );
}

interface ConfirmationProps {
  readonly wrapUp: WrapUp;
  readonly ways: readonly ("email" | "sms")[];
  readonly disabled: boolean;
}

/** Only when the resident asks for it, to an address that he gives for it. */
function Confirmation({ wrapUp, ways, disabled }: ConfirmationProps): ReactElement {
  const { t } = useWords();
  const { form, missing } = useStore(wrapUp);
  const { confirmBy: by, confirmTo: to, consent } = form;
  return (
    <>
      <SelectInput
        label={t("slots.confirm")}
        value={by === "" ? "none" : by}
        onChange={(id) => wrapUp.edit({ confirmBy: ways.find((way) => way === id) ?? "", consent: false })}
        options={[{ id: "none", label: t("slots.confirm.none") }, ...ways.map((id) => ({ id, label: t(`slots.confirm.${id}`) }))]}
        disabled={disabled}
      />
      {by !== "" && (
        <>
          <TextInput label={t(`slots.confirm.${by}.to`)} value={to} onChange={(confirmTo) => wrapUp.edit({ confirmTo })} disabled={disabled} maxLength={254} />
          <CheckChoice selected={consent} onChange={(selected) => wrapUp.edit({ consent: selected })} disabled={disabled}>
            {t("slots.confirm.consent")}
          </CheckChoice>
          {missing.includes("contact") && <p className="field__error">{t("slots.confirm.missing")}</p>}
        </>
      )}
    </>
  );
}
