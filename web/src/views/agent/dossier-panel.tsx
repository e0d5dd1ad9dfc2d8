import type { ReactElement } from "react";
import type { Dossier } from "../../api/types";
import { dateTime, day } from "../../domain/dates";
import type { CallModel } from "../../state/call";
import { useWords } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { Badge, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { useOutcomeLabel } from "./use-outcome-label";
import type { Desk } from "../../state/desk";

export function DossierPanel({ call, desk }: { readonly call: CallModel; readonly desk: Desk }): ReactElement {
  const { t } = useWords();
  const { result } = useStore(call.identity);
  const { data, error } = useStore(call.dossier);
  if (result !== "match")
    return (
      <Panel title={t("dossier.title")}>
        <p className="locked">
          <Icon name="lock" /> {t("dossier.locked")}
        </p>
      </Panel>
    );
  return (
    <Panel title={t("dossier.title")} aside={data?.crisis === true && <Badge tone="bad">{t("dossier.crisis")}</Badge>}>
      <ErrorNotice error={error} onRetry={() => void call.dossier.reload()} />
      {data === null ? error === null && <Empty>{t("app.loading")}</Empty> : <DossierFacts dossier={data} desk={desk} />}
    </Panel>
  );
}

function DossierFacts({ dossier, desk }: { readonly dossier: Dossier; readonly desk: Desk }): ReactElement {
  const { t, code, locale } = useWords();
  const outcome = useOutcomeLabel(desk);
  return (
    <div className="stack">
      <div>
        <h3>{t("dossier.signals")}</h3>
        <ul className="lines">
          {dossier.signals.map((signal, index) => (
            <li key={index} className="line">
              <span>
                <strong>{code("dossier.partner", signal.partner_type)}</strong>{" "}
                <span className="muted">{t("dossier.signalOn", { date: day(signal.signal_on, locale) })}</span>
              </span>
              <span className="row row--tight">
                {signal.crisis && <Badge tone="bad">{t("dossier.crisis")}</Badge>}
                {signal.warm_handover && <Badge tone="info">{t("dossier.warm")}</Badge>}
                {signal.amount_band !== "" && <Badge>{t("dossier.amount", { band: signal.amount_band })}</Badge>}
              </span>
            </li>
          ))}
        </ul>
        <p className="muted">
          {t("dossier.term")}: {day(dossier.term_ends_at, locale)}
        </p>
      </div>
      <div>
        <h3>{t("dossier.history")}</h3>
        {dossier.history.length === 0 ? (
          <p className="muted">{t("dossier.noHistory")}</p>
        ) : (
          <ul className="lines">
            {dossier.history.map((entry, index) => (
              <li key={index} className="line line--block">
                <span>
                  <strong>{entry.outcome === null ? t("app.none") : outcome(entry.outcome)}</strong>{" "}
                  <span className="muted">
                    {dateTime(entry.at, locale)}, {t(entry.call_back ? "direction.call_back" : `direction.${entry.direction}`)}
                  </span>
                </span>
                {entry.note !== "" && <p>{entry.note}</p>}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div>
        <h3>{t("dossier.phones")}</h3>
        <ul className="lines">
          {dossier.phones.map((phone) => (
            <li key={phone.phone} className="line">
              <span>
                {phone.number} <span className="muted">({t(`card.kind.${phone.kind}`)})</span>
              </span>
              <Badge tone={phone.state === "open" ? "good" : "plain"}>{t(`dossier.phone.${phone.state}`)}</Badge>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
