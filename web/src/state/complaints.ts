/** Complaints: the list, one with its words, those of a case. What is typed stays in memory. */

import { type ApiClient, newKey } from "../api/client";
import type { Complaint, ComplaintLine, ComplaintStepBody, User } from "../api/types";
import { Action, Pages, Query } from "./query";
import { Store } from "./store";

/** Who may have a complaint in hand. */
export function ownersOf(users: readonly User[]): readonly User[] {
  return users.filter(({ role, disabled }) => !disabled && (role === "supervisor" || role === "quality"));
}

export class ComplaintsModel {
  /** Those that wait for an answer; else those that are done. */
  readonly open = new Store(true);
  readonly list: Pages<ComplaintLine>;

  constructor(client: ApiClient) {
    this.list = new Pages((cursor) => client.get("/complaints", { query: { open: this.open.get(), ...(cursor === undefined ? {} : { cursor }) } }));
  }

  readonly show = (open: boolean): void => {
    this.open.set(open);
    void this.list.reload();
  };
}

export class ComplaintModel {
  readonly complaint: Query<Complaint>;
  readonly users: Query<readonly User[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly complaint: string };

  constructor(client: ApiClient, id: string) {
    this.#client = client;
    this.#path = { complaint: id };
    this.complaint = new Query(() => client.get("/complaints/{complaint}", { path: this.#path }));
    this.users = new Query<readonly User[]>(async () => ownersOf((await client.get("/users", { query: { limit: 200 } })).items));
  }

  readonly open = async (): Promise<void> => {
    await Promise.all([this.complaint.reload(), this.users.reload()]);
  };

  readonly move = async (body: ComplaintStepBody): Promise<boolean> => {
    const { data } = this.complaint.get();
    if (data === null) return false;
    return this.acting.run(async () => {
      this.complaint.put(await this.#client.post("/complaints/{complaint}/step", { path: this.#path, body, ifMatch: data.line.version }));
    });
  };
}

export class CaseComplaintsModel {
  readonly list: Query<readonly ComplaintLine[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly case: string };
  #key = newKey();

  constructor(client: ApiClient, id: string) {
    this.#client = client;
    this.#path = { case: id };
    this.list = new Query<readonly ComplaintLine[]>(async () => (await client.get("/cases/{case}/complaints", { path: this.#path })).items);
  }

  /** Sent again after a failure it is the same complaint. */
  readonly write = async (text: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/cases/{case}/complaints", { path: this.#path, body: { text: text.trim() }, idempotencyKey: this.#key });
      this.#key = newKey();
      await this.list.reload();
    });

  /** Another text is another complaint. */
  readonly retyped = (): void => {
    this.#key = newKey();
  };
}
