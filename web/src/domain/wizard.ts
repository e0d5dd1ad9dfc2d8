/** The steps from a file to the first call, and how far a draft campaign is. All of it follows from what the service has. */

import type { ChecklistItem, Delivery, Preflight, ProofCall } from "../api/types";

export const STEPS = ["file", "script", "windows", "mode", "checklist", "proof", "start"] as const;
export type Step = (typeof STEPS)[number];
export type StepState = "done" | "todo" | "optional";

export interface Known {
  readonly items: readonly ChecklistItem[];
  readonly deliveries: readonly Delivery[];
  readonly proofs: readonly ProofCall[];
  readonly preflight: Preflight;
}

export function isStep(value: string): value is Step {
  return (STEPS as readonly string[]).includes(value);
}

/** How each step stands. A proof run may be left out; the start is to do until it is done. */
export function stepStates({ items, deliveries, proofs, preflight }: Known): Readonly<Record<Step, StepState>> {
  const settled = (item: ChecklistItem["item"]): boolean => items.find((one) => one.item === item)?.state !== "open";
  const passes = (code: string): boolean => preflight.checks.find((check) => check.code === code)?.ok !== false;
  const done = (fine: boolean): StepState => (fine ? "done" : "todo");
  return {
    file: done(deliveries.some(({ kind, state }) => kind === "list" && state === "loaded")),
    script: done(settled("script")),
    windows: done(settled("opening_hours") && passes("window") && passes("dates")),
    mode: done(settled("promise") && passes("agents")),
    checklist: done(items.every(({ state }) => state !== "open")),
    proof: proofs.some(({ answered }) => answered) ? "done" : "optional",
    start: "todo",
  };
}

/** Where somebody who comes back goes on: the first step that is still to do. */
export function firstOpen(states: Readonly<Record<Step, StepState>>): Step {
  return STEPS.find((step) => states[step] === "todo") ?? "start";
}

export function neighbour(step: Step, by: 1 | -1): Step | null {
  return STEPS[STEPS.indexOf(step) + by] ?? null;
}

/** Our fields with a heading for each that was chosen; what is left out is not in the file. */
export function chosenColumns(columns: Readonly<Record<string, string>>, field: string, heading: string): Readonly<Record<string, string>> {
  const others = Object.entries(columns).filter(([name, taken]) => name !== field && taken !== heading);
  return Object.fromEntries(heading === "" ? others : [...others, [field, heading]]);
}
