/** What is due to clients, messages that were given up, and the worklist of what is typed over by hand. */

import type { ApiClient } from "../api/client";
import type { Channel, DueResult, OutboxMessage } from "../api/types";
import { Action, Query } from "./query";
import { Store } from "./store";

export interface DueResults {
  readonly items: readonly DueResult[];
  readonly total: number;
  readonly late: number;
}

/** What is shown of a message to type over: labels are keys of `i18n`. */
export interface Content {
  readonly message: string;
  readonly lines: readonly { readonly label: string; readonly text: string }[];
}

const SHOWN = 50;

export class DueModel {
  readonly due: Query<DueResults>;
  readonly dead: Query<readonly OutboxMessage[]>;
  readonly byHand: Query<readonly OutboxMessage[]>;
  readonly channels: Query<readonly Channel[]>;
  readonly acting = new Action();
  readonly content = new Store<Content | null>(null);
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.due = new Query<DueResults>(async () => client.get("/due-results", { query: { limit: SHOWN } }));
    this.dead = new Query<readonly OutboxMessage[]>(async () => (await client.get("/messages", { query: { state: "dead" } })).items);
    this.channels = new Query<readonly Channel[]>(async () => (await client.get("/channels")).items);
    this.byHand = new Query<readonly OutboxMessage[]>(async () => {
      const hands = (await client.get("/channels")).items.filter(({ kind }) => kind === "hand");
      const lists = await Promise.all(hands.map(async ({ id }) => (await client.get("/messages", { query: { state: "waiting", channel: id } })).items));
      return lists.flat().filter(({ kind }) => kind !== ""); // its agent may still take the others back
    });
  }

  readonly load = async (): Promise<void> => {
    await Promise.all([this.due.reload(), this.dead.reload(), this.byHand.reload(), this.channels.reload()]);
  };

  readonly resend = async (message: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/messages/{message}/resend", { path: { message } });
      await this.load();
    });

  /** Each look is audited. */
  readonly open = async (message: string): Promise<boolean> =>
    this.acting.run(async () => {
      this.content.set(null);
      const { content } = await this.#client.get("/messages/{message}/content", { path: { message } });
      this.content.set({ message, lines: contentLines(content) });
    });

  readonly close = (): void => this.content.set(null);

  readonly entered = async (message: string, reference: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/messages/{message}/entered", { path: { message }, body: { reference: reference.trim() } });
      this.content.set(null);
      await this.load();
    });
}

/** The lines of a message, whatever else it holds. */
export function contentLines(content: Readonly<Record<string, unknown>>): Content["lines"] {
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const list = (value: unknown): readonly Record<string, unknown>[] => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);
  const record = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {});
  const signals = list(content["signalen"]);
  const talk = record(content["gesprek"]);
  const lines = [
    { label: "hand.ref", text: [...new Set(signals.map((one) => text(one["kenmerk"])))].join(", ") },
    { label: "hand.signals", text: signals.map((one) => `${text(one["signaalId"])} (${text(one["vastelastenpartner"])})`).join(", ") },
    { label: "hand.result", text: text(record(content["resultaat"])["omschrijving"]) },
    { label: "hand.ddas", text: text(record(content["resultaat"])["ddas"]) },
    { label: "hand.talk", text: [text(talk["datum"]), text(talk["dagdeel"])].filter((part) => part !== "").join(", ") },
    { label: "hand.appointment", text: text(content["afspraak"]).slice(0, 16).replace("T", " ") },
    { label: "hand.attempts", text: list(content["belpogingen"]).map((one) => `${text(one["datum"])} ${text(one["dagdeel"]).toLowerCase()}`).join(", ") },
    { label: "hand.note", text: text(content["notitie"]) },
  ];
  return lines.filter((line) => line.text !== "");
}
