/** What follows each outcome in a campaign: edited, tried, kept as a new version, brought to the cases, and had back. */

import { type ApiClient, newKey } from "../api/client";
import type { NextStep, OutcomeRules, OutcomeRulesVersion, RulesChanged } from "../api/types";
import { bare, differences, isStep, type RuleForm, ruleForm, sameStep, stepOf, stepsOf } from "../domain/rules";
import { Action, Query } from "./query";
import { Store } from "./store";

export interface RulesDraft {
  /** Steps that differ from the version in force. */
  readonly steps: Readonly<Record<string, NextStep>>;
  /** The outcome that is being edited. */
  readonly open: string | null;
  readonly form: RuleForm | null;
  readonly tried: RulesChanged | null;
  readonly kept: boolean;
}

const FRESH: RulesDraft = { steps: {}, open: null, form: null, tried: null, kept: false };
const AGAIN_SECONDS = 2;

export class RulesModel {
  readonly rules: Query<OutcomeRules>;
  readonly history: Query<readonly OutcomeRulesVersion[]>;
  readonly draft = new Store<RulesDraft>(FRESH);
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly campaign: string };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: ApiClient, campaign: string) {
    const path = { campaign };
    this.#client = client;
    this.#path = path;
    this.rules = new Query(() => client.get("/campaigns/{campaign}/outcome-rules", { path }));
    this.history = new Query<readonly OutcomeRulesVersion[]>(async () => (await client.get("/campaigns/{campaign}/outcome-rules/history", { path })).items);
  }

  /** Loads; while the last change is on its way to the cases, asks again. Returns how to stop. */
  readonly start = (): (() => void) => {
    void this.#load();
    return () => clearTimeout(this.#timer);
  };

  readonly #load = async (): Promise<void> => {
    await Promise.all([this.rules.reload(), this.history.reload()]);
    this.#watch();
  };

  #watch(): void {
    clearTimeout(this.#timer);
    if ((this.rules.get().data?.waiting ?? 0) > 0)
      this.#timer = setTimeout(() => void this.rules.reload().then(() => this.#watch()), AGAIN_SECONDS * 1000);
  }

  /** The step that holds on the screen: the draft's, or the one in force. */
  stepNow(code: string): NextStep | undefined {
    return this.draft.get().steps[code] ?? this.#rule(code)?.step;
  }

  #rule(code: string) {
    return this.rules.get().data?.items.find((rule) => rule.code === code);
  }

  /** True when the outcome closes its number after some days: then it must say how many. */
  closes(code: string): boolean {
    return (this.#rule(code)?.step.close_after_days ?? 0) > 0;
  }

  readonly open = (code: string): void => {
    const step = this.stepNow(code);
    if (step !== undefined) this.draft.patch({ open: code, form: ruleForm(step), kept: false });
  };

  readonly shut = (): void => this.draft.patch({ open: null, form: null });

  readonly edit = (change: Partial<RuleForm>): void => {
    const { form } = this.draft.get();
    if (form !== null) this.draft.patch({ form: { ...form, ...change } });
  };

  /** Takes the edited step into the draft; false while something is wrong. */
  readonly take = (): boolean => {
    const { open, form, steps } = this.draft.get();
    const rule = open === null ? undefined : this.#rule(open);
    if (rule === undefined || form === null) return false;
    const step = stepOf(form, this.closes(rule.code));
    if (!isStep(step)) return false;
    const others = Object.entries(steps).filter(([code]) => code !== rule.code);
    const own = sameStep(step, rule.step) ? [] : [[rule.code, step] as const];
    this.draft.patch({ steps: Object.fromEntries([...others, ...own]), open: null, form: null, tried: null });
    return true;
  };

  /** The draft becomes an earlier version; it is tried and kept as every other change. */
  readonly backTo = (version: OutcomeRulesVersion): void => {
    const { data } = this.rules.get();
    if (data === null) return;
    const steps = Object.fromEntries(differences(stepsOf(data.items), version.steps).map(({ code, after }) => [code, after]));
    this.draft.set({ ...FRESH, steps });
  };

  readonly discard = (): void => {
    this.acting.clear();
    this.draft.set(FRESH);
  };

  readonly tryOut = async (): Promise<boolean> =>
    this.acting.run(async () => {
      const { steps } = this.draft.get();
      const tried = await this.#send("", true);
      if (steps === this.draft.get().steps) this.draft.patch({ tried });
    });

  readonly keep = async (note: string): Promise<boolean> => {
    const done = await this.acting.run(async () => {
      await this.#send(note.trim(), false);
    });
    if (!done) return false;
    this.draft.set({ ...FRESH, kept: true });
    await this.#load();
    return true;
  };

  async #send(note: string, dryRun: boolean): Promise<RulesChanged> {
    const { data } = this.rules.get();
    const steps = Object.fromEntries(Object.entries(this.draft.get().steps).map(([code, step]) => [code, bare(step)]));
    const body = { version: data?.version ?? 0, steps, ...(note === "" ? {} : { note }) };
    return this.#client.post("/campaigns/{campaign}/outcome-rules", { path: this.#path, query: { dry_run: dryRun }, body, idempotencyKey: newKey() });
  }
}
