/** A campaign's settings as a form: filled from what the service has, checked field by field, and sent as what differs from the usual. */

import type { Campaign, CampaignChange, CampaignSettings } from "../api/types";
import { type HoursFault, isHours, parseHours, parseNumber, showHours, type Stretch } from "./hours";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

interface DateHours {
  /** For lists only. */
  readonly key: number;
  readonly date: string;
  readonly hours: string;
}

export interface CampaignForm {
  readonly name: string;
  readonly starts_on: string;
  readonly ends_on: string;
  readonly mode: string;
  readonly takes_inbound: boolean;
  readonly ring_cuts: boolean;
  /** What every agent of the campaign must speak beside Dutch. */
  readonly languages: readonly string[];
  /** Codes of skills that every agent of it must have. */
  readonly skills: readonly string[];
  readonly requires_practice: boolean;
  /** Conversations are recorded, when the resident agrees. */
  readonly recording: boolean;
  readonly fair: boolean;
  /** Where the client's agreement to a hold-out is found. */
  readonly hold_out_agreement: string;
  /** Key -> as typed; empty: the usual value. */
  readonly numbers: Readonly<Record<string, string>>;
  readonly week: Readonly<Record<string, string>>;
  readonly exceptions: readonly DateHours[];
  /** Holidays without calls. */
  readonly closed: readonly string[];
  readonly early_closings: boolean;
}

export type Fault =
  | { readonly kind: "hours"; readonly fault: HoursFault }
  | { readonly kind: "number"; readonly low: number; readonly high: number; readonly whole: boolean }
  | { readonly kind: "name" | "date" | "twice" | "dates" | "agreement" };

/** Field -> what is wrong with it. Names as the service has them, so that its refusals land at the field too. */
export type Faults = Readonly<Record<string, Fault>>;

const AGREEMENT = "hold_out_agreement";

/** Whether a share of residents is to be called without the planner: only with the client's agreement. */
export const holdsOut = (form: CampaignForm): boolean => (parseNumber(form.numbers["hold_out_percent"] ?? "") ?? 0) > 0;

const decimal = (value: number, comma: boolean): string => (comma ? String(value).replace(".", ",") : String(value));

export function formOf(campaign: Campaign, settings: CampaignSettings, comma: boolean): CampaignForm {
  const { calendar } = settings;
  return {
    name: campaign.name,
    starts_on: campaign.starts_on ?? "",
    ends_on: campaign.ends_on ?? "",
    mode: settings.mode,
    takes_inbound: settings.takes_inbound,
    ring_cuts: settings.ring_cuts,
    languages: settings.languages,
    skills: settings.skills,
    requires_practice: settings.requires_practice,
    recording: settings.recording === "on",
    fair: settings.fair,
    hold_out_agreement: settings.hold_out_agreement,
    numbers: Object.fromEntries(settings.numbers.map(({ key, value }) => [key, value === null ? "" : decimal(value, comma)])),
    week: Object.fromEntries(DAYS.map((day) => [day, showHours(calendar.week[day] ?? [])])),
    exceptions: Object.entries(calendar.exceptions).map(([date, stretches], key) => ({ key, date, hours: showHours(stretches) })),
    closed: Object.keys(calendar.holidays).filter((holiday) => calendar.holidays[holiday]),
    early_closings: calendar.early_closings,
  };
}

export function faultsOf(form: CampaignForm, settings: CampaignSettings): Faults {
  const faults: Record<string, Fault> = {};
  if (form.name.trim() === "") faults["name"] = { kind: "name" };
  if (form.starts_on !== "" && form.ends_on !== "" && form.starts_on > form.ends_on) faults["ends_on"] = { kind: "dates" };
  for (const { key, low, high, whole } of settings.numbers) {
    const typed = form.numbers[key] ?? "";
    if (typed.trim() === "") continue;
    const value = parseNumber(typed);
    if (value === null || value < low || value > high || (whole && !Number.isInteger(value))) faults[`settings.${key}`] = { kind: "number", low, high, whole };
  }
  const agreement = form.hold_out_agreement.trim();
  if (holdsOut(form) ? agreement.length < 3 : agreement !== "" && agreement.length < 3) faults[`settings.${AGREEMENT}`] = { kind: "agreement" };
  for (const day of DAYS) {
    const found = parseHours(form.week[day] ?? "");
    if (!isHours(found)) faults[`calendar.week.${day}`] = { kind: "hours", fault: found };
  }
  const seen = new Set<string>();
  for (const { key, date, hours } of form.exceptions) {
    const found = parseHours(hours);
    if (date === "") faults[`date.${key}`] = { kind: "date" };
    else if (seen.has(date)) faults[`date.${key}`] = { kind: "twice" };
    if (!isHours(found)) faults[`hours.${key}`] = { kind: "hours", fault: found };
    seen.add(date);
  }
  return faults;
}

const stretches = (text: string): string[][] => {
  const found = parseHours(text);
  return isHours(found) ? found.map(([start, end]: Stretch) => [start, end]) : [];
};

/** What is stored: only what is not as usual, so that a later usual value holds here too. Call it without faults. */
export function changeOf(form: CampaignForm, campaign: Campaign, settings: CampaignSettings): CampaignChange {
  const { usual } = settings;
  const week = Object.fromEntries(DAYS.filter((day) => showHours(stretches(form.week[day] ?? "")) !== showHours(usual.week[day] ?? [])).map((day) => [day, stretches(form.week[day] ?? "")]));
  const holidays = Object.fromEntries(
    Object.entries(usual.holidays)
      .map(([holiday, closed]) => [holiday, form.closed.includes(holiday), closed] as const)
      .filter(([, closed, before]) => closed !== before)
      .map(([holiday, closed]) => [holiday, closed]),
  );
  const numbers: Record<string, number> = {};
  for (const [key, typed] of Object.entries(form.numbers)) {
    const value = parseNumber(typed);
    if (value !== null) numbers[key] = value;
  }
  const known = new Set(["mode", "takes_inbound", "ring_cuts", "languages", "skills", "requires_practice", "recording", "fair", AGREEMENT, ...settings.numbers.map(({ key }) => key)]);
  const others = Object.fromEntries(Object.entries(campaign.settings).filter(([key]) => !known.has(key)));
  return {
    name: form.name.trim(),
    starts_on: form.starts_on === "" ? null : form.starts_on,
    ends_on: form.ends_on === "" ? null : form.ends_on,
    settings: {
      ...others,
      ...numbers,
      ...(form.mode === settings.modes[0] ? {} : { mode: form.mode }),
      ...(form.takes_inbound ? {} : { takes_inbound: false }),
      ...(form.ring_cuts ? { ring_cuts: true } : {}),
      ...(form.languages.length > 0 ? { languages: [...form.languages] } : {}),
      ...(form.skills.length > 0 ? { skills: [...form.skills] } : {}),
      ...(form.requires_practice ? { requires_practice: true } : {}),
      ...(form.recording ? { recording: "on" } : {}),
      ...(form.fair ? {} : { fair: false }),
      ...(form.hold_out_agreement.trim() === "" ? {} : { [AGREEMENT]: form.hold_out_agreement.trim() }),
    },
    calendar: {
      ...(Object.keys(week).length > 0 ? { week } : {}),
      ...(form.exceptions.length > 0 ? { exceptions: Object.fromEntries(form.exceptions.map(({ date, hours }) => [date, stretches(hours)])) } : {}),
      ...(Object.keys(holidays).length > 0 ? { holidays } : {}),
      ...(form.early_closings ? {} : { early_closings: false }),
    },
  };
}
