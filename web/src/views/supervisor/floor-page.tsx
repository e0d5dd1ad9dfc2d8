import { type ReactElement, useEffect } from "react";
import type { Agent, Call, CampaignNow, DayBook, Floor, Skill } from "../../api/types";
import { abandonedShare } from "../../domain/day";
import { tooLong } from "../../domain/pauses";
import { byName, languageWord, skillWord } from "../../domain/skills";
import { DayModel } from "../../state/day";
import { agentHand, names, type NameBook } from "../../state/floor";
import { knownSkills } from "../../state/skills";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { type Column, DataTable } from "../../ui/data-table";
import { Badge, Elapsed, Empty, ErrorNotice, Link, Notice, PageHead, Panel, type Tone } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useNow } from "../../ui/use-now";
import { usePauses, usePauseWord } from "../../ui/use-pauses";
import { useStore } from "../../ui/use-store";
import { AgentActions } from "./agent-actions";
import { AgentDay } from "./agent-day";
import { StopButton, StopNotice } from "./emergency-stop";
import { ListenCell, ListenPanel } from "./listen-panel";
import { MissingNotice } from "./presence-panel";

const AGENT_TONES: Readonly<Record<Agent["state"], Tone>> = {
  off: "plain", available: "good", reserved: "accent", talking: "accent", wrap_up: "info", paused: "warn",
};

/** The running centre, live: who does what, who waits, and why campaigns dial or do not. */
export function FloorPage(): ReactElement {
  const { client, hub, listening } = useApp();
  const { t } = useWords();
  const { floor } = useStore(hub);
  useEffect(() => () => void listening.stop(), [listening]); // nobody listens to a call without seeing that he does
  const book = useModel(() => names(client));
  const { data } = useStore(book);
  if (floor === null)
    return (
      <>
        <PageHead title={t("floor.title")} />
        <Empty>{t("app.loading")}</Empty>
      </>
    );
  const known: NameBook = data ?? new Map();
  return (
    <>
      <PageHead title={t("floor.title")}>
        <StopButton stopped={floor.stopped} />
      </PageHead>
      <div className="stack stack--wide">
        {floor.stopped && <StopNotice />}
        {floor.site !== undefined && floor.site !== "main" && <Notice tone="info">{t("floor.site", { site: floor.site })}</Notice>}
        {!floor.link_up && <Notice tone="bad" live="assertive">{t("floor.linkDown")}</Notice>}
        {!floor.database_up && <Notice tone="bad" live="assertive">{t("floor.databaseDown")}</Notice>}
        <MissingNotice />
        <ListenPanel floor={floor} />
        <Tiles floor={floor} />
        <div className="floor-grid">
          <Agents floor={floor} />
          <div className="stack stack--wide">
            <Queue floor={floor} names={known} />
            <Campaigns campaigns={floor.campaigns} names={known} />
          </div>
        </div>
        <Calls floor={floor} names={known} />
      </div>
    </>
  );
}

function Tiles({ floor }: { readonly floor: Floor }): ReactElement {
  const { t } = useWords();
  const count = (state: Agent["state"]): number => floor.agents.filter((agent) => agent.state === state).length;
  const ringing = floor.calls.filter((call) => call.state === "ringing" || call.state === "dialing").length;
  const waiting = floor.calls.filter(waits).length;
  const tiles: readonly (readonly [string, number, Tone])[] = [
    [t("floor.tile.available"), count("available"), "good"],
    [t("floor.tile.talking"), count("talking"), "accent"],
    [t("floor.tile.wrap_up"), count("wrap_up"), "info"],
    [t("floor.tile.paused"), count("paused"), "warn"],
    [t("floor.tile.ringing"), ringing, "plain"],
    [t("floor.tile.queue"), waiting, waiting > 0 ? "bad" : "plain"],
  ];
  return (
    <dl className="tiles">
      {tiles.map(([name, value, tone]) => (
        <div key={name} className={`tile tile--${tone}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function waits(call: Call): boolean {
  return (call.direction === "in" || call.direction === "overflow") && call.state === "waiting";
}

function Agents({ floor }: { readonly floor: Floor }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const steer = useMay("floor.steer");
  const coach = useMay("quality.manage");
  const hand = useModel(() => agentHand(client));
  const { error } = useStore(hand.state);
  const known = useModel(() => knownSkills(client));
  const { data } = useStore(known);
  const may = useMay("campaign.read");
  useEffect(() => {
    if (may) void known.reload();
  }, [known, may]);
  const present = floor.agents.filter((agent) => agent.state !== "off");
  const columns: readonly Column<Agent>[] = [
    {
      head: t("floor.name"),
      cell: (agent) => (
        <>
          <strong>{agent.name}</strong>
          <AgentSkills agent={agent} skills={data?.items ?? []} />
          {coach && <AgentDay agent={agent} />}
        </>
      ),
    },
    {
      head: t("floor.state"),
      cell: (agent) => (
        <span className="row row--tight">
          <Badge tone={AGENT_TONES[agent.state]}>{t(`duty.${agent.state}`)}</Badge>
          {agent.help_since !== null && <Badge tone="bad">{t("floor.help")}</Badge>}
          {agent.colleague_call !== null && agent.colleague_call.state !== "over" && <Badge tone="info">{t("floor.colleague", { name: agent.colleague_call.name })}</Badge>}
          {agent.unread > 0 && <Badge tone="info">{t("floor.message.unread")}</Badge>}
          {agent.state === "paused" && agent.reason !== "" && <PauseNow reason={agent.reason} since={agent.since} />}
        </span>
      ),
    },
    { head: t("floor.since"), cell: (agent) => <Elapsed since={agent.since} />, align: "end" },
    {
      head: t("floor.phone"),
      cell: (agent) => (
        <span className="row row--tight">
          {agent.phone === "ready" || agent.phone === "in_call" ? <span className="muted">{t(`phone.${agent.phone}`)}</span> : <Badge tone="warn">{t(`phone.${agent.phone}`)}</Badge>}
          {agent.line_silent && <Badge tone="warn">{t("phone.lineSilent")}</Badge>}
        </span>
      ),
    },
    ...(steer
      ? [
          {
            head: t("floor.action"),
            cell: (agent: Agent) => <AgentActions agent={agent} hand={hand} />,
          },
        ]
      : []),
  ];
  return (
    <Panel title={t("floor.agents")}>
      <ErrorNotice error={error} />
      {present.length === 0 ? <Empty>{t("floor.agents.none")}</Empty> : <DataTable label={t("floor.agents")} rows={present} columns={columns} id={(agent) => agent.user} />}
    </Panel>
  );
}

/** What somebody speaks and can, beside Dutch. */
function AgentSkills({ agent, skills }: { readonly agent: Agent; readonly skills: readonly Skill[] }): ReactElement | null {
  const { language, locale } = useWords();
  const words = [...byName(agent.languages, locale).map((code) => languageWord(code, locale)), ...agent.skills.map((code) => skillWord(skills, code, language))];
  return words.length === 0 ? null : <div className="muted">{words.join(", ")}</div>;
}

/** Why somebody pauses, and whether for longer than that reason allows. */
function PauseNow({ reason, since }: { readonly reason: string; readonly since: number }): ReactElement {
  const { t } = useWords();
  const word = usePauseWord();
  const most = tooLong(usePauses(), reason, since, useNow());
  return (
    <>
      <span className="muted">{word(reason)}</span>
      {most !== null && <Badge tone="bad">{t("floor.pause.long", { count: most })}</Badge>}
    </>
  );
}

function Queue({ floor, names: known }: { readonly floor: Floor; readonly names: NameBook }): ReactElement {
  const { t } = useWords();
  const queue = floor.calls.filter(waits).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  return (
    <Panel title={t("floor.queue")}>
      {queue.length === 0 ? (
        <p className="muted">{t("floor.queue.none")}</p>
      ) : (
        <ol className="lines">
          {queue.map((call) => (
            <li key={call.attempt} className="line">
              <span>
                <strong>{call.position ?? t("app.none")}</strong> <span className="muted">{known.get(call.campaign) ?? ""}</span>
              </span>
              <Elapsed since={call.since} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Campaigns({ campaigns, names: known }: { readonly campaigns: readonly CampaignNow[]; readonly names: NameBook }): ReactElement {
  const { t, code } = useWords();
  const days = useDays();
  return (
    <Panel title={t("floor.campaigns")}>
      {campaigns.length === 0 ? (
        <p className="muted">{t("campaigns.none")}</p>
      ) : (
        <ul className="lines">
          {campaigns.map((campaign) => (
            <li key={campaign.campaign} className="line line--block">
              <span className="row row--between">
                <Link to={`/campaigns/${campaign.campaign}`}>{known.get(campaign.campaign) ?? campaign.campaign.slice(-8)}</Link>
                <Badge tone={campaign.state === "running" ? "good" : "plain"}>{code("campaign.state", campaign.state)}</Badge>
              </span>
              {days !== null && <Promises day={days.get(campaign.campaign)} />}
              <span className="muted">
                {!campaign.owned ? t("floor.notOwned") : campaign.reason === "" ? t("floor.dialling") : code("hold", campaign.reason)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

type DayCampaign = DayBook["campaigns"][number];

/** Campaign -> its day; null for who may not see it, or before it is there. */
function useDays(): ReadonlyMap<string, DayCampaign> | null {
  const { client } = useApp();
  const model = useModel(() => new DayModel(client));
  const { data } = useStore(model.view);
  const may = useMay("floor.steer");
  useEffect(() => (may ? model.start() : undefined), [model, may]);
  return data === null ? null : new Map(data.day.campaigns.map((campaign) => [campaign.campaign, campaign]));
}

/** What was promised to the client and to residents, and how it stands. */
function Promises({ day }: { readonly day: DayCampaign | undefined }): ReactElement | null {
  const { t, locale } = useWords();
  if (day === undefined) return null;
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const today = abandonedShare(day);
  return (
    <span className="row row--tight">
      {day.reach !== null && (
        <Badge>{day.promised === null ? t("floor.reach.only", { reach: percent.format(day.reach) }) : t("floor.reach", { reach: percent.format(day.reach), promised: percent.format(day.promised) })}</Badge>
      )}
      {today !== null && <Badge tone={today.over ? "bad" : "good"}>{t(today.hours < 24 ? "floor.abandoned.hours" : "floor.abandoned", { hours: today.hours, share: percent.format(today.share), bound: percent.format(today.bound) })}</Badge>}
    </span>
  );
}

const CALL_TONES: Readonly<Partial<Record<Call["state"], Tone>>> = { joined: "good", ringing: "accent", rescue: "bad", message: "warn", waiting: "warn" };

function Calls({ floor, names: known }: { readonly floor: Floor; readonly names: NameBook }): ReactElement {
  const { t } = useWords();
  const live = floor.calls.filter((call) => !waits(call));
  const agentName = (user: string | null): string => floor.agents.find((agent) => agent.user === user)?.name ?? t("app.none");
  const columns: readonly Column<Call>[] = [
    { head: t("floor.state"), cell: (call) => <Badge tone={CALL_TONES[call.state] ?? "plain"}>{t(`call.${call.state}`)}</Badge> },
    { head: t("floor.direction"), cell: (call) => t(call.call_back ? "direction.call_back" : `direction.${call.direction}`) },
    { head: t("floor.campaign"), cell: (call) => known.get(call.campaign) ?? t("app.none") },
    { head: t("floor.agent"), cell: (call) => agentName(call.agent) },
    { head: t("floor.since"), cell: (call) => <Elapsed since={call.since} />, align: "end" },
    { head: t("floor.ear"), cell: (call) => <ListenCell call={call} agent={agentName(call.agent)} /> },
  ];
  return (
    <Panel title={t("floor.calls")}>
      {live.length === 0 ? <Empty>{t("floor.calls.none")}</Empty> : <DataTable label={t("floor.calls")} rows={live} columns={columns} id={(call) => call.attempt} />}
    </Panel>
  );
}
