/** What supervisors and administrators read and change: campaigns, lists in, cases, results out, call-backs, users. */

import { amsterdamToIso } from "../domain/dates";
import { type ApiClient, newKey } from "../api/client";
import type {
  Callback,
  Campaign,
  CampaignTerms,
  Case,
  CaseDetail,
  CaseState,
  CaseWhy,
  Client,
  ColumnMapping,
  Delivery,
  Export,
  Intake,
  IntakeField,
  Preflight,
  Reach,
  Recall,
  Role,
  User,
  Why,
} from "../api/types";
import { Action, Pages, Query } from "./query";
import { Store } from "./store";

export type CampaignCommand = "running" | "paused" | "draining" | "stopped";

/** Commands that make sense per state; the service has the last word. */
export const CAMPAIGN_COMMANDS: Readonly<Record<Campaign["state"], readonly CampaignCommand[]>> = {
  draft: ["running"],
  running: ["paused", "draining", "stopped"],
  paused: ["running", "draining", "stopped"],
  draining: ["running", "paused", "stopped"],
  stopped: ["running"],
};

export class CampaignsModel {
  readonly list: Pages<Campaign>;
  readonly clients: Query<readonly Client[]>;
  readonly creating = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Pages((cursor) => client.get("/campaigns", { query: { ...(cursor === undefined ? {} : { cursor }) } }));
    this.clients = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
  }

  /** The new campaign's id; null when it was refused. */
  readonly create = async (clientId: string, name: string): Promise<string | null> => {
    let id: string | null = null;
    await this.creating.run(async () => {
      const body = { client: clientId, name: name.trim() };
      id = (await this.#client.post("/campaigns", { body, idempotencyKey: newKey() })).id;
    });
    return id;
  };
}

export class CampaignModel {
  readonly detail: Query<Campaign>;
  readonly preflight: Query<Preflight>;
  readonly why: Query<Why>;
  readonly reach: Query<Reach>;
  readonly terms: Query<CampaignTerms>;
  readonly steering = new Action();
  readonly testing = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly campaign: string };

  constructor(client: ApiClient, id: string) {
    const path = { campaign: id };
    this.#client = client;
    this.#path = path;
    this.detail = new Query(() => client.get("/campaigns/{campaign}", { path }));
    this.preflight = new Query(() => client.get("/campaigns/{campaign}/preflight", { path }));
    this.why = new Query(() => client.get("/campaigns/{campaign}/why", { path }));
    this.reach = new Query(() => client.get("/campaigns/{campaign}/reach", { path }));
    this.terms = new Query(() => client.get("/campaigns/{campaign}/terms", { path }));
  }

  readonly reload = async (): Promise<void> => {
    await Promise.all([this.detail.reload(), this.preflight.reload(), this.why.reload(), this.reach.reload(), this.terms.reload()]);
  };

  readonly command = async (state: CampaignCommand): Promise<void> => {
    await this.steering.run(async () => {
      this.detail.put(await this.#client.put("/campaigns/{campaign}/state", { path: this.#path, body: { state } }));
      void this.why.reload();
    });
  };

  readonly testCall = async (number: string): Promise<boolean> =>
    this.testing.run(async () => {
      await this.#client.post("/campaigns/{campaign}/test-call", { path: this.#path, body: { number }, idempotencyKey: newKey() });
    });
}

export type UploadKind = ColumnMapping["kind"];

const UPLOADS = { list: "/campaigns/{campaign}/deliveries", numbers: "/campaigns/{campaign}/numbers", visits: "/campaigns/{campaign}/visits" } as const;

/** One file on its way in: first a dry run that keeps nothing, then the real thing. */
export class UploadModel {
  readonly preview = new Store<Intake | null>(null);
  readonly result = new Store<Intake | null>(null);
  /** Our fields, as files may hold them. */
  readonly fields = new Store<Readonly<Record<UploadKind, readonly IntakeField[]>>>({ list: [], numbers: [], visits: [] });
  /** How files of this client were read before. */
  readonly mappings = new Store<readonly ColumnMapping[]>([]);
  readonly saved = new Store<ColumnMapping | null>(null);
  readonly sending = new Action();
  readonly saving = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Without an answer there is nothing to choose from: the columns are guessed then. */
  readonly loadMappings = async (campaign: string): Promise<void> => {
    const page = await this.#client.get("/campaigns/{campaign}/mappings", { path: { campaign } }).catch(() => null);
    this.mappings.set(page?.items ?? []);
    if (page !== null) this.fields.set(page.fields);
  };

  readonly saveMapping = async (campaign: string, kind: UploadKind, name: string, columns: Readonly<Record<string, string>>): Promise<void> => {
    const done = await this.saving.run(async () => {
      const body = { name: name.trim(), kind, columns };
      this.saved.set(await this.#client.put("/campaigns/{campaign}/mappings", { path: { campaign }, body }));
    });
    if (done) await this.loadMappings(campaign);
  };

  readonly reset = (): void => {
    this.preview.set(null);
    this.result.set(null);
    this.saved.set(null);
    this.sending.clear();
    this.saving.clear();
  };

  /** `mapping`: the name of a saved column mapping; empty: as in `columns`, and without these they are guessed. */
  readonly send = async (campaign: string, kind: UploadKind, file: File, dryRun: boolean, mapping = "", columns?: Readonly<Record<string, string>>): Promise<void> => {
    await this.sending.run(async () => {
      const form = new FormData();
      if (columns !== undefined) form.append("mapping", JSON.stringify(columns));
      form.append("file", file); // the last part: the service reads as it comes
      const intake = await this.#client.upload(UPLOADS[kind], { path: { campaign }, query: { dry_run: dryRun, ...(mapping === "" ? {} : { mapping_name: mapping }) }, form });
      (dryRun ? this.preview : this.result).set(intake);
    });
  };
}

export class DeliveriesModel {
  readonly list: Pages<Delivery>;
  readonly recalling = new Action();
  readonly recalled = new Store<Recall | null>(null);
  readonly #client: ApiClient;

  constructor(client: ApiClient, campaign: string | undefined) {
    this.#client = client;
    this.list = new Pages((cursor) =>
      client.get("/deliveries", {
        query: { ...(campaign === undefined ? {} : { campaign }), ...(cursor === undefined ? {} : { cursor }) },
      }),
    );
  }

  readonly recall = async (delivery: string, reason: string): Promise<boolean> =>
    this.recalling.run(async () => {
      this.recalled.set(await this.#client.post("/deliveries/{delivery}/recall", { path: { delivery }, body: { reason: reason.trim() } }));
      void this.list.reload();
    });

  readonly refusals = (delivery: string): Promise<Blob> =>
    this.#client.download("/deliveries/{delivery}/refusals", { path: { delivery }, query: { format: "csv" } });
}

export interface CaseFilter {
  readonly campaign: string;
  readonly state: CaseState | "";
  readonly outcome: string;
  readonly reference: string;
  /** Days as `2026-11-23` in which the case began, both included. */
  readonly from: string;
  readonly until: string;
  readonly crisis: boolean;
  readonly missed: boolean;
  readonly order: "newest" | "time_left";
}

export class CasesModel {
  readonly filter = new Store<CaseFilter>({ campaign: "", state: "", outcome: "", reference: "", from: "", until: "", crisis: false, missed: false, order: "newest" });
  readonly list: Pages<Case>;

  constructor(client: ApiClient) {
    this.list = new Pages((cursor) => {
      const { campaign, state, outcome, reference, from, until, crisis, missed, order } = this.filter.get();
      return client.get("/cases", {
        query: {
          ...(campaign === "" ? {} : { campaign }),
          ...(state === "" ? {} : { state }),
          ...(outcome === "" ? {} : { outcome }),
          ...(reference.trim() === "" ? {} : { reference: reference.trim() }),
          ...(from === "" ? {} : { opened_from: from }),
          ...(until === "" ? {} : { opened_until: until }),
          ...(crisis ? { crisis } : {}),
          ...(missed ? { missed_appointment: true } : {}),
          ...(order === "newest" ? {} : { order }),
          ...(cursor === undefined ? {} : { cursor }),
        },
      });
    });
  }

  readonly narrow = (change: Partial<CaseFilter>): void => {
    this.filter.patch(change);
    void this.list.reload();
  };
}

export class CaseModel {
  readonly detail: Query<CaseDetail>;
  readonly why: Query<CaseWhy>;
  /** Of a past moment, once it is asked for. */
  readonly then: Query<CaseWhy>;
  readonly moment = new Store({ date: "", time: "", wrong: false, asked: "" });
  readonly steering = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly case: string };

  constructor(client: ApiClient, id: string) {
    const path = { case: id };
    this.#client = client;
    this.#path = path;
    this.detail = new Query(() => client.get("/cases/{case}", { path }));
    this.why = new Query(() => client.get("/cases/{case}/why", { path }));
    this.then = new Query(() => client.get("/cases/{case}/why", { path, query: { at: this.moment.get().asked } }));
  }

  readonly askThen = async (): Promise<void> => {
    const { date, time } = this.moment.get();
    const asked = amsterdamToIso(date, time);
    this.moment.patch({ wrong: asked === null, asked: asked ?? "" });
    if (asked !== null) await this.then.reload();
  };

  readonly reload = async (): Promise<void> => {
    await Promise.all([this.detail.reload(), this.why.reload()]);
  };

  readonly withdraw = (reason: string): Promise<boolean> => this.#steer("/cases/{case}/withdraw", reason);
  readonly release = (reason: string): Promise<boolean> => this.#steer("/cases/{case}/release", reason);
  readonly liftOptOut = (reason: string): Promise<boolean> => this.#steer("/cases/{case}/lift-opt-out", reason);

  readonly unblock = (phone: string, reason: string): Promise<boolean> =>
    this.#change(async () => {
      await this.#client.post("/cases/{case}/phones/{phone}/unblock", { path: { ...this.#path, phone }, body: { reason: reason.trim() }, idempotencyKey: newKey() });
    });

  readonly undoMerge = (signal: string): Promise<boolean> =>
    this.#change(async () => {
      await this.#client.post("/cases/{case}/undo-merge", { path: this.#path, body: { signal }, idempotencyKey: newKey() });
    });

  readonly recode = (attempt: string, outcome: string, reason: string): Promise<boolean> =>
    this.#change(async () => {
      await this.#client.post("/attempts/{attempt}/recode", { path: { attempt }, body: { outcome, reason: reason.trim() }, idempotencyKey: newKey() });
    });

  readonly #steer = (path: "/cases/{case}/withdraw" | "/cases/{case}/release" | "/cases/{case}/lift-opt-out", reason: string): Promise<boolean> =>
    this.#change(async () => {
      await this.#client.post(path, { path: this.#path, body: { reason: reason.trim() }, idempotencyKey: newKey() });
    });

  async #change(work: () => Promise<void>): Promise<boolean> {
    const done = await this.steering.run(work);
    if (done) await this.reload();
    return done;
  }
}

export class ExportsModel {
  readonly list: Pages<Export>;
  readonly making = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Pages((cursor) => client.get("/exports", { query: { ...(cursor === undefined ? {} : { cursor }) } }));
  }

  readonly make = async (campaign: string, kind: "full" | "delta"): Promise<void> => {
    await this.making.run(async () => {
      await this.#client.post("/campaigns/{campaign}/exports", { path: { campaign }, body: { kind }, idempotencyKey: newKey() });
      await this.list.reload();
    });
  };

  readonly confirm = async (id: string): Promise<void> => {
    await this.making.run(async () => {
      await this.#client.post("/exports/{export}/confirm", { path: { export: id } });
      await this.list.reload();
    });
  };

  readonly file = (id: string, format: "csv" | "xlsx"): Promise<Blob> =>
    this.#client.download("/exports/{export}/file", { path: { export: id }, query: { format } });
}

export class CallbacksModel {
  readonly open: Pages<Callback>;
  /** Taken by somebody; the number is readable for whoever took it. */
  readonly claimed: Pages<Callback>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    const pages = (state: "open" | "claimed"): Pages<Callback> =>
      new Pages((cursor) => client.get("/callbacks", { query: { state, ...(cursor === undefined ? {} : { cursor }) } }));
    this.open = pages("open");
    this.claimed = pages("claimed");
  }

  readonly reload = async (): Promise<void> => {
    await Promise.all([this.open.reload(), this.claimed.reload()]);
  };

  readonly claim = async (callback: string): Promise<void> => {
    await this.acting.run(async () => {
      await this.#client.post("/callbacks/{callback}/claim", { path: { callback } });
      await this.reload();
    });
  };

  /** Have it dialled for me, now; false when it was refused. */
  readonly call = async (callback: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/callbacks/{callback}/call", { path: { callback } });
    });

  readonly close = async (callback: string, result: "done" | "cancelled"): Promise<void> => {
    await this.acting.run(async () => {
      await this.#client.post("/callbacks/{callback}/done", { path: { callback }, body: { result } });
      await this.reload();
    });
  };
}

export interface UserEdit {
  readonly display_name: string;
  readonly role: Role;
  readonly client: string | null;
  readonly language: User["language"];
}

export interface NewUser {
  readonly login: string;
  readonly display_name: string;
  readonly role: Role;
  readonly client: string | null;
  readonly password: string;
}

export class UsersModel {
  readonly list: Pages<User>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Pages((cursor) => client.get("/users", { query: { limit: 200, ...(cursor === undefined ? {} : { cursor }) } }));
  }

  readonly create = async (user: NewUser): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/users", { body: { ...user, language: "nl" }, idempotencyKey: newKey() });
      await this.list.reload();
    });

  readonly change = async (user: User, change: UserEdit): Promise<boolean> =>
    this.acting.run(async () => {
      const { display_name, role, client, language } = change;
      const body = { display_name: display_name.trim(), role, language, client: role === "client" ? client : null };
      await this.#client.patch("/users/{user}", { path: { user: user.id }, body, ifMatch: user.version });
      await this.list.reload();
    });

  readonly signOut = async (user: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.delete("/users/{user}/sessions", { path: { user } });
    });

  readonly setDisabled = async (user: User, disabled: boolean): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.patch("/users/{user}", { path: { user: user.id }, body: { disabled }, ifMatch: user.version });
      await this.list.reload();
    });

  readonly setPassword = async (user: string, password: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.put("/users/{user}/password", { path: { user }, body: { password } });
    });
}
