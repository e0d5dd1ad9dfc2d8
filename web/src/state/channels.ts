/** Channels to clients' own systems. A secret that was made is kept until it has been seen, and nowhere else. */

import type { ApiClient } from "../api/client";
import type { Channel, ChannelFault, ChannelKind, ChannelState, Client } from "../api/types";
import { Action, Query } from "./query";
import { Store } from "./store";

export interface NewChannel {
  readonly client: string;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly url: string;
  readonly secret: string;
}

export interface Tried {
  readonly channel: string;
  readonly fault: ChannelFault;
}

export class ChannelsModel {
  readonly list: Query<readonly Channel[]>;
  readonly clients: Query<readonly Client[]>;
  readonly acting = new Action();
  readonly secret = new Store<string | null>(null);
  readonly tried = new Store<Tried | null>(null);
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<readonly Channel[]>(async () => (await client.get("/channels")).items);
    this.clients = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
  }

  readonly load = async (): Promise<void> => {
    await Promise.all([this.list.reload(), this.clients.reload()]);
  };

  readonly make = async ({ client, kind, name, url, secret }: NewChannel): Promise<boolean> =>
    this.acting.run(async () => {
      const where = kind === "hand" ? {} : { url: url.trim() };
      const key = kind === "klantinteracties" ? { secret: secret.trim() } : {};
      const body = { kind, name: name.trim(), ...where, ...key };
      const made = await this.#client.post("/clients/{client}/channels", { path: { client }, body });
      if (made.secret !== "") this.secret.set(made.secret);
      await this.list.reload();
    });

  /** A new secret of a webhook; the old one signs beside it for the overlap. */
  readonly renewSecret = async (channel: Channel, overlapHours: number): Promise<boolean> =>
    this.acting.run(async () => {
      const renewed = await this.#client.post("/channels/{channel}/secret", { path: { channel: channel.id }, ifMatch: channel.version, body: { overlap_hours: overlapHours } });
      this.secret.set(renewed.secret);
      await this.list.reload();
    });

  readonly seen = (): void => this.secret.set(null);

  /** Tells of nobody. */
  readonly tryOut = async (channel: string): Promise<boolean> =>
    this.acting.run(async () => {
      this.tried.set(null);
      const { fault } = await this.#client.post("/channels/{channel}/test", { path: { channel } });
      this.tried.set({ channel, fault });
      await this.list.reload();
    });

  readonly setState = async (channel: Channel, state: ChannelState): Promise<boolean> => this.#change(channel, { state });

  /** `values` by field; what is usual is left to the service. */
  readonly setFields = async (channel: Channel, values: Readonly<Record<string, string>>): Promise<boolean> =>
    this.#change(channel, { settings: { ...values } });

  /** Another address, with the key for it where the other side gave one. */
  readonly setAddress = async (channel: Channel, url: string, secret: string): Promise<boolean> =>
    this.#change(channel, { url: url.trim(), ...(secret.trim() === "" ? {} : { secret: secret.trim() }) });

  async #change(channel: Channel, body: { state?: ChannelState; settings?: Record<string, string>; url?: string; secret?: string }): Promise<boolean> {
    return this.acting.run(async () => {
      await this.#client.patch("/channels/{channel}", { path: { channel: channel.id }, ifMatch: channel.version, body });
      await this.list.reload();
    });
  }
}
