/** The outcome list: groups, keys, what each outcome still needs, and which are legal now. Pure. */

/** One line of the catalogue, as far as the screen needs it. */
export interface Outcome {
  readonly code: string;
  readonly label: string;
  readonly reached: "no" | "yes" | "if_verified";
  readonly finalFor: "none" | "number" | "case";
  readonly needs: readonly string[];
  readonly secondKey: boolean;
}

const OUTCOME_GROUPS = ["help", "no_help", "later", "number", "stop", "team"] as const;
export type OutcomeGroup = (typeof OUTCOME_GROUPS)[number];

/** Where the known outcomes stand on the screen, in order. Codes a client adds are placed by `groupOf`. */
const PLACES: Readonly<Record<OutcomeGroup, readonly string[]>> = {
  help: ["HELP_APPOINTMENT", "HELP_WANTED", "HELP_OTHER", "ADVICE"],
  no_help: ["SELF_SOLVING", "PAID", "NO_HELP", "IN_DEBT_HELP", "OTHER_HELP", "ADMINISTRATOR", "DISPUTED"],
  later: ["CALL_LATER", "THIRD_PARTY", "WILL_CALL", "NOT_VERIFIED", "LANGUAGE", "NOT_ABLE"],
  number: ["VOICEMAIL", "WRONG_PERSON", "NUMBER_BLOCKED", "UNALLOCATED", "NUMBER_CHANGED", "INVALID_NUMBER", "FAX"],
  stop: ["REFUSED", "OPT_OUT", "MOVED", "DECEASED"],
  team: ["TEAM_HELPED", "TEAM_RETURNED"],
};

/** What may be filed of a call: one that another team's queue handed to us has results of its own. */
export function choices(outcomes: readonly Outcome[], direction: string): readonly Outcome[] {
  return outcomes.filter(({ needs }) => needs.includes("overflow") === (direction === "overflow"));
}

export function groupOf(outcome: Outcome): OutcomeGroup {
  for (const group of OUTCOME_GROUPS) if (PLACES[group].includes(outcome.code)) return group;
  if (outcome.needs.includes("overflow")) return "team";
  if (outcome.finalFor === "number") return "number";
  if (outcome.reached === "yes") return "no_help";
  return outcome.finalFor === "case" ? "stop" : "later";
}

interface KeyedOutcome {
  readonly outcome: Outcome;
  /** Two digits: group, then place in it; null beyond nine. */
  readonly keys: readonly [string, string] | null;
}

export interface OutcomeSection {
  readonly group: OutcomeGroup;
  readonly key: string;
  readonly outcomes: readonly KeyedOutcome[];
}

/** The list as drawn: sections in a fixed order, empty ones too, so that a key always means the same. */
export function sections(outcomes: readonly Outcome[]): readonly OutcomeSection[] {
  return OUTCOME_GROUPS.map((group, index) => {
    const places = PLACES[group];
    const rank = (code: string): number => {
      const place = places.indexOf(code);
      return place === -1 ? places.length : place;
    };
    const members = outcomes
      .filter((outcome) => groupOf(outcome) === group)
      .sort((a, b) => rank(a.code) - rank(b.code) || a.code.localeCompare(b.code));
    const key = String(index + 1);
    return {
      group,
      key,
      outcomes: members.map((outcome, place) => ({
        outcome,
        keys: place < 9 ? ([key, String(place + 1)] as const) : null,
      })),
    };
  });
}

/** Two key presses choose an outcome: first the group, then the outcome in it. */
export interface KeyChoice {
  readonly group: OutcomeGroup | null;
  readonly chosen: string | null;
}

export function pressKey(list: readonly OutcomeSection[], group: OutcomeGroup | null, key: string): KeyChoice {
  if (key === "Escape") return { group: null, chosen: null };
  if (group === null) {
    const section = list.find((candidate) => candidate.key === key && candidate.outcomes.length > 0);
    return { group: section?.group ?? null, chosen: null };
  }
  const found = list
    .find((candidate) => candidate.group === group)
    ?.outcomes.find((candidate) => candidate.keys?.[1] === key);
  return found === undefined ? { group, chosen: null } : { group: null, chosen: found.outcome.code };
}

/** Why an outcome may not be chosen now; null: it may. */
export type Refusal = "needs_identity" | null;

export function refusal(outcome: Outcome, verified: boolean): Refusal {
  return outcome.needs.includes("verified") && !verified ? "needs_identity" : null;
}

/** Whether a date and time belong to it: our own call-back, or a visit at the municipality. */
export function appointmentOf(outcome: Outcome | undefined): "needed" | "optional" | "none" {
  if (outcome === undefined) return "none";
  if (outcome.needs.includes("appointment") || outcome.needs.includes("visit")) return "needed";
  // "When can I reach him?": a time that somebody else suggests.
  return outcome.code === "THIRD_PARTY" ? "optional" : "none";
}

/** The structured answers it cannot be filed without. */
export function answersOf(outcome: Outcome): readonly string[] {
  return outcome.needs.filter((need) => need.startsWith("answer:")).map((need) => need.slice("answer:".length));
}

export const FLAGS = ["CRISIS", "COMPLAINT", "AGGRESSION", "VULNERABLE"] as const;
export type Flag = (typeof FLAGS)[number];
