/**
 * One wrap-up: what the agent fills in, kept as a draft while typing, and filed at the end.
 *
 * Nothing typed is lost: the draft is saved again until it is kept, and the filing is sent again, the same each time,
 * until the service has answered. `unsaved` says when closing the tab would lose something.
 */

import { Backoff } from "../api/backoff";
import type { ApiClient } from "../api/client";
import { type ApiError, asApiError } from "../api/errors";
import type { Agent, Draft, Filing } from "../api/types";
import { amsterdamToIso, isoToAmsterdam } from "../domain/dates";
import { answersOf, appointmentOf, type Flag, FLAGS, type Outcome, refusal } from "../domain/outcomes";
import { Store } from "./store";

export interface WrapUpForm {
  readonly outcome: string | null;
  readonly flags: readonly Flag[];
  readonly note: string;
  readonly date: string;
  readonly time: string;
  /** A time that the client offers, instead of date and time. */
  readonly slot: string;
  /** How the resident wants it confirmed: only when he asked for it, to an address that he gave for it. */
  readonly confirmBy: "" | "email" | "sms";
  readonly confirmTo: string;
  readonly consent: boolean;
  readonly answers: Readonly<Record<string, string>>;
  /** Where the agent is in the script. */
  readonly step: string;
}

/** What is missing before it can be filed. */
type Missing = "outcome" | "needs_identity" | "appointment" | "contact" | "note" | "answer";

type DraftState = "clean" | "dirty" | "saving" | "kept" | "failing";
/** `confirm`: the outcome asks for a second key. `resending`: no answer yet, trying again. */
type FilingState = "open" | "confirm" | "sending" | "resending" | "filed" | "refused";

export interface WrapUpState {
  readonly form: WrapUpForm;
  readonly draft: DraftState;
  readonly filing: FilingState;
  readonly missing: readonly Missing[];
  readonly error: ApiError | null;
}

const EMPTY_FORM: WrapUpForm = { outcome: null, flags: [], note: "", date: "", time: "", slot: "", confirmBy: "", confirmTo: "", consent: false, answers: {}, step: "" };
const KEEP_AFTER_MS = 800;
/** Somebody else has the time that was chosen. */
export const SLOT_TAKEN = "slot-taken";
const LOCKED: readonly FilingState[] = ["sending", "resending", "filed"];

export interface WrapUpOptions {
  readonly client: ApiClient;
  readonly attempt: string;
  readonly outcomes: () => readonly Outcome[];
  readonly verified: () => boolean;
  readonly onFiled: (agent: Agent, form: WrapUpForm) => void;
  readonly random?: () => number;
}

export class WrapUp extends Store<WrapUpState> {
  readonly #options: WrapUpOptions;
  readonly #backoff: Backoff;
  #draftTimer: ReturnType<typeof setTimeout> | undefined;
  #filingTimer: ReturnType<typeof setTimeout> | undefined;
  #touched = false;
  #gone = false;

  constructor(options: WrapUpOptions) {
    super({ form: EMPTY_FORM, draft: "clean", filing: "open", missing: [], error: null });
    this.#options = options;
    const random = options.random === undefined ? {} : { random: options.random };
    this.#backoff = new Backoff({ firstMs: 1000, maxMs: 15_000, ...random });
  }

  /** True while closing the tab would lose what was typed or chosen. */
  get unsaved(): boolean {
    const { draft, filing } = this.get();
    if (filing === "filed") return false;
    return filing === "sending" || filing === "resending" || draft === "dirty" || draft === "saving" || draft === "failing";
  }

  /** Takes the draft that was kept, unless the agent has begun to type already. */
  readonly restore = async (): Promise<void> => {
    try {
      const draft = await this.#options.client.get("/attempts/{attempt}/draft", { path: { attempt: this.#options.attempt } });
      if (!this.#touched) this.patch({ form: formOf(draft) });
    } catch (error) {
      asApiError(error); // there is no draft to be had: the form begins empty
    }
  };

  readonly edit = (change: Partial<WrapUpForm>): void => {
    const { filing, form } = this.get();
    if (this.#gone || LOCKED.includes(filing)) return;
    this.#touched = true;
    this.patch({ form: { ...form, ...change }, draft: "dirty", filing: "open", missing: [], error: null });
    this.#keepSoon(KEEP_AFTER_MS);
  };

  readonly toggleFlag = (flag: Flag): void => {
    const { flags } = this.get().form;
    this.edit({ flags: flags.includes(flag) ? flags.filter((other) => other !== flag) : [...flags, flag] });
  };

  /** Files the outcome; one that asks for a second key is filed at the second call. */
  readonly file = (): void => {
    const { filing, form } = this.get();
    if (this.#gone || LOCKED.includes(filing)) return;
    const outcome = this.#options.outcomes().find((candidate) => candidate.code === form.outcome);
    const missing = whatIsMissing(form, outcome, this.#options.verified());
    if (missing.length > 0) {
      this.patch({ missing, error: null });
      return;
    }
    if (outcome?.secondKey === true && filing !== "confirm") {
      this.patch({ filing: "confirm", missing: [], error: null });
      return;
    }
    void this.#send(filingOf(form, outcome, filing === "confirm"));
  };

  /** No second key after all. */
  readonly reconsider = (): void => {
    if (this.get().filing === "confirm") this.patch({ filing: "open" });
  };

  dispose(): void {
    this.#gone = true;
    clearTimeout(this.#draftTimer);
    clearTimeout(this.#filingTimer);
  }

  /** Keeps what is typed now, before the model goes. */
  readonly flush = async (): Promise<void> => {
    if (this.get().draft === "dirty" && !LOCKED.includes(this.get().filing)) {
      clearTimeout(this.#draftTimer);
      await this.#keep();
    }
  };

  #keepSoon(ms: number): void {
    clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(() => void this.#keep(), ms);
  }

  async #keep(): Promise<void> {
    if (this.get().draft === "saving") {
      this.#keepSoon(KEEP_AFTER_MS);
      return;
    }
    const { form } = this.get();
    this.patch({ draft: "saving" });
    try {
      const request = { path: { attempt: this.#options.attempt }, body: draftOf(form) };
      await this.#options.client.put("/attempts/{attempt}/draft", request);
      if (this.get().draft === "saving") this.patch({ draft: "kept" });
    } catch (error) {
      const failed = asApiError(error);
      if (this.#gone || this.get().filing === "filed") return;
      this.patch({ draft: "failing" });
      if (failed.passing) this.#keepSoon(5000);
    }
  }

  async #send(filing: Filing): Promise<void> {
    clearTimeout(this.#draftTimer);
    this.patch({ filing: "sending", missing: [], error: null });
    try {
      const agent = await this.#options.client.put("/attempts/{attempt}/outcome", {
        path: { attempt: this.#options.attempt },
        body: filing,
      });
      this.patch({ filing: "filed", draft: "clean" });
      this.#options.onFiled(agent, this.get().form);
    } catch (error) {
      const failed = asApiError(error);
      if (this.#gone) return;
      if (!failed.passing) {
        const { form } = this.get();
        this.patch({ filing: "refused", error: failed, form: failed.code === SLOT_TAKEN ? { ...form, slot: "" } : form });
        this.#keepSoon(KEEP_AFTER_MS);
        return;
      }
      this.patch({ filing: "resending", error: failed });
      const wait = Math.max(this.#backoff.next(), (failed.retryAfter ?? 0) * 1000);
      this.#filingTimer = setTimeout(() => void this.#send(filing), wait);
    }
  }
}

/** What stands between the form and its filing. */
function whatIsMissing(form: WrapUpForm, outcome: Outcome | undefined, verified: boolean): readonly Missing[] {
  if (outcome === undefined) return ["outcome"];
  const missing: Missing[] = [];
  if (refusal(outcome, verified) !== null) missing.push("needs_identity");
  if (appointmentOf(outcome) === "needed" && slotOf(form, outcome) === null && amsterdamToIso(form.date, form.time) === null) missing.push("appointment");
  if (slotOf(form, outcome) !== null && form.confirmBy !== "" && (form.confirmTo.trim() === "" || !form.consent)) missing.push("contact");
  if (outcome.needs.includes("note") && form.note.trim() === "") missing.push("note");
  if (answersOf(outcome).some((name) => (form.answers[name] ?? "") === "")) missing.push("answer");
  return missing;
}

/** The client's time that was chosen; only a visit has one. */
function slotOf(form: WrapUpForm, outcome: Outcome | undefined): string | null {
  return form.slot !== "" && outcome?.needs.includes("visit") === true ? form.slot : null;
}

function filingOf(form: WrapUpForm, chosen: Outcome | undefined, confirmed: boolean): Filing {
  const { outcome, flags, note, answers } = form;
  // A time that was filled in for an outcome that is no longer the chosen one does not count.
  const slot = slotOf(form, chosen);
  const at = appointmentOf(chosen) === "none" || slot !== null ? null : amsterdamToIso(form.date, form.time);
  return {
    outcome: outcome ?? "",
    flags: [...flags],
    note: note.trim(),
    answers: { ...answers },
    confirmed,
    ...(at === null ? {} : { appointment_at: at }),
    ...(slot === null ? {} : { slot }),
    ...(slot === null || form.confirmBy === "" ? {} : { confirmation: { by: form.confirmBy, to: form.confirmTo.trim(), consent: true as const } }),
  };
}

function draftOf(form: WrapUpForm): Draft {
  const { outcome, flags, note, answers, step, slot } = form;
  const at = amsterdamToIso(form.date, form.time);
  return { outcome, flags: [...flags], note, appointment_at: at, ...(slot === "" ? {} : { slot }), ...(form.confirmBy === "" ? {} : { confirm_by: form.confirmBy, confirm_to: form.confirmTo }), answers: { ...answers, path: step }, step: step.split(" ").at(-1) ?? "" };
}

function formOf(draft: Draft): WrapUpForm {
  const at = draft.appointment_at ?? null;
  const { path = "", ...answers } = draft.answers ?? {};
  return {
    outcome: draft.outcome ?? null,
    flags: FLAGS.filter((flag) => draft.flags?.includes(flag) === true),
    note: draft.note ?? "",
    ...(at === null ? { date: "", time: "" } : isoToAmsterdam(at)),
    slot: draft.slot ?? "",
    confirmBy: draft.confirm_by === "email" || draft.confirm_by === "sms" ? draft.confirm_by : "",
    confirmTo: draft.confirm_to ?? "",
    consent: false, // asked anew: nobody else can say it for him
    answers,
    step: path,
  };
}
