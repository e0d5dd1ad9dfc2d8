/** What follows an outcome: shown as sentences, edited as a form, compared between versions. */

import type { NextStep, NextStepChange, OutcomeRule, StepKind } from "../api/types";

/** One outcome's step as a form; numbers as typed. */
export interface RuleForm {
  readonly kind: StepKind;
  readonly from: string;
  readonly to: string;
  readonly days: string;
  /** How often the first step; empty: each time. */
  readonly times: string;
  readonly then: StepKind | "";
  readonly closeAfter: string;
}

export type RuleFault = "minutes" | "days" | "times" | "then" | "close";

const MOST = { minutes: 10_080, days: 60, times: 12, close: 7 };

export const waits = (kind: StepKind): boolean => kind === "retry_after" || kind === "redial";

const shown = (value: number | undefined): string => (value === undefined || value === 0 ? "" : String(value));

export function ruleForm(step: NextStep): RuleForm {
  const [from, to] = step.minutes ?? [];
  return {
    kind: step.kind,
    from: waits(step.kind) ? String(from ?? 0) : "",
    to: waits(step.kind) ? String(to ?? 0) : "",
    days: shown(step.pause_days),
    times: shown(step.times),
    then: step.then ?? "",
    closeAfter: shown(step.close_after_days),
  };
}

function whole(text: string, low: number, high: number): number | null {
  const value = Number(text);
  return /^\d+$/.test(text.trim()) && value >= low && value <= high ? value : null;
}

/** The step that the form says, or the field that is wrong. `closes`: the outcome closes its number. */
export function stepOf(form: RuleForm, closes: boolean): NextStepChange | RuleFault {
  const step: { -readonly [K in keyof NextStepChange]: NextStepChange[K] } = { kind: form.kind };
  if (waits(form.kind)) {
    const from = whole(form.from, form.kind === "redial" ? 0 : 1, MOST.minutes);
    const to = whole(form.to, 1, MOST.minutes);
    if (from === null || to === null || from > to) return "minutes";
    step.minutes = [from, to];
  }
  if (form.kind === "pause") {
    const days = whole(form.days, 1, MOST.days);
    if (days === null) return "days";
    step.pause_days = days;
  }
  if (form.times.trim() !== "") {
    const times = whole(form.times, 1, MOST.times);
    if (times === null) return "times";
    if (form.then === "") return "then";
    step.times = times;
    step.then = form.then;
  }
  if (closes) {
    const days = whole(form.closeAfter, 1, MOST.close);
    if (days === null) return "close";
    step.close_after_days = days;
  }
  return step;
}

export const isStep = (found: NextStepChange | RuleFault): found is NextStepChange => typeof found !== "string";

/** A step without what nobody can change, in a fixed order: equal text, equal step. */
export function bare(step: NextStep): NextStepChange {
  return {
    kind: step.kind,
    ...(step.minutes === undefined ? {} : { minutes: step.minutes }),
    ...(step.pause_days ? { pause_days: step.pause_days } : {}),
    ...(step.times ? { times: step.times } : {}),
    ...(step.then === undefined ? {} : { then: step.then }),
    ...(step.close_after_days ? { close_after_days: step.close_after_days } : {}),
  };
}

export const sameStep = (one: NextStep, other: NextStep): boolean => JSON.stringify(bare(one)) === JSON.stringify(bare(other));

type Steps = Readonly<Record<string, NextStep>>;

export const stepsOf = (rules: readonly OutcomeRule[]): Steps => Object.fromEntries(rules.filter(({ editable }) => editable).map(({ code, step }) => [code, step]));

export interface Difference {
  readonly code: string;
  readonly before: NextStep;
  readonly after: NextStep;
}

/** Outcomes whose step differs, as both know them. */
export function differences(before: Steps, after: Steps): readonly Difference[] {
  return Object.entries(after).flatMap(([code, step]) => {
    const old = before[code];
    return old === undefined || sameStep(old, step) ? [] : [{ code, before: old, after: step }];
  });
}
