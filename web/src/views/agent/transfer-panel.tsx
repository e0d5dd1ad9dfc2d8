import type { ReactElement } from "react";
import type { Agent } from "../../api/types";
import { clock, dateTime } from "../../domain/dates";
import { languageWord } from "../../domain/skills";
import type { CallModel } from "../../state/call";
import { steps, type Target, underWay } from "../../state/transfer";
import { useWords } from "../../ui/app-context";
import { Badge, Button, Elapsed, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

const KEYS = { gather: "p", leave: "w", back: "b" } as const;

/** Give the call to somebody else: a desk, an interpreter, a colleague, or the crisis desk. */
export function TransferPanel({ call, agent }: { readonly call: CallModel; readonly agent: Agent }): ReactElement {
  const { t } = useWords();
  const model = call.transfer;
  const shown = useStore(model.shown);
  const { busy, error } = useStore(model.acting);
  const going = underWay(agent.transfer);
  useKeys((key) => {
    if (busy) return false;
    const step = steps(agent.transfer).find((one) => KEYS[one] === key);
    if (step !== undefined) void model.step(step);
    else if (!going && key === "d") model.toggle("targets");
    else if (!going && key === "c") {
      if (shown === "crisis") void call.crisis();
      else model.toggle("crisis");
    } else return false;
    return true;
  });
  return (
    <Panel label={t("transfer.title")}>
      <div className="stack" aria-live="polite">
        {agent.transfer !== null && <Progress transfer={agent.transfer} />}
        <ErrorNotice error={error} />
        {going ? (
          <div className="stack">
            {steps(agent.transfer).map((step) => (
              <Button key={step} look={step === "back" ? "secondary" : "primary"} hotkey={KEYS[step].toUpperCase()} isDisabled={busy} onPress={() => void model.step(step)}>
                {t(`transfer.step.${step}`, { name: agent.transfer?.name ?? "" })}
              </Button>
            ))}
          </div>
        ) : (
          <div className="row">
            <Button size="small" icon="phone" hotkey="D" isDisabled={busy} aria-expanded={shown === "targets"} onPress={() => model.toggle("targets")}>
              {t("transfer.open")}
            </Button>
            <Button size="small" look="danger" icon="warning" hotkey="C" isDisabled={busy} aria-expanded={shown === "crisis"} onPress={() => model.toggle("crisis")}>
              {t("transfer.crisis")}
            </Button>
          </div>
        )}
        {!going && shown === "targets" && <Choices call={call} />}
        {!going && shown === "crisis" && <Crisis call={call} />}
      </div>
    </Panel>
  );
}

/** Where it stands, in words: the resident's place first. */
function Progress({ transfer }: { readonly transfer: NonNullable<Agent["transfer"]> }): ReactElement {
  const { t } = useWords();
  const name = transfer.name === "" ? t("transfer.somebody") : transfer.name;
  if (transfer.state === "over") {
    if (transfer.why === "" || transfer.why === "handed_over") return <></>;
    return <Notice tone={transfer.why === "back" ? "info" : "warn"} live="polite">{t(`transfer.why.${transfer.why}`, { name })}</Notice>;
  }
  const tone = transfer.state === "together" ? "good" : "info";
  return (
    <Notice tone={tone} live="polite">
      {t(`transfer.state.${transfer.state}`, { name })} <Elapsed since={transfer.since} />
    </Notice>
  );
}

function Choices({ call }: { readonly call: CallModel }): ReactElement {
  const { t, locale } = useWords();
  const model = call.transfer;
  const { data, error } = useStore(model.choices);
  const { busy } = useStore(model.acting);
  if (data === null) return error === null ? <p className="muted">{t("app.loading")}</p> : <ErrorNotice error={error} onRetry={() => void model.choices.reload()} />;
  return (
    <>
      <p>{t("transfer.say")}</p>
      {data.targets.length + data.colleagues.length === 0 && <p className="muted">{t("transfer.nobody")}</p>}
      <ul className="lines stack stack--wide">
        {data.targets.map((target) => (
          <li key={target.id} className="stack stack--tight">
            <span>
              <strong>{target.name}</strong> <Badge>{t(`transfer.kind.${target.kind}`)}</Badge>{" "}
              {target.languages.length > 0 && <span className="muted">{target.languages.map((code) => languageWord(code, locale)).join(", ")}</span>}
            </span>
            <Hours target={target} />
            {target.open && <Ways busy={busy} name={target.name} blind={target.kind !== "crisis"} onWay={(way) => void model.start(way, { target: target.id })} />}
          </li>
        ))}
        {data.colleagues.map(({ user, name, languages }) => (
          <li key={user} className="stack stack--tight">
            <span>
              <strong>{name}</strong> <Badge>{t("transfer.kind.colleague")}</Badge>{" "}
              {languages.length > 0 && <span className="muted">{languages.map((code) => languageWord(code, locale)).join(", ")}</span>}
            </span>
            <Ways busy={busy} name={name} blind onWay={(way) => void model.start(way, { colleague: user })} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** Open until when, or closed and until when. */
function Hours({ target: { open, closes_at: closes, opens_at: opens } }: { readonly target: Target }): ReactElement {
  const { t, locale } = useWords();
  if (open) return <span className="muted">{closes === null ? "" : t("transfer.open.until", { time: clock(closes, locale) })}</span>;
  return <span className="muted">{opens === null ? t("transfer.closed") : t("transfer.closed.until", { time: dateTime(opens, locale) })}</span>;
}

interface WaysProps {
  readonly busy: boolean;
  readonly name: string;
  /** Nobody in danger is given to somebody who has not been spoken to. */
  readonly blind: boolean;
  readonly onWay: (way: "warm" | "blind") => void;
}

function Ways({ busy, name, blind, onWay }: WaysProps): ReactElement {
  const { t } = useWords();
  return (
    <span className="row">
      <Button size="small" look="primary" isDisabled={busy} aria-label={`${t("transfer.warm")}: ${name}`} onPress={() => onWay("warm")}>
        {t("transfer.warm")}
      </Button>
      {blind && (
        <Button size="small" isDisabled={busy} aria-label={`${t("transfer.blind")}: ${name}`} onPress={() => onWay("blind")}>
          {t("transfer.blind")}
        </Button>
      )}
    </span>
  );
}

/** First key: what to do. Second key: the crisis desk is rung, and the wrap-up is marked. */
function Crisis({ call }: { readonly call: CallModel }): ReactElement {
  const { t } = useWords();
  const { data, error } = useStore(call.transfer.choices);
  const { busy } = useStore(call.transfer.acting);
  const desk = call.transfer.crisisDesk;
  return (
    <Notice tone="bad" live="assertive">
      <Protocol desk={desk} usual={t("transfer.crisis.protocol")} />
      <ErrorNotice error={error} onRetry={() => void call.transfer.choices.reload()} />
      {desk === null ? (
        data !== null && <p>{t("transfer.crisis.none")}</p>
      ) : (
        <Button look="danger" size="large" icon="phone" hotkey="C" isDisabled={busy} onPress={() => void call.crisis()}>
          {t("transfer.crisis.call", { name: desk.name })}
        </Button>
      )}
    </Notice>
  );
}

function Protocol({ desk, usual }: { readonly desk: Target | null; readonly usual: string }): ReactElement {
  const text = desk === null || desk.protocol === "" ? usual : desk.protocol;
  return (
    <ol>
      {text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => (
          <li key={line}>{line}</li>
        ))}
    </ol>
  );
}

/** For the colleague who gets a call: who gives it, before the resident is there. */
export function IncomingTransfer({ transfer }: { readonly transfer: Agent["transfer"] }): ReactElement | null {
  const { t } = useWords();
  if (transfer?.incoming !== true || !underWay(transfer)) return null;
  return (
    <Notice tone="info" live="assertive">
      {t("transfer.incoming", { name: transfer.name })}
    </Notice>
  );
}
