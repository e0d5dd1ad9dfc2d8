import { type ReactElement, useEffect, useState } from "react";
import type { ProofCall, StaffPhone } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { ProofsModel } from "../../state/proofs";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Notice, Panel, type Tone } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

const TONES = { live: "accent", talked: "good", message: "good", unanswered: "warn" } as const satisfies Record<string, Tone>;

function stateOf(call: ProofCall): keyof typeof TONES {
  if (call.live) return "live";
  if (call.talked) return "talked";
  return call.answered ? "message" : "unanswered";
}

/** Our own people, rung as residents are. */
export function ProofPanel({ id, clientId, onRung }: { readonly id: string; readonly clientId: string; readonly onRung: () => void }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new ProofsModel(client, id, clientId));
  const phones = useStore(model.phones);
  const calls = useStore(model.calls);
  const { busy, error } = useStore(model.acting);
  const [rung, setRung] = useState(false);
  useEffect(() => {
    void model.load();
    return model.stop;
  }, [model]);
  const ring = (phone: StaffPhone): void => {
    setRung(false);
    void model.call(phone.id).then((done) => {
      setRung(done);
      if (done) onRung();
    });
  };
  return (
    <div className="page-grid page-grid--even">
      <Panel title={t("proof.title")}>
        <p className="muted">{t("proof.hint")}</p>
        <ErrorNotice error={phones.error ?? error} />
        {rung && (
          <Notice tone="good" live="polite">
            {t("proof.ringing")}
          </Notice>
        )}
        {phones.data?.length === 0 && <Empty>{t("proof.none")}</Empty>}
        <ul className="lines">
          {(phones.data ?? []).map((phone) => (
            <li key={phone.id} className="line">
              <span>
                <strong>{phone.label}</strong> <span className="muted">{t("proof.ends", { digits: phone.ends_with })}</span>
              </span>
              <span className="row row--tight">
                <Button size="small" icon="phone" isDisabled={busy} aria-label={t("proof.call.of", { name: phone.label })} onPress={() => ring(phone)}>
                  {t("proof.call")}
                </Button>
                <Button size="small" look="quiet" icon="cross" isDisabled={busy} aria-label={t("proof.remove.of", { name: phone.label })} onPress={() => void model.remove(phone.id)}>
                  {""}
                </Button>
              </span>
            </li>
          ))}
        </ul>
        <AddPhone model={model} />
      </Panel>
      <Panel title={t("proof.calls")}>
        <ErrorNotice error={calls.error} />
        {calls.data === null || calls.data.length === 0 ? (
          <Empty>{t("proof.calls.none")}</Empty>
        ) : (
          <DataTable
            label={t("proof.calls")}
            rows={calls.data}
            id={(call) => call.attempt}
            columns={[
              { head: t("proof.label"), cell: (call) => call.label },
              { head: t("proof.when"), cell: (call) => dateTime(call.at, locale) },
              { head: t("campaigns.state"), cell: (call) => <Badge tone={TONES[stateOf(call)]}>{t(`proof.state.${stateOf(call)}`)}</Badge> },
            ]}
          />
        )}
      </Panel>
    </div>
  );
}

function AddPhone({ model }: { readonly model: ProofsModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const [label, setLabel] = useState("");
  const [number, setNumber] = useState("");
  const [asked, setAsked] = useState(false);
  const nobody = label.trim() === "" ? t("proof.label.wrong") : undefined;
  const short = number.replace(/\D/g, "").length < 10 ? t("proof.number.wrong") : undefined;
  return (
    <form
      className="row row--fields"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (nobody !== undefined || short !== undefined) return;
        void model.add(label, number).then((done) => {
          if (!done) return;
          setLabel("");
          setNumber("");
          setAsked(false);
        });
      }}
    >
      <TextInput label={t("proof.label")} value={label} onChange={setLabel} maxLength={60} {...(asked && nobody !== undefined ? { error: nobody } : {})} />
      <TextInput type="tel" label={t("proof.number")} value={number} onChange={setNumber} maxLength={20} {...(asked && short !== undefined ? { error: short } : {})} />
      <Button type="submit" isDisabled={busy}>
        {t("proof.add")}
      </Button>
    </form>
  );
}
