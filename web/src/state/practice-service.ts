/**
 * A service in the page, for one conversation with an invented resident: it answers what the desk asks, over the same
 * `fetch` and the same socket as the real one, and has no way to the network. What it does not know is 404.
 */

import type { Socket } from "../api/live";
import type { Agent, Card, CatalogueOutcome, Dossier, Draft, Filing, LiveMessage, PracticeScenario, Preview, Slot, TransferChoices } from "../api/types";
import { amsterdamToIso } from "../domain/dates";
import { dayAfter } from "../domain/practice";
import type { Script } from "../domain/script";
import { looksLikeBsn } from "../domain/text";

export type PracticeEvent =
  | { readonly kind: "matched" }
  | { readonly kind: "ended"; readonly ending: "hang_up" | "voicemail" | "handed" }
  | { readonly kind: "crisis_desk" }
  | { readonly kind: "bsn" }
  | { readonly kind: "slots"; readonly starts: Readonly<Record<string, string>> }
  | { readonly kind: "filed"; readonly filing: Filing };

export interface PracticeParts {
  readonly scenario: PracticeScenario;
  readonly script: Script;
  readonly catalogue: readonly CatalogueOutcome[];
  /** Who trains. */
  readonly user: { readonly id: string; readonly name: string };
  /** Words that the agent reads: the municipality, the crisis desk, where an appointment is. */
  readonly words: { readonly municipality: string; readonly neutralName: string; readonly crisisDesk: string; readonly place: string };
  readonly onEvent: (event: PracticeEvent) => void;
}

const ATTEMPT = "00000000-0000-7000-8000-0000000000a1";
const CASE = "00000000-0000-7000-8000-0000000000a2";
const CAMPAIGN = "00000000-0000-7000-8000-0000000000a3";
const CRISIS_DESK = "00000000-0000-7000-8000-0000000000a4";
const SCRIPT = "00000000-0000-7000-8000-0000000000a5";
const slotId = (place: number): string => `00000000-0000-7000-8000-${String(place).padStart(12, "0")}`;

const TRIES = 3;
const RINGS_AFTER_MS = 700;
const ANSWERS_AFTER_MS = 1200;
const DESK_ANSWERS_AFTER_MS = 1200;
/** Beyond any training: nothing is sent over this socket but what happens. */
const HEARTBEAT_SECONDS = 3600;
/** Days from now and hours at which the municipality has time. */
const TIMES: readonly (readonly [number, string])[] = [
  [1, "09:30"], [1, "13:30"], [2, "10:00"], [2, "14:30"], [3, "09:00"], [3, "15:00"], [6, "11:00"], [6, "13:00"], [7, "09:30"], [7, "16:00"],
];

interface Asked {
  readonly body: Readonly<Record<string, unknown>>;
  readonly query: URLSearchParams;
}

/** What is answered: a body, nothing (204), or a refusal. */
type Answer = Readonly<Record<string, unknown>> | null | Refusal;

class Refusal {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    this.status = status;
    this.code = code;
  }
}

export class PracticeService {
  readonly attempt = ATTEMPT;
  readonly #parts: PracticeParts;
  readonly #answers: Readonly<Record<string, (asked: Asked) => Answer>>;
  #agent: Agent;
  #draft: Draft = {};
  #verified: boolean | null = null;
  #tries = TRIES;
  #slots: Slot[];
  #slotWasTaken = false;
  #socket: Socket | null = null;
  #seq = 0;
  #timers: ReturnType<typeof setTimeout>[] = [];

  constructor(parts: PracticeParts) {
    this.#parts = parts;
    this.#agent = agentOf(parts.user);
    this.#slots = slotsOf(parts.words.place);
    this.#answers = this.#table();
  }

  /** In the place of the browser's. */
  readonly fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const address = new URL(typeof input === "string" ? input : input instanceof URL ? input.href : input.url, "http://practice");
    const what = `${init?.method ?? "GET"} ${address.pathname.replace(/^\/api\/v1/, "").replace(`/attempts/${ATTEMPT}/`, "/attempts/*/")}`;
    const sent = typeof init?.body === "string" ? (JSON.parse(init.body) as Asked["body"]) : {};
    const answer = this.#answers[what]?.({ body: sent, query: address.searchParams }) ?? new Refusal(404, "not-found");
    if (answer instanceof Refusal) return Promise.resolve(json({ code: answer.code, title: "", status: answer.status, type: "about:blank" }, answer.status));
    return Promise.resolve(answer === NOTHING ? new Response(null, { status: 204 }) : json(answer));
  };

  /** In the place of a WebSocket. */
  readonly connect = (): Socket => {
    const socket: Socket = { onopen: null, onmessage: null, onclose: null, close: () => (this.#socket = this.#socket === socket ? null : this.#socket) };
    this.#socket = socket;
    this.#later(0, () => {
      this.#send({ type: "hello", epoch: "practice", seq: this.#seq, resumed: false, heartbeat_seconds: HEARTBEAT_SECONDS });
      this.#send({ type: "snapshot", seq: this.#seq, agent: this.#agent, floor: null });
    });
    return socket;
  };

  /** The telephone rings soon, and the resident answers. */
  ring(): void {
    this.#later(RINGS_AFTER_MS, () => this.#become({ state: "reserved", attempt: ATTEMPT, direction: "out", phone: "in_call" }));
    this.#later(RINGS_AFTER_MS + ANSWERS_AFTER_MS, () => {
      this.#become({ state: "talking" });
      this.#send({ type: "card", seq: (this.#seq += 1), data: this.#card() });
    });
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#socket = null;
  }

  #table(): Readonly<Record<string, (asked: Asked) => Answer>> {
    const { scenario, script, catalogue } = this.#parts;
    const stays = (): Answer => new Refusal(409, "practice");
    return {
      "GET /outcomes": () => ({ items: catalogue }),
      "POST /agents/me/preview": () => ({ ...NOBODY }),
      "PUT /agents/me/duty": stays,
      "POST /agents/me/device": stays,
      "POST /agents/me/help": () => this.#become({ help_since: seconds() }),
      "PUT /agents/me/message": () => ({ ...this.#agent }),
      "GET /attempts/*/card": () => ({ ...this.#card() }),
      "GET /attempts/*/script": () => ({ script: SCRIPT, name: "", shipped: true, version: SCRIPT, number: 1, body: script }),
      "GET /attempts/*/knowledge": () => ({ items: [] }),
      "GET /attempts/*/draft": () => ({ ...this.#draft }),
      "PUT /attempts/*/draft": ({ body }) => {
        this.#draft = body;
        return NOTHING;
      },
      "POST /attempts/*/verify": ({ body }) => this.#verify(body),
      "GET /attempts/*/dossier": () => (this.#verified === true ? { ...dossierOf(scenario) } : new Refusal(403, "not-verified")),
      "GET /attempts/*/transfer": () => ({ ...this.#choices() }),
      "POST /attempts/*/transfer": ({ body }) => this.#transfer(body),
      "PUT /attempts/*/transfer": ({ body }) => this.#step(String(body["step"])),
      "POST /attempts/*/hang-up": () => (this.#agent.state === "talking" ? this.#end("hang_up") : { ...this.#agent }),
      "POST /attempts/*/voicemail": () => {
        this.#end("voicemail");
        return this.#file({ outcome: "VOICEMAIL" });
      },
      "GET /attempts/*/slots": ({ query }) => ({ offers: true, confirm_by: [], items: this.#offered(query.get("after")) }),
      "PUT /attempts/*/slot": ({ body }) => this.#hold(String(body["slot"])),
      "PUT /attempts/*/outcome": ({ body }) => this.#outcome(body as unknown as Filing),
    };
  }

  #verify(body: Asked["body"]): Answer {
    if (this.#tries === 0 || this.#verified === true) return new Refusal(409, "conflict");
    const { birth_date: born, postcode, house_number: house } = this.#parts.scenario.resident;
    const match = body["birth_date"] === born && body["postcode"] === postcode && body["house_number"] === house;
    this.#verified = match;
    if (match) this.#parts.onEvent({ kind: "matched" });
    else this.#tries -= 1;
    return { match, tries_left: this.#tries };
  }

  #choices(): TransferChoices {
    return { colleagues: [], targets: [{ id: CRISIS_DESK, kind: "crisis", name: this.#parts.words.crisisDesk, languages: [], open: true, closes_at: null, opens_at: null, protocol: "" }] };
  }

  #transfer(body: Asked["body"]): Answer {
    if (this.#agent.state !== "talking" || this.#moving() || body["target"] !== CRISIS_DESK) return new Refusal(409, "transfer-not-now");
    this.#parts.onEvent({ kind: "crisis_desk" });
    const begun = this.#goOn("ringing");
    this.#later(DESK_ANSWERS_AFTER_MS, () => {
      if (this.#agent.transfer?.state === "ringing") this.#goOn("asking");
    });
    return { ...begun };
  }

  #moving(): boolean {
    return this.#agent.transfer !== null && this.#agent.transfer.state !== "over";
  }

  #step(step: string): Answer {
    const state = this.#agent.transfer?.state;
    if (state === undefined || state === "over") return new Refusal(404, "not-found");
    if (step === "gather" && state === "asking") return { ...this.#goOn("together") };
    if (step === "back") return { ...this.#goOn("over", "back") };
    if (step === "leave" && (state === "asking" || state === "together")) {
      const gone = this.#goOn("over", "handed_over");
      this.#end("handed");
      return { ...gone };
    }
    return new Refusal(409, "transfer-not-now");
  }

  #goOn(state: NonNullable<Agent["transfer"]>["state"], why: NonNullable<Agent["transfer"]>["why"] = ""): NonNullable<Agent["transfer"]> {
    const transfer = { state, way: "warm" as const, kind: "crisis" as const, name: this.#parts.words.crisisDesk, incoming: false, since: seconds(), why };
    this.#become({ transfer }, false);
    return transfer;
  }

  #end(ending: "hang_up" | "voicemail" | "handed"): Answer {
    this.#parts.onEvent({ kind: "ended", ending });
    const wrapUp = { attempt: ATTEMPT, ended_at: new Date().toISOString(), direction: "out" as const, outcome: "" };
    return this.#become({ state: "wrap_up", transfer: null, phone: "ready", wrap_ups: [wrapUp] });
  }

  #offered(after: string | null): readonly Slot[] {
    return this.#slots.filter(({ starts_at: at }) => after === null || at > after).slice(0, 12);
  }

  /** Once, in a scenario that has it so, somebody else is quicker. */
  #hold(id: string): Answer {
    const found = this.#slots.find((slot) => slot.id === id);
    const taken = this.#parts.scenario.slot?.first_is_taken === true && !this.#slotWasTaken;
    if (found === undefined || taken) {
      this.#slotWasTaken = true;
      this.#slots = this.#slots.filter((slot) => slot.id !== id);
      return new Refusal(409, "slot-taken");
    }
    this.#slots = this.#slots.map((slot) => ({ ...slot, held: slot.id === id }));
    this.#parts.onEvent({ kind: "slots", starts: { [id]: found.starts_at } });
    return NOTHING;
  }

  #outcome(filing: Filing): Answer {
    if (looksLikeBsn(filing.note ?? "")) {
      this.#parts.onEvent({ kind: "bsn" });
      return new Refusal(422, "bsn");
    }
    return this.#file(filing);
  }

  #file(filing: Filing): Answer {
    const view = this.#become({ state: "available", attempt: null, direction: "", wrap_ups: [], transfer: null, phone: "ready" });
    this.#parts.onEvent({ kind: "filed", filing });
    return view;
  }

  /** `anew`: a state of its own, whose time begins now. */
  #become(change: Partial<Agent>, anew = true): Agent {
    this.#agent = { ...this.#agent, ...change, since: anew ? seconds() : this.#agent.since };
    this.#send({ type: "agent", seq: (this.#seq += 1), data: this.#agent });
    return { ...this.#agent };
  }

  #card(): Card {
    const { scenario, words } = this.#parts;
    const { salutation, name, kind } = scenario.resident;
    return {
      attempt: ATTEMPT, direction: "out", call_back: false, case: CASE, salutation, name, number: kind === "mobile" ? "+31600000000" : "+31790000000", number_kind: kind,
      attempt_number: 1, language: "nl", municipality: words.municipality, neutral_name: words.neutralName, callback_number: "+31790000000", campaign: CAMPAIGN,
      verified: this.#verified, surveys: false, records: false, team: "", opening: "",
    };
  }

  #send(message: LiveMessage): void {
    this.#socket?.onmessage?.({ data: JSON.stringify(message) });
  }

  #later(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(act, ms));
  }
}

/** Stands for 204. */
const NOTHING: Readonly<Record<string, unknown>> = {};

const NOBODY: Preview = { showing: "off", case: null, campaign: null, name: "", number: "", attempt_number: 0, seconds_left: null, skips_left: 0 };

function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status, headers: { "Content-Type": "application/json" } });
}

function seconds(): number {
  return Date.now() / 1000;
}

function agentOf({ id, name }: PracticeParts["user"]): Agent {
  return {
    user: id, name, state: "available", since: seconds(), reason: "", wish: "", phone: "ready", attempt: null, direction: "", call_back: false, line_silent: false,
    phone_kind: "own", wrap_ups: [], listener: null, recording: "", transfer: null, colleague_call: null, help_since: null, unread: 0, messages: [], languages: [], skills: [],
  };
}

function slotsOf(place: string): Slot[] {
  const now = new Date();
  return TIMES.flatMap(([days, time], index) => {
    const starts = amsterdamToIso(dayAfter(now, days), time);
    if (starts === null) return [];
    const ends = new Date(Date.parse(starts) + 45 * 60_000).toISOString();
    return [{ id: slotId(index + 1), source: SCRIPT, starts_at: starts, ends_at: ends, place, meeting: "office" as const, seats: 1, free: 1, held: false }];
  });
}

function dossierOf({ resident }: PracticeScenario): Dossier {
  const days = (count: number): string => dayAfter(new Date(), count);
  return {
    case: CASE, crisis: false, term_ends_at: `${days(20)}T12:00:00Z`,
    signals: [{ partner_type: resident.arrears, signal_on: days(-8), amount_band: "250-500", crisis: false, warm_handover: false }],
    history: [], phones: [],
  };
}
