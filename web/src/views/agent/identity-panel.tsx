import { type ReactElement, useState } from "react";
import { Label, RadioGroup } from "react-aria-components";
import type { CallModel } from "../../state/call";
import type { IdentityField } from "../../state/identity";
import { useWords } from "../../ui/app-context";
import { RadioChoice } from "../../ui/choices";
import { TextInput } from "../../ui/fields";
import { Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

export function IdentityPanel({ call }: { readonly call: CallModel }): ReactElement {
  const { t } = useWords();
  const { identity } = call;
  const state = useStore(identity);
  const card = useStore(call.card);
  const { busy, error } = useStore(identity.checking);
  if (state.result === "match")
    return (
      <Panel title={t("identity.title")}>
        <Notice tone="good" live="polite">
          {t("identity.match")}
        </Notice>
      </Panel>
    );
  const stranger = card?.direction === "in" || card?.call_back === true;
  const invalid = (field: IdentityField): string | undefined => (state.invalid.includes(field) ? t(`identity.invalid.${field}`) : undefined);
  const locked = state.triesLeft === 0;
  return (
    <Panel title={t("identity.title")}>
      {stranger && <CallerSearch call={call} />}
      {(!stranger || state.chosen !== null) && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void identity.check();
          }}
        >
          <p className="muted">{t("identity.hint")}</p>
          <TextInput label={t("identity.birth")} placeholder={t("identity.birth.example")} value={state.birth} onChange={(birth) => identity.edit({ birth })} error={invalid("birth")} disabled={locked} maxLength={12} />
          <div className="columns">
            <TextInput label={t("identity.postcode")} placeholder="1234 AB" value={state.postcode} onChange={(postcode) => identity.edit({ postcode })} error={invalid("postcode")} disabled={locked} maxLength={10} />
            <TextInput label={t("identity.house")} value={state.house} onChange={(house) => identity.edit({ house })} error={invalid("house")} disabled={locked} maxLength={12} />
          </div>
          {state.result === "no_match" && (
            <Notice tone="bad" live="assertive">
              {locked ? t("identity.locked") : t("identity.noMatch", { n: state.triesLeft ?? 0 })}
            </Notice>
          )}
          <ErrorNotice error={error} />
          <Button look="primary" type="submit" isDisabled={busy || locked}>
            {t("identity.check")}
          </Button>
        </form>
      )}
    </Panel>
  );
}

/** A caller, or somebody rung back at request, says a name first; only then are candidates shown. */
function CallerSearch({ call }: { readonly call: CallModel }): ReactElement {
  const { t } = useWords();
  const { identity } = call;
  const { candidates, chosen } = useStore(identity);
  const { busy, error } = useStore(identity.searching);
  const [name, setName] = useState("");
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim().length >= 2) void identity.search(name);
      }}
    >
      <TextInput label={t("identity.saidName")} value={name} onChange={setName} maxLength={120} />
      <ErrorNotice error={error} />
      <Button type="submit" isDisabled={busy || name.trim().length < 2}>
        {t("identity.search")}
      </Button>
      {candidates !== null && candidates.length === 0 && (
        <Notice tone="warn" live="polite">
          {t("identity.noCandidates")}
        </Notice>
      )}
      {candidates !== null && candidates.length > 0 && (
        <RadioGroup className="choices" value={chosen} onChange={identity.choose}>
          <Label className="label">{t("identity.candidates")}</Label>
          {candidates.map((candidate) => (
            <RadioChoice key={candidate.case} value={candidate.case} look="choice choice--wide">
              {candidate.name}
            </RadioChoice>
          ))}
        </RadioGroup>
      )}
    </form>
  );
}
