import { memo, type ReactElement, useEffect } from "react";
import type { Agent } from "../../api/types";
import { dateTime } from "../../domain/dates";
import type { CallModel } from "../../state/call";
import type { Desk } from "../../state/desk";
import { useApp, useWords } from "../../ui/app-context";
import { Icon, type IconName } from "../../ui/icon";
import { Button, ErrorNotice, Link, Notice, Panel } from "../../ui/parts";
import { useAfterPaint } from "../../ui/use-after-paint";
import { useStore } from "../../ui/use-store";
import { PAGES } from "../pages";
import { CallCard } from "./call-card";
import { ColleagueBar } from "./colleague-bar";
import { DeskAnnouncer } from "./desk-announcer";
import { DoubtPanel } from "./doubt-panel";
import { DossierPanel } from "./dossier-panel";
import { DutyBar } from "./duty-bar";
import { IdentityPanel } from "./identity-panel";
import { ListenerNotice } from "./listener-notice";
import { KnowledgePanel } from "./knowledge-panel";
import { MessageNotice } from "./message-notice";
import { MyDay } from "./my-day";
import { MyRoster } from "./my-roster";
import { PhoneBar } from "./phone-bar";
import { PhonePanel } from "./phone-panel";
import { PreviewPanel } from "./preview-panel";
import { RecordingPanel } from "./recording-panel";
import { ScriptPanel } from "./script-panel";
import { TeamPanel } from "./team-panel";
import { Tour, TourOffer } from "./tour";
import { IncomingTransfer, TransferPanel } from "./transfer-panel";
import { useOutcomeLabel } from "./use-outcome-label";
import { FilingPanel, NotesPanel, OutcomePanel } from "./wrap-up-panel";

/** What the card changes nothing of is not drawn anew when it comes. */
const DutyBarKept = memo(DutyBar);
const MessageNoticeKept = memo(MessageNotice);
const ColleagueBarKept = memo(ColleagueBar);
const PhoneBarKept = memo(PhoneBar);

/** An agent's whole day: duty on top, and below it the call in hand, or what to expect. */
export function AgentPage(): ReactElement {
  const { phone, practice } = useApp();
  const { t } = useWords();
  useEffect(() => void phone.begin(), [phone]);
  useEffect(() => void practice.mine.reload(), [practice]);
  return (
    <>
      <h1 className="visually-hidden">{t("nav.desk")}</h1>
      <DeskOf top={(agent) => <Phone agent={agent} />} idle={(agent) => <Idle agent={agent} />} />
    </>
  );
}

/** What the practice has not: colleagues, and a phone of its own. */
function Phone({ agent }: { readonly agent: Agent }): ReactElement {
  const { desk } = useApp();
  return (
    <>
      <ColleagueBarKept desk={desk} agent={agent} />
      <PhoneBarKept agent={agent} />
    </>
  );
}

interface DeskProps {
  /** What stands between duty and the call. */
  readonly top?: (agent: Agent) => ReactElement;
  /** Instead of a call, while there is none. */
  readonly idle: (agent: Agent) => ReactElement;
}

/** The desk of the service that is in the context: the real one, or that of the practice. */
export function DeskOf({ top, idle }: DeskProps): ReactElement {
  const { hub, desk } = useApp();
  const { t } = useWords();
  const { agent, card } = useStore(hub);
  const call = useStore(desk.call);
  useEffect(() => {
    desk.open();
    return () => desk.leave();
  }, [desk]);
  if (agent === null) return <Stage icon="clock" title={t("stage.lost.title")} text={t("stage.lost.text")} />;
  // The card comes with the answer, before it is told that the two have been joined.
  const inHand = agent.state !== "reserved" || (card !== null && card.attempt === call?.attempt);
  return (
    <div className="desk">
      <DeskAnnouncer desk={desk} agent={agent} />
      <div data-tour="duty">
        <DutyBarKept desk={desk} agent={agent} />
      </div>
      <MessageNoticeKept desk={desk} agent={agent} />
      <IncomingTransfer transfer={agent.transfer} />
      {top?.(agent)}
      {call !== null && inHand ? <CallInHand desk={desk} call={call} agent={agent} key={call.attempt} /> : idle(agent)}
    </div>
  );
}

function Idle({ agent }: { readonly agent: Agent }): ReactElement {
  const { desk } = useApp();
  return (
    <>
      <PracticeNeeded />
      <TourOffer />
      <div className="desk__idle">
        <div className="stack stack--wide">
          <FiledNotice desk={desk} />
          <div data-tour="calls">
            <Waiting agent={agent} />
          </div>
        </div>
        <div className="stack stack--wide">
          <div data-tour="wrapups">
            <WrapUpList desk={desk} agent={agent} />
          </div>
          <div className="stack stack--wide" data-tour="phone">
            <PhonePanel desk={desk} agent={agent} />
            <MyDay />
            {(agent.state === "off" || agent.state === "paused") && <MyRoster />}
          </div>
        </div>
      </div>
      <Tour agent={agent} />
    </>
  );
}

/** Why some campaigns send no calls yet. */
function PracticeNeeded(): ReactElement | null {
  const { practice } = useApp();
  const { t } = useWords();
  const { data } = useStore(practice.mine);
  if (data === null || data.needed_by.length === 0) return null;
  return (
    <Notice tone="warn">
      <span>{t("practice.needed", { campaigns: data.needed_by.join(", ") })}</span> <Link to={PAGES.practice.path}>{t("practice.needed.go")}</Link>
    </Notice>
  );
}

/** While talking: who, script, dossier. Afterwards the outcome takes the script's place. */
function CallInHand({ desk, call, agent }: { readonly desk: Desk; readonly call: CallModel; readonly agent: Agent }): ReactElement {
  // Who it is has to be there before the first word: it is painted before the rest is made.
  const painted = useAfterPaint();
  const whole = painted && agent.state !== "reserved";
  const talking = agent.state === "talking";
  return (
    <div className="desk__call">
      <div className="stack stack--wide">
        {talking && <ListenerNotice listener={agent.listener} />}
        <CallCard call={call} agent={agent} />
        <RecordingPanel call={call} agent={agent} />
        {whole && <BesideCard desk={desk} call={call} agent={agent} />}
      </div>
      {whole && <WorkOnCall desk={desk} call={call} agent={agent} />}
    </div>
  );
}

interface CallProps {
  readonly desk: Desk;
  readonly call: CallModel;
  readonly agent: Agent;
}

/** Below the card: where the call may go, whether it is who it should be, and after the call what is known. */
function BesideCard({ desk, call, agent }: CallProps): ReactElement {
  const { result } = useStore(call.identity);
  const card = useStore(call.card);
  const talking = agent.state === "talking";
  if (card?.direction === "overflow") return <>{talking && <TransferPanel call={call} agent={agent} />}</>;
  return (
    <>
      {talking && <TransferPanel call={call} agent={agent} />}
      {talking && <DoubtPanel call={call} agent={agent} />}
      {(talking || result !== "match") && <IdentityPanel call={call} />}
      {!talking && <DossierPanel call={call} desk={desk} />}
    </>
  );
}

/** What is said or filed, and what is noted. */
function WorkOnCall({ desk, call, agent }: CallProps): ReactElement {
  const { t } = useWords();
  const card = useStore(call.card);
  if (agent.state === "talking" && card?.direction === "overflow") return <TeamPanel card={card} />;
  if (agent.state === "talking") {
    return (
      <>
        <div className="stack stack--wide desk__middle">
          <ScriptPanel call={call} agent={agent} />
          <KnowledgePanel call={call} />
        </div>
        <div className="stack stack--wide">
          <DossierPanel call={call} desk={desk} />
          <NotesPanel desk={desk} call={call} />
        </div>
      </>
    );
  }
  return (
    <>
      <div className="stack stack--wide desk__middle">
        <OutcomePanel desk={desk} call={call} />
      </div>
      <div className="stack stack--wide">
        <FilingPanel desk={desk} call={call} />
        {agent.state !== "wrap_up" && (
          <Button look="quiet" onPress={desk.putAside}>
            {t("wrapups.later")}
          </Button>
        )}
      </div>
    </>
  );
}

/** Whoever is free waits for a call, or sees whom he may have called. */
function Waiting({ agent }: { readonly agent: Agent }): ReactElement {
  const { preview } = useApp();
  const { data } = useStore(preview.view);
  const free = agent.state === "available";
  useEffect(() => (free ? preview.start() : undefined), [preview, free]);
  const showing = free && data !== null && data.showing !== "off" && data.showing !== "busy";
  return showing ? <PreviewPanel model={preview} shown={data} /> : <IdleStage agent={agent} />;
}

const STAGE_ICONS = { off: "user", available: "check", reserved: "phone", paused: "pause" } as const;

/** What to expect while there is no call. */
export function IdleStage({ agent }: { readonly agent: Agent }): ReactElement {
  const { t } = useWords();
  const { state } = agent;
  if (state === "talking" || state === "wrap_up") return <Stage icon="clock" title={t("stage.lost.title")} text={t("stage.lost.text")} />;
  return <Stage icon={STAGE_ICONS[state]} title={t(`stage.${state}.title`)} text={t(`stage.${state}.text`)} pulse={state === "reserved"} />;
}

interface StageProps {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly pulse?: boolean;
}

function Stage({ icon, title, text, pulse = false }: StageProps): ReactElement {
  return (
    <section className="stage">
      <span className={`stage__mark ${pulse ? "stage__mark--pulse" : ""}`}>
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      <p>{text}</p>
    </section>
  );
}

/** What was filed last, while it can still be taken back. */
function FiledNotice({ desk }: { readonly desk: Desk }): ReactElement | null {
  const { t } = useWords();
  const last = useStore(desk.filed);
  const { busy, error } = useStore(desk.undoing);
  const label = useOutcomeLabel(desk);
  if (last === null) return null;
  return (
    <>
      <Notice tone="good" live="polite">
        <span>{t("filed.last", { outcome: label(last.form.outcome ?? "") })}</span>
        <Button size="small" icon="back" isDisabled={busy} onPress={() => void desk.undo()}>
          {t("filed.undo")}
        </Button>
      </Notice>
      <ErrorNotice error={error} />
    </>
  );
}

function WrapUpList({ desk, agent }: { readonly desk: Desk; readonly agent: Agent }): ReactElement {
  const { t, locale } = useWords();
  const label = useOutcomeLabel(desk);
  return (
    <Panel title={t("wrapups.title")}>
      {agent.wrap_ups.length === 0 ? (
        <p className="muted">{t("wrapups.none")}</p>
      ) : (
        <ul className="lines">
          {agent.wrap_ups.map(({ attempt, ended_at: ended, direction, outcome }) => (
            <li key={attempt} className="line">
              <span>
                {dateTime(ended, locale)} <span className="muted">{outcome === "" ? t(`wrapups.${direction}`) : label(outcome)}</span>
              </span>
              <Button size="small" onPress={() => desk.take(attempt)}>
                {t("wrapups.open")}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
