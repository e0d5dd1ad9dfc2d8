/** Requests of residents: what waits, what is late, what was typed of a correction. */

import type { PrivacyRequest, ResidentCorrection } from "../api/types";

export function waits({ state }: Pick<PrivacyRequest, "state">): boolean {
  return state === "open" || state === "extended";
}

/** `today`: Amsterdam date. */
export function isLate(request: Pick<PrivacyRequest, "state" | "due_on">, today: string): boolean {
  return waits(request) && request.due_on < today;
}

export interface TypedCorrection {
  readonly surname: string;
  readonly initials: string;
  readonly birthDate: string;
  readonly postcode: string;
  readonly houseNumber: string;
  readonly houseAddition: string;
}

export const NOTHING_TYPED: TypedCorrection = { surname: "", initials: "", birthDate: "", postcode: "", houseNumber: "", houseAddition: "" };

/** What is left empty stays as it is; null: nothing was typed, or no house number. */
export function correctionOf(typed: TypedCorrection): ResidentCorrection | null {
  const number = typed.houseNumber.trim();
  if (number !== "" && !/^[1-9]\d{0,4}$/.test(number)) return null;
  const said: ResidentCorrection = {
    ...(typed.surname.trim() === "" ? {} : { surname: typed.surname.trim() }),
    ...(typed.initials.trim() === "" ? {} : { initials: typed.initials.trim() }),
    ...(typed.birthDate === "" ? {} : { birth_date: typed.birthDate }),
    ...(typed.postcode.trim() === "" ? {} : { postcode: typed.postcode.trim() }),
    ...(number === "" ? {} : { house_number: Number(number) }),
    ...(typed.houseAddition.trim() === "" ? {} : { house_addition: typed.houseAddition.trim() }),
  };
  return Object.keys(said).length === 0 ? null : said;
}
