/**
 * The live feed: one WebSocket that is kept open and never leaves a gap.
 *
 * Messages carry a rising `seq` within one `epoch`. After a drop we connect with the last of both: the service sends
 * what was missed, or a snapshot. A heartbeat that names a newer message than we have had, or none at all for too long,
 * ends the socket and begins anew. The state stands in one table; sockets, timers and chance come from outside.
 */

import { Backoff } from "./backoff";
import type { LiveMessage } from "./types";

export type LinkState = "idle" | "connecting" | "open" | "waiting" | "ended";

/** The part of WebSocket that is used. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  close: (code?: number) => void;
}

export interface LiveOptions {
  readonly connect: (query: string) => Socket;
  readonly onMessage: (message: LiveMessage) => void;
  readonly onState: (state: LinkState) => void;
  /** The session is over; no further tries. */
  readonly onEnded: () => void;
  readonly random?: () => number;
}

const SESSION_ENDED = 4401;
const TOO_SLOW = 4408;
const OURS = 4000;
const OPEN_WITHIN_MS = 10_000;

/** What may follow what; anything else is a fault of ours and is ignored. */
const NEXT: Readonly<Record<LinkState, readonly LinkState[]>> = {
  idle: ["connecting"],
  connecting: ["open", "waiting", "idle", "ended"],
  open: ["waiting", "connecting", "idle", "ended"],
  waiting: ["connecting", "idle", "ended"],
  ended: ["connecting"],
};

export class LiveFeed {
  readonly #options: LiveOptions;
  readonly #backoff: Backoff;
  #state: LinkState = "idle";
  #socket: Socket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #epoch: string | null = null;
  #seq = 0;
  #silenceMs = 25_000;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#backoff = new Backoff({
      firstMs: 500,
      maxMs: 10_000,
      ...(options.random === undefined ? {} : { random: options.random }),
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    if (this.#state !== "idle" && this.#state !== "ended") return;
    this.#epoch = null;
    this.#seq = 0;
    this.#backoff.reset();
    this.#open();
  }

  stop(): void {
    this.#drop();
    this.#move("idle");
  }

  /** Try at once: the network is back, or the tab is looked at again. */
  nudge(): void {
    if (this.#state === "waiting") this.#open();
  }

  #move(state: LinkState): void {
    if (!NEXT[this.#state].includes(state)) return;
    this.#state = state;
    this.#options.onState(state);
  }

  #open(): void {
    this.#drop();
    this.#move("connecting");
    const query = this.#epoch === null ? "" : `?after=${this.#seq}&epoch=${encodeURIComponent(this.#epoch)}`;
    const socket = this.#options.connect(query);
    this.#socket = socket;
    this.#watch(OPEN_WITHIN_MS);
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#closed(event.code);
  }

  /** Forgets the socket, so that nothing late from it is heard. */
  #drop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(OURS);
  }

  /** Expects a sign of life within `ms`. */
  #watch(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#retry(), ms);
  }

  #retry(): void {
    this.#drop();
    this.#move("waiting");
    this.#timer = setTimeout(() => this.#open(), this.#backoff.next());
  }

  #closed(code: number): void {
    this.#socket = null;
    if (code === SESSION_ENDED) this.#end();
    else if (code === TOO_SLOW) this.#open();
    else this.#retry();
  }

  #end(): void {
    this.#drop();
    this.#move("ended");
    this.#options.onEnded();
  }

  #receive(data: unknown): void {
    const message = parse(data);
    if (message === null) return;
    this.#watch(this.#silenceMs);
    switch (message.type) {
      case "hello":
        this.#silenceMs = message.heartbeat_seconds * 2500;
        this.#watch(this.#silenceMs);
        if (!message.resumed) this.#seq = 0;
        this.#epoch = message.epoch;
        this.#backoff.reset();
        this.#move("open");
        break;
      case "heartbeat":
        if (message.seq > this.#seq) this.#open(); // something was lost: resume from what we have
        break;
      case "ended":
        this.#end();
        break;
      case "snapshot":
        this.#seq = message.seq;
        this.#options.onMessage(message);
        break;
      case "agent":
      case "call":
      case "card":
      case "campaign":
      case "floor":
        if (message.seq <= this.#seq) break; // sent again after a resume
        this.#seq = message.seq;
        this.#options.onMessage(message);
        break;
    }
  }
}

function parse(data: unknown): LiveMessage | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    const known = typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
    return known ? (value as LiveMessage) : null;
  } catch {
    return null;
  }
}
