/** Changes to a script while it is edited. Pure: each gives a new script; what is wrong with it the service says. */

import type { Answer, Condition, Script, Step } from "./script";

export const MOST_ANSWERS = 9;

/** What a condition may ask, with the values to choose from; `secret`: known after the identity check only. */
export const FACTS: Readonly<Record<string, { readonly values: readonly string[]; readonly secret: boolean }>> = {
  identity: { values: ["matched", "open"], secret: false },
  opening: { values: ["out", "in", "call_back"], secret: false },
  language: { values: ["nl", "en", "de", "fr", "es", "pl", "tr", "ar", "uk"], secret: false },
  attempt: { values: ["first", "again"], secret: false },
  arrears: { values: ["rent", "energy", "water", "health", "mortgage", "cak", "duo", "tax", "telecom", "other"], secret: true },
  crisis: { values: ["yes", "no"], secret: true },
};

/** Fields that can be filled in; `soort` tells of arrears. */
export const FIELDS = ["groet", "medewerker", "aanhef", "gemeente", "neutraleNaam", "nummer079", "soort"] as const;

const NOTHING = { nl: "", en: "" } as const;

export function changeStep(script: Script, id: string, change: Partial<Step>): Script {
  return { ...script, steps: script.steps.map((step) => (step.id === id ? { ...step, ...change } : step)) };
}

/** A new step after `after`, for the same audience, that ends the script. */
export function addStep(script: Script, after: string | null): { readonly script: Script; readonly id: string } {
  const taken = new Set(script.steps.map((step) => step.id));
  let number = 1;
  while (taken.has(`S${number}`)) number += 1;
  const id = `S${number}`;
  const place = script.steps.findIndex((step) => step.id === after);
  const audience = script.steps[place]?.audience ?? "anyone";
  const step: Step = { id, title: NOTHING, say: NOTHING, hint: NOTHING, audience, identity: "no", also: [], answers: [newAnswer(1)] };
  const steps = [...script.steps];
  steps.splice(place === -1 ? steps.length : place + 1, 0, step);
  return { script: { ...script, steps }, id };
}

/** Without this step; answers that led to it still name it, so that the service tells of them. The last one stays. */
export function removeStep(script: Script, id: string): Script {
  return script.steps.length < 2 ? script : { ...script, steps: script.steps.filter((step) => step.id !== id) };
}

export function moveStep(script: Script, id: string, by: -1 | 1): Script {
  const from = script.steps.findIndex((step) => step.id === id);
  const to = from + by;
  const step = script.steps[from];
  if (step === undefined || to < 0 || to >= script.steps.length) return script;
  const steps = script.steps.filter((other) => other !== step);
  steps.splice(to, 0, step);
  return { ...script, steps };
}

function newAnswer(key: number): Answer {
  return { key, label: NOTHING, to: null, outcome: null, flag: null, files: null, when: [] };
}

/** With one more answer on the first free key; unchanged when all nine are taken. */
export function addAnswer(step: Step): readonly Answer[] {
  const taken = new Set(step.answers.map(({ key }) => key));
  for (let key = 1; key <= MOST_ANSWERS; key += 1) if (!taken.has(key)) return [...step.answers, newAnswer(key)].sort((one, other) => one.key - other.key);
  return step.answers;
}

export function changeAnswer(step: Step, key: number, change: Partial<Answer>): readonly Answer[] {
  return step.answers.map((answer) => (answer.key === key ? { ...answer, ...change } : answer));
}

export function removeAnswer(step: Step, key: number): readonly Answer[] {
  return step.answers.filter((answer) => answer.key !== key);
}

/** The answer gets another key; whoever had it gets this one's. */
export function rekey(step: Step, from: number, to: number): readonly Answer[] {
  const swapped = step.answers.map((answer) => (answer.key === from ? { ...answer, key: to } : answer.key === to ? { ...answer, key: from } : answer));
  return swapped.sort((one, other) => one.key - other.key);
}

/** The conditions with `fact` asking for `values`; none: without it. */
export function conditioned(when: readonly Condition[], fact: string, values: readonly string[]): readonly Condition[] {
  const others = when.filter((condition) => condition.fact !== fact);
  return values.length === 0 ? others : [...others, { fact, is: [...values] }];
}
