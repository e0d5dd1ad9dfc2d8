/** Our own people who may be rung for proof, and the calls that rang them. */

import { type ApiClient, newKey } from "../api/client";
import type { ProofCall, StaffPhone } from "../api/types";
import { Action, Query } from "./query";

const EVERY_MS = 2_000;

export class ProofsModel {
  readonly phones: Query<readonly StaffPhone[]>;
  readonly calls: Query<readonly ProofCall[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #campaign: { readonly campaign: string };
  readonly #owner: { readonly client: string };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: ApiClient, campaign: string, owner: string) {
    this.#client = client;
    this.#campaign = { campaign };
    this.#owner = { client: owner };
    this.phones = new Query<readonly StaffPhone[]>(async () => (await client.get("/clients/{client}/staff-phones", { path: this.#owner })).items);
    this.calls = new Query<readonly ProofCall[]>(async () => (await client.get("/campaigns/{campaign}/proof-calls", { path: this.#campaign })).items);
  }

  readonly load = async (): Promise<void> => {
    await Promise.all([this.phones.reload(), this.calls.reload()]);
    this.#watch();
  };

  readonly add = (label: string, number: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/clients/{client}/staff-phones", { path: this.#owner, body: { label: label.trim(), number: number.trim() } });
      await this.phones.reload();
    });

  readonly remove = (phone: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.delete("/clients/{client}/staff-phones/{phone}", { path: { ...this.#owner, phone } });
      await this.phones.reload();
    });

  readonly call = async (phone: string): Promise<boolean> => {
    const rings = await this.acting.run(async () => {
      await this.#client.post("/campaigns/{campaign}/proof-calls", { path: this.#campaign, body: { phone }, idempotencyKey: newKey() });
    });
    if (rings) {
      await this.calls.reload();
      this.#watch();
    }
    return rings;
  };

  /** Looks again while a call goes on. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.calls.get().data?.some(({ live }) => live) !== true) return;
    this.#timer = setTimeout(() => void this.calls.reload().then(() => this.#watch()), EVERY_MS);
  }

  readonly stop = (): void => clearTimeout(this.#timer);
}
