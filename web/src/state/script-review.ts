/** A script read: by whoever must not edit it, and by the client who approves it; and the one that a campaign has. */

import type { ApiClient } from "../api/client";
import type { CallScript, ScriptLine, ScriptVersion } from "../api/types";
import { Action, Query } from "./query";

export class ScriptReview {
  readonly versions: Query<readonly ScriptVersion[]>;
  /** The newest version, whole. */
  readonly newest: Query<CallScript | null>;
  readonly deciding = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient, id: string) {
    this.#client = client;
    this.versions = new Query<readonly ScriptVersion[]>(async () => (await client.get("/scripts/{script}/versions", { path: { script: id } })).items);
    this.newest = new Query<CallScript | null>(async () => {
      const version = this.versions.get().data?.[0]?.id;
      return version === undefined ? null : client.get("/script-versions/{script_version}", { path: { script_version: version } });
    });
  }

  readonly load = async (): Promise<void> => {
    await this.versions.reload();
    await this.newest.reload();
  };

  readonly decide = async (version: string, decision: "approved" | "refused", note: string): Promise<boolean> => {
    const done = await this.deciding.run(async () => {
      await this.#client.post("/script-versions/{script_version}/decision", { path: { script_version: version }, body: { decision, note: note.trim() } });
    });
    await this.load(); // refused or not: somebody may have been first
    return done;
  };
}

export class CampaignScript {
  readonly now: Query<CallScript>;
  readonly scripts: Query<readonly ScriptLine[]>;
  readonly choosing = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly campaign: string };

  constructor(client: ApiClient, campaign: string) {
    const path = { campaign };
    this.#client = client;
    this.#path = path;
    this.now = new Query(() => client.get("/campaigns/{campaign}/script", { path }));
    this.scripts = new Query<readonly ScriptLine[]>(async () => (await client.get("/scripts")).items);
  }

  readonly choose = async (script: string | null): Promise<boolean> =>
    this.choosing.run(async () => this.now.put(await this.#client.put("/campaigns/{campaign}/script", { path: this.#path, body: { script } })));
}
