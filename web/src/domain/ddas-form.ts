/** Who a client is at the national exchange of early signals, as somebody fills it in. */

import type { DdasProfile } from "../api/types";

export type DdasForm = Omit<DdasProfile, "versions">;
type DdasFault = "empty" | "municipality" | "kvk";

export function ddasForm({ version, municipality, supplier, organisation, kvk }: DdasProfile): DdasForm {
  return { version, municipality, supplier, organisation, kvk };
}

export function ddasFaults(form: DdasForm): Readonly<Partial<Record<keyof DdasForm, DdasFault>>> {
  const faults: Partial<Record<keyof DdasForm, DdasFault>> = {};
  for (const field of ["version", "supplier", "organisation"] as const) if (form[field].trim() === "") faults[field] = "empty";
  if (!/^\d{4}$/.test(form.municipality.trim())) faults.municipality = "municipality";
  if (!/^(\d{8})?$/.test(form.kvk.trim())) faults.kvk = "kvk";
  return faults;
}

export function ddasBody(form: DdasForm): DdasForm {
  const { version, municipality, supplier, organisation, kvk } = form;
  return { version, municipality: municipality.trim(), supplier: supplier.trim(), organisation: organisation.trim(), kvk: kvk.trim() };
}

/** The month before `today` (`2026-03-12`): its first and its last day. */
export function lastMonth(today: string): { readonly begin: string; readonly end: string } {
  const [year = 0, month = 1] = today.split("-").map(Number);
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  return { begin: day(Date.UTC(year, month - 2, 1)), end: day(Date.UTC(year, month - 1, 0)) };
}
