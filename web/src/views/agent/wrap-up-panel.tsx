import { type ReactElement, useEffect } from "react";
import { CheckboxGroup, Label } from "react-aria-components";
import { answersOf, appointmentOf, choices, FLAGS, type Outcome } from "../../domain/outcomes";
import { byName, FOREIGN, languageWord } from "../../domain/skills";
import { looksLikeBsn } from "../../domain/text";
import type { MessageKey } from "../../i18n";
import type { CallModel } from "../../state/call";
import { agentOutcomes, type Desk } from "../../state/desk";
import type { SlotOffer } from "../../state/slot-offer";
import type { WrapUp, WrapUpState } from "../../state/wrap-up";
import { useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { DateInput, LongTextInput, SelectInput, TimeInput } from "../../ui/fields";
import { Badge, Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";
import { OutcomeList } from "./outcome-list";
import { SlotPicker } from "./slot-picker";

interface WrapUpProps {
  readonly desk: Desk;
  readonly call: CallModel;
}

const NEEDS: readonly (readonly [string, MessageKey])[] = [
  ["overview", "wrap.help.overview"],
  ["company", "wrap.help.company"],
  ["allowances", "wrap.help.allowances"],
  ["other", "wrap.help.other"],
];

function useChosen({ desk, call }: WrapUpProps): { readonly outcomes: readonly Outcome[]; readonly chosen: Outcome | undefined } {
  const { language } = useWords();
  const { data } = useStore(desk.catalogue);
  const { form } = useStore(call.wrapUp);
  const card = useStore(call.card);
  const outcomes = choices(agentOutcomes(data ?? [], language), card?.direction ?? "out");
  return { outcomes, chosen: outcomes.find((outcome) => outcome.code === form.outcome) };
}

/** While talking: a note and particulars, and what the script proposes. */
export function NotesPanel({ desk, call }: WrapUpProps): ReactElement {
  const { t } = useWords();
  const { wrapUp } = call;
  const state = useStore(wrapUp);
  const { chosen } = useChosen({ desk, call });
  useEffect(() => warnOnClose(wrapUp), [wrapUp]);
  return (
    <Panel title={t("wrap.during")} aside={<DraftState state={state} />}>
      {chosen !== undefined && (
        <p>
          <span className="muted">{t("wrap.proposed")}: </span>
          <Badge tone="accent">{chosen.label}</Badge>
        </p>
      )}
      <Particulars wrapUp={wrapUp} state={state} />
    </Panel>
  );
}

/** After the call: which outcome. */
export function OutcomePanel({ desk, call }: WrapUpProps): ReactElement {
  const { t } = useWords();
  const { wrapUp } = call;
  const { form, filing } = useStore(wrapUp);
  const { result } = useStore(call.identity);
  const { error } = useStore(desk.catalogue);
  const { outcomes } = useChosen({ desk, call });
  const borrowed = useStore(call.card)?.direction === "overflow";
  return (
    <Panel title={t("wrap.outcome")} aside={<span className="muted">{t("wrap.keys", { keys: borrowed ? "6 1" : "3 1" })}</span>}>
      <ErrorNotice error={error} onRetry={() => void desk.catalogue.reload()} />
      <OutcomeList outcomes={outcomes} chosen={form.outcome} verified={result === "match"} disabled={isLocked(filing)} onChoose={(outcome) => wrapUp.edit({ outcome })} />
    </Panel>
  );
}

/** After the call: what goes with the outcome, and filing it. */
export function FilingPanel({ desk, call }: WrapUpProps): ReactElement {
  const { t } = useWords();
  const { wrapUp } = call;
  const state = useStore(wrapUp);
  const { chosen } = useChosen({ desk, call });
  const borrowed = useStore(call.card)?.direction === "overflow"; // nothing of it is kept but its result
  useEffect(() => warnOnClose(wrapUp), [wrapUp]);
  return (
    <Panel title={t("wrap.title")} aside={borrowed ? undefined : <DraftState state={state} />}>
      <p className="filing__chosen">{chosen === undefined ? <span className="muted">{t("wrap.none")}</span> : <strong>{chosen.label}</strong>}</p>
      <Belongings wrapUp={wrapUp} state={state} outcome={chosen} slots={call.slots} />
      {!borrowed && <Particulars wrapUp={wrapUp} state={state} />}
      <Filing wrapUp={wrapUp} state={state} outcome={chosen} />
    </Panel>
  );
}

function DraftState({ state }: { readonly state: WrapUpState }): ReactElement {
  const { t } = useWords();
  return (
    <span className="muted" role="status">
      {t(`wrap.draft.${state.draft}`)}
    </span>
  );
}

function isLocked(filing: WrapUpState["filing"]): boolean {
  return filing === "sending" || filing === "resending" || filing === "filed";
}

interface PartProps {
  readonly wrapUp: WrapUp;
  readonly state: WrapUpState;
}

/** What belongs to the chosen outcome: a time, the need for help. */
function Belongings({ wrapUp, state, outcome, slots }: PartProps & { readonly outcome: Outcome | undefined; readonly slots: SlotOffer }): ReactElement | null {
  const { t } = useWords();
  const { form, missing, filing } = state;
  const appointment = appointmentOf(outcome);
  if (outcome === undefined) return null;
  const visit = outcome.needs.includes("visit");
  const disabled = isLocked(filing);
  const legend = appointment === "optional" ? "wrap.appointment.suggested" : visit ? "wrap.appointment.visit" : "wrap.appointment";
  const moment = (
    <>
      <div className="columns">
        <DateInput label={t("wrap.appointment.date")} value={form.date} onChange={(date) => wrapUp.edit({ date })} disabled={disabled} />
        <TimeInput label={t("wrap.appointment.time")} value={form.time} onChange={(time) => wrapUp.edit({ time })} disabled={disabled} />
      </div>
      {!visit && <p className="field__hint">{t("wrap.appointment.hint")}</p>}
      {missing.includes("appointment") && <p className="field__error">{t("wrap.missing.appointment")}</p>}
    </>
  );
  return (
    <>
      {appointment !== "none" && (
        <fieldset className="fieldset">
          <legend>{t(legend)}</legend>
          {visit ? <SlotPicker slots={slots} wrapUp={wrapUp} disabled={disabled} missing={missing.includes("appointment")} otherwise={moment} /> : moment}
        </fieldset>
      )}
      {answersOf(outcome).includes("need") && (
        <SelectInput
          label={t("wrap.help")}
          value={form.answers["need"] ?? ""}
          onChange={(need) => wrapUp.edit({ answers: { ...form.answers, need } })}
          options={NEEDS.map(([id, key]) => ({ id, label: t(key) }))}
          placeholder={t("app.none")}
          disabled={disabled}
        />
      )}
    </>
  );
}

function without(answers: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(answers).filter(([key]) => key !== name));
}

function Particulars({ wrapUp, state }: PartProps): ReactElement {
  const { t, locale } = useWords();
  const { form, missing, filing } = state;
  const disabled = isLocked(filing);
  const noteError = looksLikeBsn(form.note) ? t("wrap.note.bsn") : missing.includes("note") ? t("wrap.missing.note") : undefined;
  return (
    <>
      <LongTextInput label={t("wrap.note")} hint={t("wrap.note.hint")} value={form.note} onChange={(note) => wrapUp.edit({ note })} error={noteError} disabled={disabled} />
      <CheckboxGroup className="choices" value={[...form.flags]} isDisabled={disabled} onChange={(values) => wrapUp.edit({ flags: FLAGS.filter((flag) => values.includes(flag)) })}>
        <Label className="label">{t("wrap.flags")}</Label>
        <div className="row">
          {FLAGS.map((flag) => (
            <CheckChoice key={flag} value={flag} bad={flag === "CRISIS"}>
              {t(`wrap.flag.${flag}`)}
            </CheckChoice>
          ))}
        </div>
      </CheckboxGroup>
      <SelectInput
        label={t("wrap.interpreter")}
        value={form.answers["interpreter"] ?? ""}
        onChange={(interpreter) => wrapUp.edit({ answers: interpreter === "" ? without(form.answers, "interpreter") : { ...form.answers, interpreter } })}
        options={[{ id: "", label: t("wrap.interpreter.no") }, ...byName(FOREIGN, locale).map((id) => ({ id, label: languageWord(id, locale) }))]}
        placeholder={t("wrap.interpreter.no")}
        disabled={disabled}
      />
      {form.flags.includes("CRISIS") && <Notice tone="warn">{t("wrap.flag.crisisHint")}</Notice>}
    </>
  );
}

function Filing({ wrapUp, state, outcome }: PartProps & { readonly outcome: Outcome | undefined }): ReactElement {
  const { t } = useWords();
  const { filing, missing, error } = state;
  const busy = isLocked(filing);
  useKeys((key) => {
    if (busy || (key !== "Enter" && key !== "Escape")) return false;
    if (key === "Escape" && filing !== "confirm") return false;
    if (key === "Enter") wrapUp.file();
    else wrapUp.reconsider();
    return true;
  });
  return (
    <div className="stack">
      {missing.map((item) =>
        item === "appointment" || item === "contact" || item === "note" ? null : (
          <Notice key={item} tone="bad" live="assertive">
            {t(`wrap.missing.${item}`)}
          </Notice>
        ),
      )}
      {filing === "refused" && <ErrorNotice error={error} />}
      {filing === "resending" && (
        <Notice tone="warn" live="assertive">
          {t("wrap.resending")}
        </Notice>
      )}
      {filing === "confirm" ? (
        <Notice tone="warn" live="assertive">
          <strong>{t("wrap.confirm", { outcome: outcome?.label ?? "" })}</strong>
          <span className="row">
            <Button look="primary" hotkey="Enter" onPress={wrapUp.file}>
              {t("wrap.confirm.do")}
            </Button>
            <Button look="quiet" hotkey="Esc" onPress={wrapUp.reconsider}>
              {t("wrap.confirm.undo")}
            </Button>
          </span>
        </Notice>
      ) : (
        <Button look="primary" size="large" icon="check" isDisabled={busy} hotkey="Enter" onPress={wrapUp.file}>
          {busy ? t("wrap.sending") : t("wrap.file")}
        </Button>
      )}
    </div>
  );
}

/** Closing the tab warns while something would be lost. */
function warnOnClose(wrapUp: WrapUp): () => void {
  const warn = (event: BeforeUnloadEvent): void => {
    if (wrapUp.unsaved) event.preventDefault();
  };
  addEventListener("beforeunload", warn);
  return () => removeEventListener("beforeunload", warn);
}
