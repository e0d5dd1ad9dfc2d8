/** A client's names, caps, rests and terms as a form; only what was changed is sent. */

import type { ClientChange, ClientDetail } from "../api/types";

export interface ClientForm {
  readonly name: string;
  readonly municipality: string;
  readonly neutral_name: string;
  /** Setting -> as typed; empty: the usual value. */
  readonly numbers: Readonly<Record<string, string>>;
}

export type ClientSetting = ClientDetail["settings"][number];
export type Topic = ClientSetting["topic"];

/** Settings that stand together, topics in the order of their first setting. */
export function byTopic(settings: readonly ClientSetting[]): readonly { readonly topic: Topic; readonly settings: readonly ClientSetting[] }[] {
  return [...new Set(settings.map(({ topic }) => topic))].map((topic) => ({ topic, settings: settings.filter((one) => one.topic === topic) }));
}

export type ClientFault = { readonly kind: "name" } | { readonly kind: "number"; readonly low: number; readonly high: number } | { readonly kind: "lead" };

export function clientForm(client: ClientDetail): ClientForm {
  const { name, municipality, neutral_name, settings } = client;
  return { name, municipality, neutral_name, numbers: Object.fromEntries(settings.map(({ key, value, own }) => [key, own ? String(value) : ""])) };
}

const NAMES = ["name", "municipality", "neutral_name"] as const;

function inForce(form: ClientForm, client: ClientDetail, key: string): number {
  const typed = form.numbers[key] ?? "";
  return typed.trim() === "" ? (client.settings.find((known) => known.key === key)?.usual ?? 0) : Number(typed);
}

export function clientFaults(form: ClientForm, client: ClientDetail): Readonly<Record<string, ClientFault>> {
  const faults: Record<string, ClientFault> = {};
  for (const field of NAMES) if (form[field].trim() === "") faults[field] = { kind: "name" };
  for (const { key, low, high } of client.settings) {
    const typed = (form.numbers[key] ?? "").trim();
    const value = Number(typed);
    if (typed !== "" && (!/^\d+$/.test(typed) || value < low || value > high)) faults[key] = { kind: "number", low, high };
  }
  const shortest = Math.min(inForce(form, client, "term_days"), inForce(form, client, "delivery_days"));
  if (faults["lead_days"] === undefined && inForce(form, client, "lead_days") >= shortest) faults["lead_days"] = { kind: "lead" };
  return faults;
}

/** Null when nothing was changed. Call it without faults. */
export function clientChange(form: ClientForm, client: ClientDetail): ClientChange | null {
  const before = clientForm(client);
  const change: Record<string, unknown> = {};
  for (const field of NAMES) if (form[field].trim() !== before[field]) change[field] = form[field].trim();
  const changed = Object.entries(form.numbers).filter(([key, typed]) => typed.trim() !== before.numbers[key]);
  if (changed.length > 0) change["settings"] = Object.fromEntries(changed.map(([key, typed]) => [key, typed.trim() === "" ? null : Number(typed)]));
  return Object.keys(change).length === 0 ? null : change;
}
