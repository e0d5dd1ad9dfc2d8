import { type ReactElement, useEffect } from "react";
import { Checkbox, CheckboxGroup, Label } from "react-aria-components";
import type { Agent } from "../../api/types";
import { answersOf, appointmentOf, FLAGS, type Outcome } from "../../domain/outcomes";
import { looksLikeBsn } from "../../domain/text";
import type { MessageKey } from "../../i18n";
import type { CallModel } from "../../state/call";
import { agentOutcomes, type Desk } from "../../state/desk";
import type { WrapUp, WrapUpState } from "../../state/wrap-up";
import { useWords } from "../../ui/app-context";
import { LongTextInput, SelectInput, TextInput } from "../../ui/fields";
import { Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";
import { OutcomeList } from "./outcome-list";

interface WrapUpPanelProps {
  readonly desk: Desk;
  readonly call: CallModel;
  readonly agent: Agent;
}

const HELP: readonly (readonly [string, MessageKey])[] = [
  ["overview", "wrap.help.overview"],
  ["company", "wrap.help.company"],
  ["allowances", "wrap.help.allowances"],
  ["other", "wrap.help.other"],
];

export function WrapUpPanel({ desk, call, agent }: WrapUpPanelProps): ReactElement {
  const { t, language } = useWords();
  const { wrapUp } = call;
  const state = useStore(wrapUp);
  const { result } = useStore(call.identity);
  const catalogue = useStore(desk.catalogue);
  useEffect(() => warnOnClose(wrapUp), [wrapUp]);
  const { form, filing } = state;
  const outcomes = agentOutcomes(catalogue.data ?? [], language);
  const outcome = outcomes.find((candidate) => candidate.code === form.outcome);
  const over = agent.state !== "talking" && agent.state !== "reserved";
  const locked = filing === "sending" || filing === "resending" || filing === "filed";
  return (
    <Panel title={t("wrap.title")} aside={<span className="muted" role="status">{t(`wrap.draft.${state.draft}`)}</span>}>
      <ErrorNotice error={catalogue.error} onRetry={() => void desk.catalogue.reload()} />
      <OutcomeList outcomes={outcomes} chosen={form.outcome} verified={result === "match"} disabled={locked} keys={over} onChoose={(code) => wrapUp.edit({ outcome: code })} />
      <Details wrapUp={wrapUp} state={state} outcome={outcome} locked={locked} />
      <Filing wrapUp={wrapUp} state={state} outcome={outcome} over={over} />
    </Panel>
  );
}

interface DetailsProps {
  readonly wrapUp: WrapUp;
  readonly state: WrapUpState;
  readonly outcome: Outcome | undefined;
  readonly locked: boolean;
}

function Details({ wrapUp, state, outcome, locked }: DetailsProps): ReactElement {
  const { t } = useWords();
  const { form, missing } = state;
  const appointment = appointmentOf(outcome);
  const asksNeed = outcome !== undefined && answersOf(outcome).includes("need");
  return (
    <>
      {appointment !== "none" && (
        <fieldset className="fieldset">
          <legend>{t(appointment === "optional" ? "wrap.appointment.suggested" : outcome?.needs.includes("visit") === true ? "wrap.appointment.visit" : "wrap.appointment")}</legend>
          <div className="columns">
            <TextInput type="date" label={t("wrap.appointment.date")} value={form.date} onChange={(date) => wrapUp.edit({ date })} disabled={locked} />
            <TextInput type="time" label={t("wrap.appointment.time")} value={form.time} onChange={(time) => wrapUp.edit({ time })} disabled={locked} />
          </div>
          {outcome?.needs.includes("visit") !== true && <p className="field__hint">{t("wrap.appointment.hint")}</p>}
          {missing.includes("appointment") && <p className="field__error">{t("wrap.missing.appointment")}</p>}
        </fieldset>
      )}
      {asksNeed && (
        <SelectInput
          label={t("wrap.help")}
          value={form.answers["need"] ?? ""}
          onChange={(need) => wrapUp.edit({ answers: { ...form.answers, need } })}
          options={HELP.map(([id, key]) => ({ id, label: t(key) }))}
          placeholder={t("app.none")}
          disabled={locked}
        />
      )}
      <CheckboxGroup className="choices" value={[...form.flags]} isDisabled={locked} onChange={(values) => wrapUp.edit({ flags: FLAGS.filter((flag) => values.includes(flag)) })}>
        <Label>{t("wrap.flags")}</Label>
        <div className="row">
          {FLAGS.map((flag) => (
            <Checkbox key={flag} value={flag} className={`choice ${flag === "CRISIS" ? "choice--bad" : ""}`}>
              {t(`wrap.flag.${flag}`)}
            </Checkbox>
          ))}
        </div>
      </CheckboxGroup>
      {form.flags.includes("CRISIS") && <Notice tone="warn">{t("wrap.flag.crisisHint")}</Notice>}
      <LongTextInput
        label={t("wrap.note")}
        hint={t("wrap.note.hint")}
        value={form.note}
        onChange={(note) => wrapUp.edit({ note })}
        error={looksLikeBsn(form.note) ? t("wrap.note.bsn") : missing.includes("note") ? t("wrap.missing.note") : undefined}
        disabled={locked}
      />
    </>
  );
}

interface FilingProps {
  readonly wrapUp: WrapUp;
  readonly state: WrapUpState;
  readonly outcome: Outcome | undefined;
  readonly over: boolean;
}

function Filing({ wrapUp, state, outcome, over }: FilingProps): ReactElement {
  const { t } = useWords();
  const { filing, missing, error } = state;
  const busy = filing === "sending" || filing === "resending" || filing === "filed";
  useKeys((key) => {
    if (!over || busy || (key !== "Enter" && key !== "Escape")) return false;
    if (key === "Escape" && filing !== "confirm") return false;
    if (key === "Enter") wrapUp.file();
    else wrapUp.reconsider();
    return true;
  });
  return (
    <div className="filing">
      {missing.map((item) =>
        item === "appointment" || item === "note" ? null : (
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
          <p>
            <strong>{t("wrap.confirm", { outcome: outcome?.label ?? "" })}</strong>
          </p>
          <div className="row">
            <Button look="primary" hotkey="Enter" onPress={wrapUp.file}>
              {t("wrap.confirm.do")}
            </Button>
            <Button look="quiet" hotkey="Esc" onPress={wrapUp.reconsider}>
              {t("wrap.confirm.undo")}
            </Button>
          </div>
        </Notice>
      ) : (
        <>
          <p className="filing__chosen">{outcome === undefined ? <span className="muted">{t("wrap.none")}</span> : <strong>{outcome.label}</strong>}</p>
          <Button look="primary" size="large" icon="check" isDisabled={!over || busy} {...(over ? { hotkey: "Enter" } : {})} onPress={wrapUp.file}>
            {busy ? t("wrap.sending") : t("wrap.file")}
          </Button>
          {!over && <p className="field__hint">{t("wrap.file.talking")}</p>}
        </>
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
