import { describe, expect, it } from "vitest";
import type { Agent, Call, Card, Floor } from "../api/types";
import { Hub, type HubState, reduce } from "./hub";

const agent = (user: string, more: Partial<Agent> = {}): Agent => ({
  user, name: user, state: "available", since: 0, reason: "", wish: "", phone: "ready", attempt: null, direction: "", call_back: false, line_silent: false, phone_kind: "browser", wrap_ups: [], listener: null, recording: "", transfer: null, colleague_call: null, help_since: null, languages: [], skills: [], unread: 0, messages: [], ...more,
});
const call = (attempt: string, state: Call["state"]): Call => ({
  attempt, campaign: "c", case: null, direction: "out", call_back: false, state, agent: null, since: 0, position: null, listener: null,
});
const card = (attempt: string): Card => ({
  attempt, direction: "out", call_back: false, case: "k", salutation: "", name: "N", number: "+31790000001", number_kind: "fixed", attempt_number: 1,
  language: "nl", municipality: "M", neutral_name: "G", callback_number: "+31790000000", campaign: "c", verified: null, surveys: false, records: false, team: "", opening: "",
});
const floor = (more: Partial<Floor> = {}): Floor => ({ at: 0, link_up: true, database_up: true, stopped: false, agents: [], calls: [], campaigns: [], ...more });
const EMPTY: HubState = { link: "open", agent: null, floor: null, card: null };

describe("live state", () => {
  it("is replaced by a snapshot", () => {
    const state = reduce({ ...EMPTY, floor: floor({ calls: [call("a", "ringing")] }) }, { type: "snapshot", seq: 1, agent: agent("me"), floor: null }, "me");
    expect(state).toMatchObject({ agent: { user: "me" }, floor: null });
  });

  it("takes my own changes as mine, others' for the floor", () => {
    const start = { ...EMPTY, agent: agent("me"), floor: floor({ agents: [agent("me"), agent("zoe")] }) };
    const mine = reduce(start, { type: "agent", seq: 2, data: agent("me", { state: "paused" }) }, "me");
    expect([mine.agent?.state, mine.floor?.agents[0]?.state]).toEqual(["paused", "paused"]);
    const theirs = reduce(start, { type: "agent", seq: 2, data: agent("bo", { state: "talking" }) }, "me");
    expect(theirs.agent?.state).toBe("available");
    expect(theirs.floor?.agents.map((other) => other.user)).toEqual(["bo", "me", "zoe"]);
  });

  it("keeps a card as long as its call is mine", () => {
    const carried = reduce({ ...EMPTY, agent: agent("me", { attempt: "a" }) }, { type: "card", seq: 1, data: card("a") }, "me");
    const wrapping = reduce(carried, { type: "agent", seq: 2, data: agent("me", { state: "wrap_up", attempt: "a" }) }, "me");
    expect(wrapping.card?.name).toBe("N");
    const free = reduce(wrapping, { type: "agent", seq: 3, data: agent("me") }, "me");
    expect(free.card).toBeNull();
  });

  it("counts calls from the set of live ones", () => {
    const start = { ...EMPTY, floor: floor() };
    const one = reduce(start, { type: "call", seq: 1, data: call("a", "ringing") }, "me");
    const again = reduce(one, { type: "call", seq: 2, data: call("a", "joined") }, "me");
    expect(again.floor?.calls).toHaveLength(1);
    expect(reduce(again, { type: "call", seq: 3, data: call("a", "ended") }, "me").floor?.calls).toEqual([]);
  });

  it("changes one campaign in its place, and adds one it did not know", () => {
    const now = { campaign: "c", state: "running", owned: true, in_window: true, reason: "", started_last: 0 };
    const start = { ...EMPTY, floor: floor({ campaigns: [now] }) };
    const held = reduce(start, { type: "campaign", seq: 1, data: { ...now, reason: "outside_window" } }, "me");
    expect(held.floor?.campaigns).toEqual([{ ...now, reason: "outside_window" }]);
    expect(reduce(held, { type: "campaign", seq: 2, data: { ...now, campaign: "d" } }, "me").floor?.campaigns).toHaveLength(2);
  });

  it("does not build a floor for who may not see one", () => {
    for (const message of [
      { type: "call", seq: 1, data: call("a", "ringing") },
      { type: "campaign", seq: 1, data: { campaign: "c", state: "running", owned: true, in_window: true, reason: "", started_last: 0 } },
      { type: "heartbeat", seq: 1 },
    ] as const)
      expect(reduce(EMPTY, message, "me")).toBe(EMPTY);
  });
});

describe("hub", () => {
  it("does not let a late answer overtake the feed", () => {
    const hub = new Hub({ connect: () => ({ onopen: null, onmessage: null, onclose: null, close: () => undefined }), onEnded: () => undefined, onLost: () => undefined });
    hub.putAgent(agent("me", { since: 5, state: "reserved", attempt: "a" }));
    hub.putAgent(agent("me", { since: 4 }));
    expect(hub.get().agent?.state).toBe("reserved");
    hub.putAgent(agent("me", { since: 5, state: "reserved", attempt: "a", wish: "pause" }));
    expect(hub.get().agent?.wish).toBe("pause");
    hub.putAgent(agent("me", { since: 6, phone: "ready" }));
    hub.putAgent(agent("me", { since: 6, phone: "calling" })); // going on duty was answered before the phone was up
    expect(hub.get().agent?.phone).toBe("ready");
    hub.putAgent(agent("me", { since: 7, phone: "none" }));
    expect(hub.get().agent?.phone).toBe("none");
  });
});
