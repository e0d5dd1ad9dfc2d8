/**
 * The default conversation script as data, and a pure run through it.
 *
 * The texts are what the agent says, so they stay Dutch whatever the screen's language. No step that names a bill,
 * a company or help with debts can be reached before the identity check (`gate`).
 */

interface Answer {
  readonly label: string;
  /** The next step; null: the script ends here. */
  readonly to: StepId | null;
  /** The outcome that this answer points to; the last one on the path counts. */
  readonly outcome?: string;
  readonly flag?: "CRISIS";
  /** A structured answer that is filed with the outcome: name and value. */
  readonly files?: readonly [name: string, value: string];
}

export interface Step {
  readonly id: StepId;
  readonly title: string;
  /** What to say, with {fields}. */
  readonly say: string;
  /** Advice to the agent, never said. */
  readonly hint?: string;
  /** Opened by the server's answer to the identity check, not by a button. */
  readonly gate?: true;
  readonly answers: readonly Answer[];
}

export type StepId =
  | "O1" | "O2" | "W1" | "I1" | "I2" | "V1" | "V2" | "V3" | "V4" | "V5"
  | "A1" | "A2" | "C1" | "L1" | "E1" | "E2" | "E3" | "K1" | "T1" | "T2" | "N1" | "B1";

/** How a call comes about: dialled by plan, rung by a caller, or rung back because somebody asked for it. */
export type Opening = "out" | "in" | "call_back";

const STEPS: readonly Step[] = [
  {
    id: "O1",
    title: "Opening",
    say: "{groet}, u spreekt met {medewerker}. Spreek ik met {aanhef}?",
    hint: "Wie bent u? “Ik bel namens de gemeente {gemeente}, voor {aanhef} persoonlijk.”",
    answers: [
      { label: "Ja, dat ben ik", to: "O2" },
      { label: "Nee, iemand anders", to: "T1" },
      { label: "Die woont hier niet", to: "T2" },
    ],
  },
  {
    id: "O2",
    title: "Komt het gelegen?",
    say: "Ik bel namens de gemeente {gemeente}. Het is persoonlijk, dus ik controleer eerst of ik de juiste persoon heb. Komt het gelegen?",
    answers: [
      { label: "Ja", to: "I1" },
      { label: "Nee, nu niet", to: "L1" },
      { label: "Vertrouwt het niet", to: "W1" },
      { label: "Wil niet praten", to: "E3" },
    ],
  },
  {
    id: "W1",
    title: "Vertrouwt het niet",
    say: "Goed dat u oplet. U kunt zelf bellen naar de gemeente, op het nummer van haar eigen website, en naar ons vragen. Wij bellen u de komende dagen niet.",
    answers: [{ label: "Afronden: belt zelf terug", to: null, outcome: "WILL_CALL" }],
  },
  {
    id: "I1",
    title: "Controle",
    say: "Wat is uw geboortedatum? Wat zijn uw postcode en huisnummer?",
    hint: "Lees nooit zelf gegevens voor. Typ wat u hoort bij ‘Identiteit’.",
    answers: [
      { label: "Klopt niet", to: "I2" },
      { label: "Wil dat niet zeggen", to: "I2" },
    ],
  },
  {
    id: "I2",
    title: "Niet bevestigd",
    say: "Dan kan ik helaas niets vertellen. U kunt zelf bellen naar {nummer079}. Fijne dag.",
    answers: [{ label: "Afronden: niet bevestigd", to: null, outcome: "NOT_VERIFIED" }],
  },
  {
    id: "V1",
    title: "Waarom wij bellen",
    gate: true,
    say: "Dank u wel. Wij hoorden dat een rekening voor {soort} openstaat. Ik bel niet om geld te vragen, maar om te vragen of wij kunnen helpen. Hoe gaat het nu met uw rekeningen?",
    answers: [
      { label: "Moeilijk", to: "V2" },
      { label: "Gaat goed", to: "V3" },
      { label: "Is betaald", to: "V4" },
      { label: "Klopt niet", to: "E2", outcome: "DISPUTED" },
      { label: "Heeft al hulp", to: "V5" },
      { label: "Crisis", to: "C1", flag: "CRISIS" },
    ],
  },
  {
    id: "V2",
    title: "Hulpvraag",
    gate: true,
    say: "Waar wilt u hulp bij? Blijven er meer rekeningen liggen?",
    answers: [
      { label: "Overzicht krijgen", to: "A1", files: ["need", "overview"] },
      { label: "Contact met het bedrijf", to: "A1", files: ["need", "company"] },
      { label: "Toeslagen", to: "A1", files: ["need", "allowances"] },
      { label: "Anders", to: "A1", files: ["need", "other"] },
    ],
  },
  {
    id: "V3",
    title: "Zelf regelen",
    gate: true,
    say: "Fijn. Lukt het om deze rekening zelf te regelen?",
    answers: [
      { label: "Ja", to: "E2", outcome: "SELF_SOLVING" },
      { label: "Twijfelt", to: "A1" },
    ],
  },
  {
    id: "V4",
    title: "Betaald",
    gate: true,
    say: "Is alles betaald, of heeft u een regeling?",
    answers: [
      { label: "Ja, betaald of regeling", to: "E2", outcome: "PAID" },
      { label: "Nog niet alles", to: "V3" },
    ],
  },
  {
    id: "V5",
    title: "Andere hulp",
    gate: true,
    say: "Van wie krijgt u hulp?",
    answers: [
      { label: "Schuldhulp van de gemeente", to: "E2", outcome: "IN_DEBT_HELP" },
      { label: "Ander traject", to: "E2", outcome: "OTHER_HELP" },
      { label: "Bewindvoerder of WSNP", to: "E2", outcome: "ADMINISTRATOR" },
    ],
  },
  {
    id: "A1",
    title: "Aanbod",
    gate: true,
    say: "De gemeente helpt gratis en u zit nergens aan vast. Mag een medewerker u helpen?",
    answers: [
      { label: "Ja", to: "A2" },
      { label: "Nee", to: "E2", outcome: "NO_HELP" },
      { label: "Wil nadenken", to: "L1" },
    ],
  },
  {
    id: "A2",
    title: "Afspraak",
    gate: true,
    say: "Ik kan meteen een afspraak voor u maken. Past dat? Op welk nummer bent u bereikbaar?",
    answers: [
      { label: "Afspraak gemaakt", to: "E1", outcome: "HELP_APPOINTMENT" },
      { label: "Gemeente belt terug", to: "E1", outcome: "HELP_WANTED" },
    ],
  },
  {
    id: "C1",
    title: "Crisis",
    gate: true,
    say: "Is er nu iemand in gevaar?",
    hint: "Blijf rustig, blijf aan de lijn. Gevaar: 112. Denkt aan zelfdoding: 113. Meld de crisis binnen een uur telefonisch.",
    answers: [
      { label: "Wil hulp", to: "A2" },
      { label: "Wil geen hulp", to: "E2", outcome: "NO_HELP" },
    ],
  },
  {
    id: "L1",
    title: "Later bellen",
    say: "Wanneer kan ik u het beste bellen?",
    answers: [{ label: "Afronden: terugbelafspraak", to: null, outcome: "CALL_LATER" }],
  },
  {
    id: "E1",
    title: "Samenvatting",
    gate: true,
    say: "Ik heb genoteerd: … Klopt dat? Heeft u nog vragen?",
    answers: [{ label: "Klopt", to: "K1" }],
  },
  {
    id: "E2",
    title: "Afsluiten",
    gate: true,
    say: "Prima. Wilt u later toch hulp? Bel {nummer079} of de gemeente.",
    answers: [{ label: "Verder", to: "K1" }],
  },
  {
    id: "E3",
    title: "Wil geen gesprek",
    say: "Dat is goed. Wilt u dat wij niet meer bellen?",
    answers: [
      { label: "Ja, niet meer bellen", to: null, outcome: "OPT_OUT" },
      { label: "Nee, alleen nu niet", to: null, outcome: "REFUSED" },
    ],
  },
  {
    id: "K1",
    title: "Tevredenheid",
    gate: true,
    say: "Hoe tevreden bent u over dit gesprek, van 1 (heel ontevreden) tot 5 (heel tevreden)?",
    hint: "Mag worden overgeslagen.",
    answers: [
      ...(["1", "2", "3", "4", "5"] as const).map(
        (score): Answer => ({ label: score, to: null, files: ["kto", score] }),
      ),
      { label: "Overgeslagen", to: null },
    ],
  },
  {
    id: "T1",
    title: "Iemand anders",
    say: "Wanneer kan ik {aanhef} bereiken?",
    hint: "Waarover? “Dat bespreek ik alleen met {aanhef}.”",
    answers: [{ label: "Afronden: iemand anders", to: null, outcome: "THIRD_PARTY" }],
  },
  {
    id: "T2",
    title: "Verkeerd nummer",
    say: "Dan heb ik een verkeerd nummer. Excuses.",
    answers: [{ label: "Afronden: verkeerd nummer", to: null, outcome: "WRONG_PERSON" }],
  },
  {
    id: "N1",
    title: "Inwoner belt ons",
    say: "{groet}, {neutraleNaam}, met {medewerker}. Mag ik uw naam?",
    hint: "Het nummer is geen bewijs. Zoek op de naam die u hoort.",
    answers: [
      { label: "Gevonden", to: "I1" },
      { label: "Niet gevonden", to: null, outcome: "NOT_VERIFIED" },
    ],
  },
  {
    id: "B1",
    title: "Wij bellen terug",
    say: "{groet}, {neutraleNaam}, met {medewerker}. U vroeg ons om terug te bellen. Mag ik uw naam?",
    hint: "U weet niet wie dit is. Noem zelf geen naam. Zoek op de naam die u hoort.",
    answers: [
      { label: "Gevonden", to: "I1" },
      { label: "Niet gevonden", to: null, outcome: "NOT_VERIFIED" },
      { label: "Iemand anders vroeg het", to: null, outcome: "THIRD_PARTY" },
      { label: "Vroeg er niet om", to: "T2" },
    ],
  },
];

const BY_ID: ReadonlyMap<StepId, Step> = new Map(STEPS.map((step) => [step.id, step]));

export const DEFAULT_STEPS = STEPS;

export function stepOf(id: StepId): Step {
  const step = BY_ID.get(id);
  if (step === undefined) throw new Error(`no step ${id}`);
  return step;
}

/** One answer given: the step it was given at, and which answer. */
interface Given {
  readonly at: StepId;
  readonly answer: number;
}

/** A run through the script: what was answered so far, and the step now (null: at its end). */
export interface Run {
  readonly given: readonly Given[];
  readonly now: StepId | null;
}

const STARTS: Readonly<Record<Opening, StepId>> = { out: "O1", in: "N1", call_back: "B1" };

export function begin(opening: Opening): Run {
  return { given: [], now: STARTS[opening] };
}

/** The run, unless nothing was answered yet and the call turns out to be of another kind: then from its own start. */
export function openedAs(run: Run, opening: Opening): Run {
  const untouched = run.given.length === 0 && Object.values(STARTS).some((start) => start === run.now);
  return untouched && run.now !== STARTS[opening] ? begin(opening) : run;
}

/** The run after answer number `index`; unchanged when there is no such answer, or its step is not open yet. */
export function answer(run: Run, index: number, verified: boolean): Run {
  if (run.now === null) return run;
  const chosen = stepOf(run.now).answers[index];
  if (chosen === undefined) return run;
  if (chosen.to !== null && stepOf(chosen.to).gate === true && !verified) return run;
  return { given: [...run.given, { at: run.now, answer: index }], now: chosen.to };
}

/** The identity check matched: from the control step (or before it) the script goes on with the reason for the call. */
export function verified(run: Run): Run {
  const before: readonly (StepId | null)[] = ["O1", "O2", "N1", "B1", "I1", "I2"];
  return before.includes(run.now) ? { given: run.given, now: "V1" } : run;
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

export interface Suggestion {
  readonly outcome: string | null;
  readonly crisis: boolean;
  /** Structured answers by name. */
  readonly answers: Readonly<Record<string, string>>;
}

/** The outcome, flag and structured answers that the path points to. */
export function suggestion(run: Run): Suggestion {
  let outcome: string | null = null;
  let crisis = false;
  const answers: Record<string, string> = {};
  for (const { at, answer: index } of run.given) {
    const chosen = stepOf(at).answers[index];
    outcome = chosen?.outcome ?? outcome;
    crisis ||= chosen?.flag === "CRISIS";
    if (chosen?.files !== undefined) answers[chosen.files[0]] = chosen.files[1];
  }
  return { outcome, crisis, answers };
}

/** A run as one short line, for the draft: `O1.0 O2.1 I1`; the step now comes last, `-` at the end. */
export function encode(run: Run): string {
  return [...run.given.map(({ at, answer: index }) => `${at}.${index}`), run.now ?? "-"].join(" ");
}

/** The run of such a line; null when it is not one of this script (another version, say). */
export function decode(line: string): Run | null {
  const parts = line.split(" ");
  const last = parts.pop();
  if (last === undefined || (last !== "-" && !isStep(last))) return null;
  const given: Given[] = [];
  for (const part of parts) {
    const [at = "", index = ""] = part.split(".");
    if (!isStep(at) || stepOf(at).answers[Number(index)] === undefined) return null;
    given.push({ at, answer: Number(index) });
  }
  return { given, now: last === "-" ? null : last };
}

function isStep(id: string): id is StepId {
  return (BY_ID as ReadonlyMap<string, Step>).has(id);
}

/** Fills `{fields}`; one that is not known is shown as an ellipsis, never as its name. */
export function fill(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return value === undefined || value === "" ? "…" : value;
  });
}

/** The greeting by the hour of the day in Amsterdam. */
export function greeting(hour: number): string {
  if (hour < 12) return "Goedemorgen";
  return hour < 18 ? "Goedemiddag" : "Goedenavond";
}
