/**
 * A supervisor's work on one script. What is typed is kept by the service 0.8 s after the last key, again until it is;
 * two people's drafts never overwrite each other unasked.
 */

import { type ApiClient, newKey } from "../api/client";
import { type ApiError, asApiError } from "../api/errors";
import type { Client, ScriptBody, ScriptChange, ScriptDraft, ScriptLine, ScriptProblem, ScriptVersion } from "../api/types";
import type { Script } from "../domain/script";
import { Action, Query } from "./query";
import { Store } from "./store";

const KEEP_AFTER_MS = 800;
const AGAIN_MS = 5000;

/** `conflict`: somebody else changed the draft; nothing is kept until it is clear whose stays. */
type Kept = "kept" | "dirty" | "saving" | "failing" | "refused" | "conflict";

export interface EditorState {
  readonly line: ScriptLine | null;
  readonly script: Script | null;
  readonly problems: readonly ScriptProblem[];
  readonly changes: readonly ScriptChange[];
  readonly kept: Kept;
  /** The step that is edited. */
  readonly open: string | null;
  readonly error: ApiError | null;
}

const EMPTY: EditorState = { line: null, script: null, problems: [], changes: [], kept: "kept", open: null, error: null };

/** As the service takes it. */
function bodyOf(script: Script): ScriptBody {
  return { ...script, starts: { ...script.starts }, steps: script.steps.map((step) => ({ ...step })) };
}

export class ScriptEditor extends Store<EditorState> {
  readonly versions: Query<readonly ScriptVersion[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly script: string };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: ApiClient, id: string) {
    super(EMPTY);
    const path = { script: id };
    this.#client = client;
    this.#path = path;
    this.versions = new Query<readonly ScriptVersion[]>(async () => (await client.get("/scripts/{script}/versions", { path })).items);
  }

  /** True while closing the tab would lose something. */
  get unsaved(): boolean {
    return this.get().kept !== "kept";
  }

  readonly load = async (): Promise<void> => {
    await Promise.all([this.#fetch(), this.versions.reload()]);
  };

  readonly select = (id: string | null): void => this.patch({ open: id });

  readonly edit = (change: (script: Script) => Script): void => {
    const { script, kept } = this.get();
    if (script === null) return;
    const next = change(script);
    if (next === script) return;
    this.patch({ script: next, kept: kept === "conflict" ? "conflict" : "dirty", error: null });
    if (kept !== "conflict") this.#keepSoon(KEEP_AFTER_MS);
  };

  /** Somebody else was first: his draft, or ours over it. */
  readonly settle = async (whose: "theirs" | "mine"): Promise<void> => {
    const { script, open } = this.get();
    await this.#fetch();
    if (whose === "theirs" || script === null || this.get().error !== null) return;
    this.patch({ script, open, kept: "dirty" });
    await this.#keep();
  };

  /** Keeps what is typed now, before the page goes. */
  readonly flush = async (): Promise<void> => {
    clearTimeout(this.#timer);
    if (["dirty", "failing"].includes(this.get().kept)) await this.#keep();
  };

  readonly publish = async (note: string): Promise<boolean> => {
    await this.flush();
    const { line, kept } = this.get();
    if (line === null || kept !== "kept") return false;
    return this.#act(async () => {
      await this.#client.post("/scripts/{script}/versions", { path: this.#path, body: { note: note.trim() }, ifMatch: line.draft_version });
    });
  };

  readonly rollBack = async (to: string, note: string): Promise<boolean> => {
    await this.flush();
    return this.#act(async () => {
      await this.#client.post("/scripts/{script}/roll-back", { path: this.#path, body: { to, note: note.trim() } });
    });
  };

  async #act(work: () => Promise<void>): Promise<boolean> {
    const done = await this.acting.run(work);
    if (done) await this.load();
    return done;
  }

  async #fetch(): Promise<void> {
    try {
      this.#take(await this.#client.get("/scripts/{script}/draft", { path: this.#path }), null);
    } catch (error) {
      this.patch({ error: asApiError(error) });
    }
  }

  /** What the service has; what was typed since `sent` stays. */
  #take({ line, body, problems, changes }: ScriptDraft, sent: Script | null): void {
    const { script, open } = this.get();
    const typed = sent !== null && script !== sent;
    const stays = body.steps.some(({ id }) => id === open) || typed;
    this.set({ line, script: sent === null ? body : script, problems, changes, kept: typed ? "dirty" : "kept", open: stays ? open : (body.steps[0]?.id ?? null), error: null });
    if (typed) this.#keepSoon(KEEP_AFTER_MS);
  }

  #keepSoon(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#keep(), ms);
  }

  async #keep(): Promise<void> {
    const { script, line, kept } = this.get();
    if (script === null || line === null || kept === "saving") return; // the answer on its way sees what was typed since
    this.patch({ kept: "saving" });
    try {
      this.#take(await this.#client.put("/scripts/{script}/draft", { path: this.#path, body: bodyOf(script), ifMatch: line.draft_version }), script);
    } catch (error) {
      const failed = asApiError(error);
      if (failed.status === 412) {
        this.patch({ kept: "conflict", error: null });
        return;
      }
      this.patch({ kept: failed.passing ? "failing" : "refused", error: failed });
      if (failed.passing) this.#keepSoon(AGAIN_MS);
    }
  }
}

/** Every script, and a new one. */
export class ScriptsModel {
  readonly list: Query<readonly ScriptLine[]>;
  readonly clients: Query<readonly Client[]>;
  readonly making = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<readonly ScriptLine[]>(async () => (await client.get("/scripts")).items);
    this.clients = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
  }

  /** The id of the new script; null when it was refused. */
  readonly make = async (client: string, name: string): Promise<string | null> => {
    let made: string | null = null;
    await this.making.run(async () => {
      made = (await this.#client.post("/scripts", { body: { client, name: name.trim() }, idempotencyKey: newKey() })).id;
    });
    return made;
  };
}
