import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Agent } from "../api/types";
import { agent, card, catalogueOutcome, FakeApi, settle, wrapUp } from "../testing/fake-api";
import { agentOutcomes, Desk, type DeskFeed } from "./desk";
import { type HubState, reduce } from "./hub";
import { Store } from "./store";

class FakeFeed extends Store<HubState> implements DeskFeed {
  constructor() {
    super({ link: "open", agent: agent(), floor: null, card: null });
  }
  readonly putAgent = (next: Agent): void => this.tell(next);
  tell(next: Agent): void {
    this.set(reduce(this.get(), { type: "agent", seq: 1, data: next }, "me"));
  }
}

const A = "019a0000-0000-7000-8000-00000000000a";
const B = "019a0000-0000-7000-8000-00000000000b";
let api: FakeApi;
let feed: FakeFeed;
let desk: Desk;

beforeEach(() => {
  api = new FakeApi({
    "GET /outcomes": { version: 1, items: [catalogueOutcome("THIRD_PARTY"), catalogueOutcome("VOICEMAIL")] },
    [`GET /attempts/${A}/draft`]: {},
    [`GET /attempts/${A}/card`]: card(A),
    [`PUT /attempts/${A}/draft`]: null,
    [`GET /attempts/${B}/draft`]: {},
    [`GET /attempts/${B}/card`]: card(B),
  });
  feed = new FakeFeed();
  desk = new Desk(api.client, feed);
  desk.open();
});

describe("desk", () => {
  it("says which message was read, and leaves it to the feed to take it away", async () => {
    const message = { id: B, text: "Kom even langs", sender: "Mila", at: 1 };
    api.answers["PUT /agents/me/message"] = agent();
    feed.tell(agent({ unread: 1, messages: [message] }));
    await desk.read(B);
    expect(api.body("PUT /agents/me/message")).toEqual({ message: B });
    expect(feed.get().agent?.messages).toEqual([message]);
  });

  it("has a call from the moment one is reserved, and leaves it when it comes to nothing", () => {
    feed.tell(agent({ state: "reserved", attempt: A }));
    const call = desk.call.get();
    expect(call?.attempt).toBe(A);
    feed.tell(agent());
    expect(desk.call.get()).toBeNull();
  });

  it("keeps the same call from reservation to wrap-up", async () => {
    feed.tell(agent({ state: "reserved", attempt: A }));
    const call = desk.call.get();
    feed.tell(agent({ state: "talking", attempt: A }));
    feed.tell(agent({ state: "wrap_up", attempt: A }));
    await settle();
    expect(desk.call.get()).toBe(call);
    expect(call?.card.get()?.name).toBe("Jansen");
  });

  it("asks nothing about a resident before the conversation", async () => {
    feed.tell(agent({ state: "reserved", attempt: A }));
    await settle();
    expect(api.asked.filter(({ what }) => what.includes(A))).toEqual([]);
  });

  it("takes the pushed card without asking", async () => {
    feed.set({ ...feed.get(), card: card(A) });
    feed.tell(agent({ state: "talking", attempt: A }));
    await settle();
    expect(desk.call.get()?.card.get()?.name).toBe("Jansen");
    expect(api.asked.some(({ what }) => what.endsWith("/card"))).toBe(false);
  });

  it("brings an unfinished wrap-up back, also one without a present attempt", () => {
    feed.tell(agent({ state: "wrap_up", wrap_ups: [wrapUp(B)] }));
    expect(desk.call.get()?.attempt).toBe(B);
  });

  it("opens an unfinished wrap-up while free, and gives way to a live call", () => {
    feed.tell(agent({ wrap_ups: [wrapUp(A)] }));
    desk.take(A);
    expect(desk.call.get()?.attempt).toBe(A);
    feed.tell(agent({ state: "talking", attempt: B, wrap_ups: [wrapUp(A)] }));
    expect(desk.call.get()?.attempt).toBe(B);
    feed.tell(agent({ wrap_ups: [wrapUp(A)] }));
    expect(desk.call.get()).toBeNull();
  });

  it("does not open what is no wrap-up of mine, and puts one aside", () => {
    feed.tell(agent({ wrap_ups: [wrapUp(A)] }));
    desk.take(B);
    expect(desk.call.get()).toBeNull();
    desk.take(A);
    desk.putAside();
    expect(desk.call.get()).toBeNull();
  });

  it("takes the last filing back for a quarter of an hour, filled in as it was", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    api.answers[`PUT /attempts/${A}/outcome`] = agent();
    api.answers[`POST /attempts/${A}/undo`] = agent({ state: "wrap_up", attempt: A, wrap_ups: [wrapUp(A)] });
    await settle();
    const file = async (): Promise<void> => {
      feed.tell(agent({ state: "wrap_up", attempt: A, wrap_ups: [wrapUp(A)] }));
      await settle();
      desk.call.get()?.wrapUp.edit({ outcome: "THIRD_PARTY", note: "na zessen" });
      desk.call.get()?.wrapUp.file();
      await settle();
      expect(desk.call.get()).toBeNull();
    };
    await file();
    expect(desk.filed.get()?.form.outcome).toBe("THIRD_PARTY");
    await desk.undo();
    await settle();
    expect(desk.filed.get()).toBeNull();
    expect(desk.call.get()?.attempt).toBe(A);
    expect(desk.call.get()?.wrapUp.get().form).toMatchObject({ outcome: "THIRD_PARTY", note: "na zessen" });
    await file();
    vi.advanceTimersByTime(15 * 60_000);
    expect(desk.filed.get()).toBeNull();
    await desk.undo();
    expect(api.asked.filter(({ what }) => what.endsWith("/undo"))).toHaveLength(1);
    vi.useRealTimers();
  });

  it("keeps a draft when the call leaves the screen", async () => {
    feed.tell(agent({ state: "wrap_up", attempt: A }));
    desk.call.get()?.wrapUp.edit({ note: "half" });
    desk.leave();
    await settle();
    expect(api.body(`PUT /attempts/${A}/draft`)).toMatchObject({ note: "half" });
    expect(desk.call.get()).toBeNull();
  });

  it("sends duty in the service's words and shows its answer at once", async () => {
    api.answers["PUT /agents/me/duty"] = agent({ state: "paused", reason: "lunch", since: 9 });
    await desk.act("pause", "lunch");
    expect(api.body("PUT /agents/me/duty")).toEqual({ duty: "pause", reason: "lunch" });
    expect(feed.get().agent?.state).toBe("paused");
    api.answers["PUT /agents/me/duty"] = { status: 409, code: "illegal-transition" };
    await desk.act("on_duty");
    expect(desk.duty.get().error?.code).toBe("illegal-transition");
  });

  it("shows a softphone's account until it is hidden", async () => {
    api.answers["POST /agents/me/device"] = { username: "u", secret: "s", domain: "d", sip_port: 5060, transport: "udp" };
    await desk.grantDevice();
    expect(desk.device.get()?.secret).toBe("s");
    desk.hideDevice();
    expect(desk.device.get()).toBeNull();
  });

  it("is free after voicemail in one key", async () => {
    api.answers[`POST /attempts/${A}/voicemail`] = agent({ since: 5 });
    feed.tell(agent({ state: "talking", attempt: A }));
    await desk.call.get()?.voicemail();
    expect(desk.call.get()).toBeNull();
    expect(feed.get().agent?.state).toBe("available");
  });
});

describe("outcomes on the screen", () => {
  it("are those an agent may set, in the catalogue's order, in the reader's language", () => {
    const list = [
      catalogueOutcome("VOICEMAIL", { position: 2 }),
      catalogueOutcome("BUSY", { set_by: "machine" }),
      catalogueOutcome("FAX", { set_by: "both", position: 1 }),
    ];
    expect(agentOutcomes(list, "nl").map(({ label }) => label)).toEqual(["Fax", "Voicemail"]);
    expect(agentOutcomes(list, "en")[0]?.label).toBe("FAX (en)");
  });
});
