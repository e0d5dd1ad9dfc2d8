/** A service for tests of view models: answers by method and path, remembers what was asked. */

import { ApiClient } from "../api/client";
import type { Agent, Card, CatalogueOutcome, PauseReason, Skill } from "../api/types";

type Answer = Readonly<Record<string, unknown>> | null;

interface Asked {
  readonly what: string;
  /** With its question mark; empty without one. */
  readonly query: string;
  readonly body: unknown;
}

/** `answers`: "PUT /agents/me/duty" -> what comes back; a function is asked each time. Null is 204; status 0 is no answer. */
export class FakeApi {
  readonly asked: Asked[] = [];
  readonly client: ApiClient;
  readonly answers: Record<string, Answer | (() => Answer)>;

  constructor(answers: Record<string, Answer | (() => Answer)>) {
    this.answers = answers;
    const fetch = (url: string, init: RequestInit): Promise<Response> => this.#serve(url, init);
    this.client = new ApiClient({ fetch: fetch as typeof globalThis.fetch, language: () => "nl" });
  }

  /** What was asked, without the reads. */
  get changes(): string[] {
    return this.asked.map(({ what }) => what).filter((what) => !what.startsWith("GET"));
  }

  body(what: string): unknown {
    return this.asked.findLast((entry) => entry.what === what)?.body;
  }

  #serve(url: string, init: RequestInit): Promise<Response> {
    const path = url.replace("/api/v1", "").replace(/\?.*/, "");
    const what = `${init.method ?? "GET"} ${path}`;
    const sent = init.body as string | null;
    this.asked.push({ what, query: /\?.*/.exec(url)?.[0] ?? "", body: sent === null ? null : (JSON.parse(sent) as unknown) });
    const found = this.answers[what];
    if (found === undefined) return Promise.resolve(new Response('{"code":"not-found"}', { status: 404 }));
    const answer = typeof found === "function" ? found() : found;
    if (answer === null) return Promise.resolve(new Response(null, { status: 204 }));
    const { status, code } = answer;
    if (typeof status === "number" && code !== undefined) {
      if (status === 0) return Promise.reject(new TypeError("net"));
      return Promise.resolve(new Response(JSON.stringify(answer), { status }));
    }
    return Promise.resolve(new Response(JSON.stringify(answer)));
  }
}

export function agent(more: Partial<Agent> = {}): Agent {
  return {
    user: "me", name: "Noor", state: "available", since: 0, reason: "", wish: "", phone: "ready", attempt: null, direction: "", call_back: false, line_silent: false, phone_kind: "browser", wrap_ups: [], listener: null, recording: "", transfer: null, colleague_call: null, help_since: null, languages: [], skills: [], unread: 0, messages: [],
    ...more,
  };
}

export function pauseReason(code: string, more: Partial<PauseReason> = {}): PauseReason {
  return { id: code, code, dutch: code, english: code, position: 1, counts_as: "paid", most_minutes: null, offered: true, archived: false, version: 1, ...more };
}

export function skill(code: string, more: Partial<Skill> = {}): Skill {
  return { id: code, code, dutch: code, english: code, archived: false, version: 1, ...more };
}

export function wrapUp(attempt: string): Agent["wrap_ups"][number] {
  return { attempt, ended_at: "2026-03-02T09:00:00Z", direction: "out", outcome: "" };
}

export function card(attempt: string, more: Partial<Card> = {}): Card {
  return {
    attempt, direction: "out", call_back: false, case: "k", salutation: "mevrouw", name: "Jansen", number: "+31790000001", number_kind: "fixed", attempt_number: 1,
    language: "nl", municipality: "Voorbeeldstad", neutral_name: "Het Gesprek", callback_number: "+31790000000", campaign: "c", verified: null, surveys: false, records: false, team: "", opening: "", ...more,
  };
}

export function catalogueOutcome(code: string, more: Partial<CatalogueOutcome> = {}): CatalogueOutcome {
  return {
    code, set_by: "agent", label_nl: code.toLowerCase(), label_en: `${code} (en)`, reached: "no", final_for: "none", needs: [],
    second_key: false, position: 1, ...more,
  };
}

/** Lets everything that is promised happen; timers stand still. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  await new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve(undefined);
    };
    channel.port2.postMessage(null);
  });
}
