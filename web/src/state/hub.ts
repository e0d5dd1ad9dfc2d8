/** What the live feed has told: my duty, the floor, the card of the call that is for me, and how the link stands. */

import { LiveFeed, type LinkState, type Socket } from "../api/live";
import type { Agent, Call, CampaignNow, Card, Floor, LiveMessage } from "../api/types";
import { Store } from "./store";

export interface HubState {
  readonly link: LinkState;
  readonly agent: Agent | null;
  readonly floor: Floor | null;
  readonly card: Card | null;
}

const EMPTY: HubState = { link: "idle", agent: null, floor: null, card: null };

/** The state after a message. Pure. `me`: whose panel it is; a message about another agent belongs to the floor. */
export function reduce(state: HubState, message: LiveMessage, me: string): HubState {
  switch (message.type) {
    case "snapshot":
      return withAgent({ ...state, floor: message.floor }, message.agent);
    case "agent": {
      const next = message.data.user === me && state.agent !== null ? withAgent(state, message.data) : state;
      return next.floor === null ? next : { ...next, floor: { ...next.floor, agents: put(next.floor.agents, message.data) } };
    }
    case "call":
      return state.floor === null ? state : { ...state, floor: { ...state.floor, calls: putCall(state.floor.calls, message.data) } };
    case "campaign":
      return state.floor === null
        ? state
        : { ...state, floor: { ...state.floor, campaigns: putCampaign(state.floor.campaigns, message.data) } };
    case "floor":
      return { ...state, floor: message.data };
    case "card":
      return { ...state, card: message.data };
    case "hello":
    case "heartbeat":
    case "ended":
      return state;
  }
}

/** A card outlives neither its call nor the agent's part in it. */
function withAgent(state: HubState, agent: Agent | null): HubState {
  const card = state.card !== null && agent?.attempt === state.card.attempt ? state.card : null;
  return { ...state, agent, card };
}

function put(agents: readonly Agent[], agent: Agent): Agent[] {
  const others = agents.filter((other) => other.user !== agent.user);
  return [...others, agent].sort((a, b) => a.name.localeCompare(b.name));
}

function putCall(calls: readonly Call[], call: Call): Call[] {
  if (call.state === "ended") return calls.filter((other) => other.attempt !== call.attempt);
  const known = calls.some((other) => other.attempt === call.attempt);
  return known ? calls.map((other) => (other.attempt === call.attempt ? call : other)) : [...calls, call]; // no row jumps
}

function putCampaign(campaigns: readonly CampaignNow[], campaign: CampaignNow): CampaignNow[] {
  const known = campaigns.some((other) => other.campaign === campaign.campaign);
  return known ? campaigns.map((other) => (other.campaign === campaign.campaign ? campaign : other)) : [...campaigns, campaign];
}

export interface HubOptions {
  readonly connect: (query: string) => Socket;
  /** The session is over. */
  readonly onEnded: () => void;
  /** The link is lost: is the session still good? */
  readonly onLost: () => void;
}

export class Hub extends Store<HubState> {
  readonly #feed: LiveFeed;
  #me = "";

  constructor({ connect, onEnded, onLost }: HubOptions) {
    super(EMPTY);
    this.#feed = new LiveFeed({
      connect,
      onMessage: (message) => this.set(reduce(this.get(), message, this.#me)),
      onState: (link) => {
        this.patch({ link });
        if (link === "waiting") onLost();
      },
      onEnded,
    });
  }

  start(me: string): void {
    this.#me = me;
    this.#feed.start();
  }

  stop(): void {
    this.#feed.stop();
    this.set(EMPTY);
  }

  readonly nudge = (): void => this.#feed.nudge();

  /** My view as an action answered it: news when the feed is behind, nothing when the feed has overtaken it. */
  readonly putAgent = (agent: Agent): void => {
    const known = this.get().agent;
    if (known !== null && agent.since < known.since) return;
    // In one and the same state the phone goes its own way, and of that only the feed tells in time.
    const phone = known?.since === agent.since ? known.phone : agent.phone;
    this.set(withAgent(this.get(), { ...agent, phone }));
  };
}
