/**
 * A practice conversation: what the invented resident says now, and afterwards which points were met. Pure. Times of day are
 * those of Amsterdam.
 */

import type { Filing, PracticePoint, PracticeScenario } from "../api/types";
import { amsterdamToIso, isoDay, isoToAmsterdam } from "./dates";
import { type Run, type Script, stepOf, type Text } from "./script";
import { looksLikeBsn } from "./text";

export type Question = PracticeScenario["questions"][number];
type Reply = Question["replies"][number];

/** How a conversation came to its end. */
type Ending = "hang_up" | "voicemail" | "handed";

/** Everything that is judged. */
export interface Conversation {
  /** As it stood at the end. */
  readonly run: Run | null;
  /** Step -> which reply was given to the question there. */
  readonly replies: Readonly<Record<string, number>>;
  readonly matched: boolean;
  readonly ending: Ending | null;
  readonly crisisDesk: boolean;
  /** A note with a citizen service number was sent, and refused. */
  readonly bsn: boolean;
  /** Starts of the times that were offered, by id. */
  readonly slots: Readonly<Record<string, string>>;
  readonly filing: Filing | null;
}

export const BEGUN: Conversation = { run: null, replies: {}, matched: false, ending: null, crisisDesk: false, bsn: false, slots: {}, filing: null };

/** What stands on the screen of the resident's side. */
export type Heard =
  | { readonly kind: "question"; readonly question: Question }
  /** `wrong`: the reply that was given here, when it was not the right one. */
  | { readonly kind: "line"; readonly says: Text; readonly wrong: Reply | null }
  /** The agent went where this resident does not follow. */
  | { readonly kind: "astray" }
  | { readonly kind: "farewell" };

export function heard(scenario: PracticeScenario, run: Run, replies: Conversation["replies"]): Heard {
  if (run.now === null) return { kind: "farewell" };
  const line = scenario.lines.find(({ at }) => at === run.now);
  if (line === undefined) return { kind: "astray" };
  const question = scenario.questions.find(({ at }) => at === run.now);
  const given = question?.replies[replies[run.now] ?? -1];
  if (question !== undefined && given === undefined) return { kind: "question", question };
  return { kind: "line", says: line.says, wrong: given === undefined || given.right ? null : given };
}

/** Why a point was missed, where there is more to say than that. */
export type Detail =
  | { readonly kind: "answer"; readonly heard: Text | null; readonly chose: Text }
  | { readonly kind: "reply"; readonly said: Text; readonly why: Text }
  | { readonly kind: "asked"; readonly question: Text }
  | { readonly kind: "reason"; readonly reason: "bsn" | "health" | "nothing_noted" | "told" | "somebody_else" | "no_check" | "too_soon" | "not_ended" };

export interface Judged {
  readonly point: PracticePoint;
  readonly met: boolean;
  readonly details: readonly Detail[];
}

interface Material {
  readonly scenario: PracticeScenario;
  readonly script: Script;
  readonly healthWords: readonly string[];
  readonly talk: Conversation;
  /** When it is judged. */
  readonly now: Date;
}

/** Each point of the scenario, in its order. */
export function judge(material: Material): readonly Judged[] {
  return material.scenario.points.map((point) => {
    const details = MISSED[point](material);
    return { point, met: details === null, details: details ?? [] };
  });
}

/** Null: met. Else why not; empty when there is nothing more to say. */
const MISSED: Readonly<Record<PracticePoint, (material: Material) => readonly Detail[] | null>> = {
  identity({ scenario, talk }) {
    const told = given(scenario, talk).filter(({ reply }) => reply.tells);
    if (told.length > 0) return [{ kind: "reason", reason: "told" }];
    if (scenario.verifies === talk.matched) return null;
    return [{ kind: "reason", reason: talk.matched ? "somebody_else" : "no_check" }];
  },
  answers({ scenario, script, talk }) {
    const wrong = (talk.run?.given ?? []).filter(({ at, answer }) => scenario.lines.find((line) => line.at === at)?.fits.includes(answer) !== true);
    return wrong.length === 0
      ? null
      : wrong.map(({ at, answer }) => ({
          kind: "answer",
          heard: scenario.lines.find((line) => line.at === at)?.says ?? null,
          chose: stepOf(script, at)?.answers.find(({ key }) => key === answer)?.label ?? { nl: at, en: at },
        }));
  },
  replies({ scenario, talk }) {
    const wrong: Detail[] = given(scenario, talk).flatMap(({ reply }) => (reply.right ? [] : [{ kind: "reply" as const, said: reply.says, why: reply.why }]));
    const open: Detail[] = scenario.questions.filter(({ at }) => talk.replies[at] === undefined).map(({ says }) => ({ kind: "asked", question: says }));
    const missed = [...wrong, ...open];
    return missed.length === 0 ? null : missed;
  },
  outcome: ({ scenario, talk }) => (scenario.outcomes.includes(talk.filing?.outcome ?? "") ? null : []),
  appointment({ scenario, talk, now }) {
    const { slot, wish } = scenario;
    const starts = talk.slots[talk.filing?.slot ?? ""];
    if (slot !== null) return starts !== undefined && isoToAmsterdam(starts).time >= slot.from ? null : [];
    const at = talk.filing?.appointment_at ?? null;
    if (wish === null || at === null) return [];
    const { date, time } = isoToAmsterdam(at);
    return date === dayAfter(now, wish.days) && time >= wish.from && time <= wish.until ? null : [];
  },
  flags: ({ scenario, talk }) => (scenario.flags.every((flag) => talk.filing?.flags?.some((set) => set === flag) === true) ? null : []),
  crisis: ({ talk }) => (talk.crisisDesk ? null : []),
  note({ scenario, healthWords, talk }) {
    const note = talk.filing?.note ?? "";
    const reasons: Detail[] = [];
    if (talk.bsn || looksLikeBsn(note)) reasons.push({ kind: "reason", reason: "bsn" });
    if (tellsOfHealth(note, healthWords)) reasons.push({ kind: "reason", reason: "health" });
    if (scenario.note && note.trim() === "") reasons.push({ kind: "reason", reason: "nothing_noted" });
    return reasons.length === 0 ? null : reasons;
  },
  ending({ scenario, talk }) {
    const { ending, run } = talk;
    if (scenario.ending === "voicemail") return ending === "voicemail" ? null : [];
    if (ending === "handed") return null;
    if (ending !== "hang_up") return [{ kind: "reason", reason: "not_ended" }];
    return run?.now === null ? null : [{ kind: "reason", reason: "too_soon" }];
  },
};

function given(scenario: PracticeScenario, talk: Conversation): readonly { readonly question: Question; readonly reply: Reply }[] {
  return scenario.questions.flatMap((question) => {
    const reply = question.replies[talk.replies[question.at] ?? -1];
    return reply === undefined ? [] : [{ question, reply }];
  });
}

/** A word that begins like one of these, whatever its case. */
export function tellsOfHealth(note: string, words: readonly string[]): boolean {
  const small = note.toLocaleLowerCase("nl");
  return words.some((word) => {
    for (let at = small.indexOf(word); at >= 0; at = small.indexOf(word, at + 1)) if (!/\p{L}/u.test(small.charAt(at - 1))) return true;
    return false;
  });
}

/** The day in Amsterdam so many days on, as YYYY-MM-DD. */
export function dayAfter(now: Date, days: number): string {
  const noon = new Date(amsterdamToIso(isoDay(now), "12:00") ?? now);
  noon.setUTCDate(noon.getUTCDate() + days);
  return isoDay(noon);
}

/** The conversations by how far they are: which one comes next, and whether all were passed. */
export function nextOf(codes: readonly string[], passed: ReadonlySet<string>, after: string | null): string | null {
  const from = after === null ? 0 : codes.indexOf(after) + 1;
  const turned = [...codes.slice(from), ...codes.slice(0, from)];
  return turned.find((code) => !passed.has(code)) ?? null;
}
