import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LinkState, LiveFeed, type Socket } from "./live";
import type { LiveMessage } from "./types";

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number }) => void) | null = null;
  closed = false;
  readonly query: string;

  constructor(query: string) {
    this.query = query;
  }

  close(): void {
    this.closed = true;
  }

  say(...messages: unknown[]): void {
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop(code = 1006): void {
    this.onclose?.({ code });
  }
}

const HELLO = { type: "hello", epoch: "e1", seq: 4, resumed: false, heartbeat_seconds: 10 };
const SNAPSHOT = { type: "snapshot", seq: 4, agent: null, floor: null };
const campaign = (seq: number): object => ({ type: "campaign", seq, data: {} });

function setUp(): { feed: LiveFeed; sockets: FakeSocket[]; states: LinkState[]; got: LiveMessage[]; ended: () => number; last: () => FakeSocket } {
  const sockets: FakeSocket[] = [];
  const states: LinkState[] = [];
  const got: LiveMessage[] = [];
  let ends = 0;
  const feed = new LiveFeed({
    connect: (query) => {
      const socket = new FakeSocket(query);
      sockets.push(socket);
      return socket;
    },
    onMessage: (message) => got.push(message),
    onState: (state) => states.push(state),
    onEnded: () => (ends += 1),
    random: () => 1,
  });
  const last = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket");
    return socket;
  };
  return { feed, sockets, states, got, ended: () => ends, last };
}

describe("live feed", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("opens, takes the snapshot, passes messages on in order", () => {
    const { feed, last, got, states } = setUp();
    feed.start();
    expect(last().query).toBe("");
    last().say(HELLO, SNAPSHOT, campaign(7), campaign(9));
    expect(states).toEqual(["connecting", "open"]);
    expect(got.map((message) => message.type)).toEqual(["snapshot", "campaign", "campaign"]);
  });

  it("resumes after a drop from the last message, and hears nothing twice", () => {
    const { feed, sockets, last, got, states } = setUp();
    feed.start();
    last().say(HELLO, SNAPSHOT, campaign(7));
    last().drop();
    expect(states.at(-1)).toBe("waiting");
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    expect(last().query).toBe("?after=7&epoch=e1");
    last().say({ ...HELLO, seq: 9, resumed: true }, campaign(7), campaign(8), campaign(9));
    expect(got.map((message) => ("seq" in message ? message.seq : 0))).toEqual([4, 7, 8, 9]);
  });

  it("takes what a new epoch counts from the start again", () => {
    const { feed, last, got } = setUp();
    feed.start();
    last().say(HELLO, SNAPSHOT, campaign(70));
    last().drop();
    vi.advanceTimersByTime(500);
    last().say({ ...HELLO, epoch: "e2", seq: 1 }, { ...SNAPSHOT, seq: 1 }, campaign(2));
    expect(got).toHaveLength(4);
    last().drop();
    vi.advanceTimersByTime(500);
    expect(last().query).toBe("?after=2&epoch=e2");
  });

  it("waits longer each time, up to ten seconds, and starts short again after a good connection", () => {
    const { feed, sockets, last } = setUp();
    feed.start();
    for (const wait of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const before = sockets.length;
      last().drop();
      vi.advanceTimersByTime(wait - 1);
      expect(sockets).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(before + 1);
    }
    last().say(HELLO);
    last().drop();
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(9);
  });

  it("notices a silent line and begins anew", () => {
    const { feed, sockets, last, states } = setUp();
    feed.start();
    last().say(HELLO, SNAPSHOT);
    vi.advanceTimersByTime(20_000);
    last().say({ type: "heartbeat", seq: 4 });
    vi.advanceTimersByTime(24_999);
    expect(states.at(-1)).toBe("open");
    vi.advanceTimersByTime(1);
    expect(states.at(-1)).toBe("waiting");
    expect(sockets[0]?.closed).toBe(true);
  });

  it("gives up a socket that never opens", () => {
    const { feed, states } = setUp();
    feed.start();
    vi.advanceTimersByTime(10_000);
    expect(states).toEqual(["connecting", "waiting"]);
  });

  it("resumes at once when a heartbeat names a message it has not had, or when it was too slow", () => {
    const { feed, sockets, last } = setUp();
    feed.start();
    last().say(HELLO, SNAPSHOT, { type: "heartbeat", seq: 6 });
    expect(sockets).toHaveLength(2);
    expect(last().query).toBe("?after=4&epoch=e1");
    last().drop(4408);
    expect(sockets).toHaveLength(3);
  });

  it("does not hear a socket it has let go", () => {
    const { feed, sockets, got, last } = setUp();
    feed.start();
    last().say(HELLO, SNAPSHOT, { type: "heartbeat", seq: 6 });
    sockets[0]?.say(campaign(6));
    expect(got).toHaveLength(1);
  });

  it.each(["message", "code"])("ends with the session, told by a %s, and stays quiet", (how) => {
    const { feed, sockets, last, ended } = setUp();
    feed.start();
    last().say(HELLO);
    if (how === "message") last().say({ type: "ended", reason: "expired" });
    else last().drop(4401);
    vi.advanceTimersByTime(60_000);
    expect(ended()).toBe(1);
    expect(sockets).toHaveLength(1);
    feed.start();
    expect(last().query).toBe("");
  });

  it("tries at once when nudged, only while it waits", () => {
    const { feed, sockets, last } = setUp();
    feed.start();
    feed.nudge();
    expect(sockets).toHaveLength(1);
    last().drop();
    feed.nudge();
    expect(sockets).toHaveLength(2);
  });

  it("ignores what is no message", () => {
    const { feed, last, got, states } = setUp();
    feed.start();
    last().onmessage?.({ data: "{" });
    last().onmessage?.({ data: new ArrayBuffer(1) });
    last().say(null, 4, { type: "news" });
    expect(got).toEqual([]);
    expect(states).toEqual(["connecting"]);
  });

  it("stops when told", () => {
    const { feed, sockets, states } = setUp();
    feed.start();
    feed.stop();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(sockets[0]?.closed).toBe(true);
    expect(states.at(-1)).toBe("idle");
  });
});
