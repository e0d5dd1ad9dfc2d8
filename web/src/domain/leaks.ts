/** A data leak as it is typed, and as it is sent. */

import type { IncidentKnown, LeakedData } from "../api/types";
import { amsterdamToIso, isoToAmsterdam } from "./dates";

export const DATA: readonly LeakedData[] = ["names", "addresses", "numbers", "arrears", "notes", "recordings", "staff"];
export const KINDS: readonly IncidentKnown["kind"][] = ["seen", "sent", "lost", "changed"];

export interface TypedLeak {
  readonly date: string;
  readonly time: string;
  readonly kind: string;
  readonly data: readonly LeakedData[];
  readonly residents: string;
  readonly what: string;
  readonly consequences: string;
  readonly measures: string;
}

export const NEW_LEAK: TypedLeak = { date: "", time: "", kind: "", data: [], residents: "", what: "", consequences: "", measures: "" };

export function typedOf(known: IncidentKnown): TypedLeak {
  const { date, time } = isoToAmsterdam(known.discovered_at);
  return { ...known, date, time, residents: known.residents === null ? "" : String(known.residents) };
}

/** Null: something that must be there is not, or is none. */
export function knownOf(typed: TypedLeak): IncidentKnown | null {
  const at = amsterdamToIso(typed.date, typed.time);
  const kind = KINDS.find((one) => one === typed.kind);
  const number = typed.residents.trim();
  if (at === null || kind === undefined || typed.data.length === 0 || typed.what.trim() === "" || !/^\d{0,7}$/.test(number)) return null;
  return {
    discovered_at: at,
    kind,
    data: [...typed.data],
    residents: number === "" ? null : Number(number),
    what: typed.what.trim(),
    consequences: typed.consequences.trim(),
    measures: typed.measures.trim(),
  };
}
