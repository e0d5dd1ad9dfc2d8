/**
 * A run through a conversation script that the service gave. Pure: the script, what is known, and what was answered.
 *
 * What a script may hold is the service's to check. Here the last gate stands once more: a step for the resident is
 * never opened without a matched identity check.
 */

/** In the language of the conversation; `en` empty: Dutch is said. */
export interface Text {
  readonly nl: string;
  readonly en: string;
}

export interface Condition {
  readonly fact: string;
  readonly is: readonly string[];
}

export interface Answer {
  /** 1-9, also on the keyboard. */
  readonly key: number;
  readonly label: Text;
  /** The next step; null: the script ends here. */
  readonly to: string | null;
  /** The outcome that this answer points to; the last one on the path counts. */
  readonly outcome: string | null;
  readonly flag: string | null;
  /** A structured answer that is filed with the outcome. */
  readonly files: { readonly name: string; readonly value: string } | null;
  readonly when: readonly Condition[];
}

export interface Passage {
  readonly say: Text;
  readonly when: readonly Condition[];
}

export interface Step {
  readonly id: string;
  readonly title: Text;
  /** What to say, with {fields}. */
  readonly say: Text;
  /** Advice to the agent, never said. */
  readonly hint: Text;
  readonly audience: "anyone" | "resident" | "third_party";
  /** Whether a matched check here goes on with `after_match`; `asks`: the step asks for the data. */
  readonly identity: "no" | "may" | "asks";
  readonly also: readonly Passage[];
  readonly answers: readonly Answer[];
}

/** How a call comes about: dialled by plan, rung by a caller, or rung back because somebody asked for it. */
export type Opening = "out" | "in" | "call_back";

export interface Script {
  readonly starts: Readonly<Record<Opening, string>>;
  readonly after_match: string;
  readonly steps: readonly Step[];
}

export type Spoken = "nl" | "en";

/** What a condition may ask. Empty and null: not known, so that nothing holds. */
export interface Known {
  readonly verified: boolean;
  readonly opening: Opening;
  readonly language: string;
  readonly attempt: "first" | "again" | null;
  readonly arrears: readonly string[];
  readonly crisis: boolean | null;
}

/** One answer given: the step it was given at, and the key of the answer. */
interface Given {
  readonly at: string;
  readonly answer: number;
}

/** A run through the script: what was answered so far, and the step now (null: at its end). */
export interface Run {
  readonly given: readonly Given[];
  readonly now: string | null;
}

export function stepOf(script: Script, id: string | null): Step | null {
  return script.steps.find((step) => step.id === id) ?? null;
}

/** Rings back through the municipality, and is not rung meanwhile. */
export const WILL_CALL = "WILL_CALL";

/** What this script says to who does not trust the call: the first step for anyone that can end so; null: it has none. */
export function doubtStep(script: Script): Step | null {
  return script.steps.find((step) => step.audience === "anyone" && step.answers.length > 0 && step.answers.every(({ outcome }) => outcome === WILL_CALL)) ?? null;
}

export function said(text: Text, spoken: Spoken): string {
  return spoken === "en" && text.en !== "" ? text.en : text.nl;
}

/** True when some of it can be said in English. */
export function hasEnglish(script: Script): boolean {
  return script.steps.some((step) => step.say.en !== "");
}

function values(fact: string, known: Known): readonly string[] {
  switch (fact) {
    case "identity":
      return [known.verified ? "matched" : "open"];
    case "opening":
      return [known.opening];
    case "language":
      return [known.language];
    case "attempt":
      return known.attempt === null ? [] : [known.attempt];
    case "arrears":
      return known.verified ? known.arrears : [];
    case "crisis":
      return known.verified && known.crisis !== null ? [known.crisis ? "yes" : "no"] : [];
    default:
      return [];
  }
}

function holds(when: readonly Condition[], known: Known): boolean {
  return when.every((condition) => values(condition.fact, known).some((value) => condition.is.includes(value)));
}

/** The answers that are shown, by key. */
export function answersOf(step: Step, known: Known): readonly Answer[] {
  return step.answers.filter(({ when }) => holds(when, known)).sort((one, other) => one.key - other.key);
}

/** What is said at the step: its own text, then the passages whose conditions hold. */
export function passagesOf(step: Step, known: Known): readonly Text[] {
  return [step.say, ...step.also.filter(({ when }) => holds(when, known)).map(({ say }) => say)];
}

export function begin(script: Script, opening: Opening): Run {
  return { given: [], now: script.starts[opening] };
}

/** The run, unless nothing was answered yet and the call turns out to be of another kind: then from its own start. */
export function openedAs(script: Script, run: Run, opening: Opening): Run {
  const untouched = run.given.length === 0 && Object.values(script.starts).some((start) => start === run.now);
  return untouched && run.now !== script.starts[opening] ? begin(script, opening) : run;
}

/** The run after the answer with this key; unchanged when it is not shown, or its step is not open yet. */
export function answer(script: Script, run: Run, key: number, known: Known): Run {
  const step = stepOf(script, run.now);
  const chosen = step === null ? undefined : answersOf(step, known).find((candidate) => candidate.key === key);
  if (step === null || chosen === undefined) return run;
  const next = stepOf(script, chosen.to);
  if (chosen.to !== null && (next === null || (next.audience === "resident" && !known.verified))) return run;
  return { given: [...run.given, { at: step.id, answer: key }], now: chosen.to };
}

/** The identity check matched: from where it belongs the script goes on with the reason for the call. */
export function verified(script: Script, run: Run): Run {
  const here = stepOf(script, run.now)?.identity ?? "no";
  return here === "no" ? run : { given: run.given, now: script.after_match };
}

export function back(run: Run): Run {
  const last = run.given.at(-1);
  return last === undefined ? run : { given: run.given.slice(0, -1), now: last.at };
}

/** Back to the moment before answer number `index` of the path. */
export function backTo(run: Run, index: number): Run {
  const entry = run.given[index];
  return entry === undefined ? run : { given: run.given.slice(0, index), now: entry.at };
}

function givenAnswer(script: Script, { at, answer: key }: Given): Answer | undefined {
  return stepOf(script, at)?.answers.find((candidate) => candidate.key === key);
}

/** The path in words: each step's title and what was answered. */
export function pathOf(script: Script, run: Run, spoken: Spoken): readonly { readonly title: string; readonly label: string }[] {
  return run.given.map((entry) => {
    const step = stepOf(script, entry.at);
    const label = givenAnswer(script, entry)?.label;
    return { title: step === null ? entry.at : said(step.title, spoken), label: label === undefined ? "" : said(label, spoken) };
  });
}

export interface Suggestion {
  readonly outcome: string | null;
  readonly crisis: boolean;
  /** Structured answers by name. */
  readonly answers: Readonly<Record<string, string>>;
}

/** The outcome, flag and structured answers that the path points to. */
export function suggestion(script: Script, run: Run): Suggestion {
  let outcome: string | null = null;
  let crisis = false;
  const answers: Record<string, string> = {};
  for (const entry of run.given) {
    const chosen = givenAnswer(script, entry);
    outcome = chosen?.outcome ?? outcome;
    crisis ||= chosen?.flag === "CRISIS";
    const files = chosen?.files ?? null;
    if (files !== null) answers[files.name] = files.value;
  }
  return { outcome, crisis, answers };
}

/** A run as one short line, for the draft: `O1.1 O2.2 I1`; the step now comes last, `-` at the end. */
export function encode(run: Run): string {
  return [...run.given.map(({ at, answer: key }) => `${at}.${key}`), run.now ?? "-"].join(" ");
}

/** The run of such a line; null when it is not one of this script. */
export function decode(script: Script, line: string): Run | null {
  const parts = line.split(" ");
  const last = parts.pop();
  if (last === undefined || (last !== "-" && stepOf(script, last) === null)) return null;
  const given: Given[] = [];
  for (const part of parts) {
    const [at = "", key = ""] = part.split(".");
    const entry = { at, answer: Number(key) };
    if (givenAnswer(script, entry) === undefined) return null;
    given.push(entry);
  }
  return { given, now: last === "-" ? null : last };
}

/** Fills `{fields}`; one that is not known is shown as an ellipsis, never as its name. */
export function fill(text: string, fields: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = fields[name];
    return value === undefined || value === "" ? "…" : value;
  });
}

/** The greeting by the hour of the day in Amsterdam. */
export function greeting(hour: number, spoken: Spoken): string {
  const [morning, afternoon, evening] = spoken === "nl" ? ["Goedemorgen", "Goedemiddag", "Goedenavond"] : ["Good morning", "Good afternoon", "Good evening"];
  if (hour < 12) return morning;
  return hour < 18 ? afternoon : evening;
}

const KINDS: Readonly<Record<string, Text>> = {
  energy: { nl: "energie", en: "energy" },
  rent: { nl: "huur", en: "rent" },
  water: { nl: "water", en: "water" },
  health: { nl: "zorgverzekering", en: "health insurance" },
  mortgage: { nl: "de hypotheek", en: "the mortgage" },
  cak: { nl: "het CAK", en: "the CAK" },
  duo: { nl: "DUO", en: "DUO" },
  tax: { nl: "belastingen", en: "taxes" },
  telecom: { nl: "telefoon of internet", en: "telephone or internet" },
};

/** The kinds of arrears as they are said, each once. */
export function kindsSaid(kinds: readonly string[], spoken: Spoken): string {
  const words = kinds.map((kind) => said(KINDS[kind] ?? { nl: "vaste lasten", en: "fixed costs" }, spoken));
  return [...new Set(words)].join(spoken === "nl" ? " en " : " and ");
}
