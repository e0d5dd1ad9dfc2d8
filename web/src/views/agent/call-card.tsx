import type { ReactElement } from "react";
import type { Agent, Card } from "../../api/types";
import { languageWord } from "../../domain/skills";
import type { CallModel } from "../../state/call";
import { useWords } from "../../ui/app-context";
import { Badge, Button, Elapsed, ErrorNotice, Fact, Facts, Notice, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

/** Who is on the line, as far as may be known before the identity check. */
export function CallCard({ call, agent }: { readonly call: CallModel; readonly agent: Agent }): ReactElement {
  const { t } = useWords();
  const card = useStore(call.card);
  const { busy, error } = useStore(call.ending);
  const talking = agent.state === "talking";
  const kind = t(card?.call_back === true ? "card.callBack" : `card.${card?.direction ?? "out"}`);
  const borrowed = card?.direction === "overflow";
  const mayAsk = card !== null && card.surveys && card.verified === true;
  useKeys((key) => {
    if (!talking || busy) return false;
    if (key === "h") void call.hangUp();
    else if (key === "e" && mayAsk) void call.hangUp(true);
    else if (key === "v" && !borrowed) void call.voicemail();
    else return false;
    return true;
  });
  return (
    <Panel tone="accent" label={kind}>
      <div className="call-card">
        <div className="row row--between">
          <Badge tone="accent">{kind}</Badge>
          {talking ? (
            <span className="call-card__time">
              <span className="visually-hidden">{t("card.connected")} </span>
              <Elapsed since={agent.since} />
            </span>
          ) : (
            agent.state === "wrap_up" && <Badge>{t("card.ended")}</Badge>
          )}
        </div>
        {card === null && <p className="call-card__name">{t("app.loading")}</p>}
        {card !== null && (borrowed ? <p className="call-card__name">{card.team}</p> : <CardFacts card={card} />)}
      </div>
      {card?.direction === "overflow" && <Notice tone="warn">{t("card.overflow.text", { team: card.team })}</Notice>}
      {card?.direction === "proof" && <Notice tone="warn">{t("card.proof.text")}</Notice>}
      {talking && agent.line_silent && <Notice tone="warn" live="polite">{t("card.silent")}</Notice>}
      <ErrorNotice error={error} />
      {talking && (
        <div className="call-card__actions">
          <Button look="danger" size="large" icon="hangup" hotkey="H" isDisabled={busy} onPress={() => void call.hangUp()}>
            {t("card.hangUp")}
          </Button>
          {!borrowed && (
            <>
              <Button size="large" icon="voicemail" hotkey="V" isDisabled={busy} onPress={() => void call.voicemail()}>
                {t("card.voicemail")}
              </Button>
              <p className="field__hint">{t("card.voicemail.hint")}</p>
            </>
          )}
          {mayAsk && (
            <>
              <Button icon="hangup" hotkey="E" isDisabled={busy} onPress={() => void call.hangUp(true)}>
                {t("card.noSurvey")}
              </Button>
              <p className="field__hint">{t("card.survey.hint")}</p>
            </>
          )}
        </div>
      )}
    </Panel>
  );
}

function CardFacts({ card }: { readonly card: Card }): ReactElement {
  const { t, locale } = useWords();
  const name = [card.salutation, card.name].filter((part) => part !== "").join(" ");
  return (
    <>
      <p className="call-card__name">{name === "" ? t("card.unknown") : name}</p>
      <Facts>
        <Fact name={t("card.number")}>
          {card.number === "" ? t("card.withheld") : card.number} {card.number_kind !== "" && <span className="muted">({t(`card.kind.${card.number_kind}`)})</span>}
        </Fact>
        {card.attempt_number !== null && <Fact name={t("card.attempt")}>{t("card.attempt.value", { n: card.attempt_number })}</Fact>}
        <Fact name={t("card.language")}>
          <span className="row row--tight">
            {card.language === "" ? t("app.none") : languageWord(card.language, locale)}
            {card.interpreter === true && <Badge tone="warn">{t("card.interpreter")}</Badge>}
          </span>
        </Fact>
        <Fact name={t("card.municipality")}>{card.municipality}</Fact>
      </Facts>
    </>
  );
}
