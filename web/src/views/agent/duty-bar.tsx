import type { ReactElement } from "react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import type { Agent } from "../../api/types";
import { type DutyAction, dutyActions, phoneHoldsCalls } from "../../domain/duty";
import { offered } from "../../domain/pauses";
import { speaks } from "../../state/colleagues";
import type { Desk } from "../../state/desk";
import { useApp, useWords } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { Button, Elapsed, ErrorNotice, Notice, type Tone } from "../../ui/parts";
import { usePauses, usePauseWord } from "../../ui/use-pauses";
import { useStore } from "../../ui/use-store";

const TONES: Readonly<Record<Agent["state"], Tone>> = {
  off: "plain",
  available: "good",
  reserved: "accent",
  talking: "accent",
  wrap_up: "info",
  paused: "warn",
};

export function DutyBar({ desk, agent }: { readonly desk: Desk; readonly agent: Agent }): ReactElement {
  const { t } = useWords();
  const word = usePauseWord();
  const { busy, error } = useStore(desk.duty);
  return (
    <div className="duty-wrap">
      <section className={`duty duty--${TONES[agent.state]}`} aria-label={t("duty.title")}>
        <div className="duty__state" role="status">
          <span className="duty__dot" />
          <strong>{t(`duty.${agent.state}`)}</strong>
          {agent.state === "paused" && agent.reason !== "" && <span className="muted">{word(agent.reason)}</span>}
        </div>
        {agent.state !== "off" && (
          <div className="duty__time">
            <Icon name="clock" />
            <Elapsed since={agent.since} />
          </div>
        )}
        <div className={`duty__phone duty__phone--${agent.phone}`}>
          <Icon name="phone" />
          <span className="visually-hidden">{t("phone.title")}: </span>
          {t(`phone.${agent.phone}`)}
        </div>
        <div className="duty__actions">
          {dutyActions(agent.state, agent.wish).map((action) => (
            <DutyButton key={action} desk={desk} agent={agent} action={action} busy={busy} />
          ))}
        </div>
      </section>
      {agent.state === "paused" && agent.reason === "crisis" && (
        <Notice tone="info" live="polite">
          <p>{t("duty.crisis")}</p>
          {agent.help_since === null ? (
            <Button icon="phone" isDisabled={busy} onPress={() => void desk.askHelp()}>
              {t("duty.crisis.help")}
            </Button>
          ) : (
            <p>{t("duty.crisis.asked")}</p>
          )}
        </Notice>
      )}
      {agent.wish !== "" && <Notice tone="info" live="polite">{t(`duty.wish.${agent.wish}`)}</Notice>}
      {phoneHoldsCalls(agent.state, agent.phone) && !speaks(agent.colleague_call) && agent.phone !== "ready" && (
        <Notice tone="warn" live="polite">
          {t(`phone.holds.${agent.phone}`)}
        </Notice>
      )}
      <ErrorNotice error={error} />
    </div>
  );
}

interface DutyButtonProps {
  readonly desk: Desk;
  readonly agent: Agent;
  readonly action: DutyAction;
  readonly busy: boolean;
}

function DutyButton({ desk, agent, action, busy }: DutyButtonProps): ReactElement {
  const { t } = useWords();
  if (action === "pause") return <PauseButton desk={desk} busy={busy} />;
  const takesBack = action === "resume" && agent.wish !== "";
  const look = action === "on_duty" || (action === "resume" && !takesBack) ? "primary" : "secondary";
  return (
    <Button look={look} isDisabled={busy} onPress={() => void desk.act(action)}>
      {t(takesBack ? "duty.do.takeBack" : `duty.do.${action}`)}
    </Button>
  );
}

function PauseButton({ desk, busy }: { readonly desk: Desk; readonly busy: boolean }): ReactElement {
  const { pauses } = useApp();
  const { t } = useWords();
  const codes = offered(usePauses()).map(({ code }) => code);
  const word = usePauseWord();
  return (
    // What is there is shown at once; a list that was changed since the page was opened follows.
    <MenuTrigger onOpenChange={(open) => open && void pauses.list.reload()}>
      <Button icon="pause" isDisabled={busy}>
        {t("duty.do.pause")}
      </Button>
      <Popover className="popover" placement="bottom end">
        {/* Another list is another menu: the focus stood on an item that may be gone. */}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- a menu that opens takes the focus */}
        <Menu key={codes.join()} autoFocus="first" className="list-box" aria-label={t("duty.pause.title")} onAction={(reason) => void desk.act("pause", String(reason))}>
          {codes.map((code) => (
            <MenuItem key={code} id={code} className="list-box__item">
              {word(code)}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
