/** A campaign with its settings, for tests. */

import type { Campaign, CampaignSettings } from "../api/types";

const usual = (): CampaignSettings["usual"] => ({
  week: { mon: [["08:30", "21:00"]], tue: [["08:30", "21:00"]], wed: [["08:30", "21:00"]], thu: [["08:30", "21:00"]], fri: [["08:30", "21:00"]], sat: [["09:00", "17:00"]], sun: [] },
  exceptions: {},
  holidays: { kings_day: true, good_friday: false },
  early_closings: true,
});

export function campaign(more: Partial<Campaign> = {}): Campaign {
  return {
    id: "c", client: "k", name: "Vroege hulp", state: "running", calendar: {}, settings: {}, catalogue_version: 1, starts_on: null, ends_on: null,
    created_at: "2026-03-02T09:00:00Z", version: 3, ...more,
  };
}

export function campaignSettings(more: Partial<CampaignSettings> = {}): CampaignSettings {
  const number = { text: "", value: null, whole: false } as const;
  return {
    version: 3, calendar: usual(), usual: usual(), holidays: [{ code: "kings_day", on: "2026-04-27" }], mode: "auto", modes: ["auto", "progressive", "predictive", "preview"],
    takes_inbound: true,
    ring_cuts: false,
    requires_practice: false,
    recording: "off",
    fair: true,
    hold_out_agreement: "",
    languages: [],
    skills: [],
    numbers: [
      { ...number, key: "lines", unit: "lines", usual: 30, low: 1, high: 2000, whole: true },
      { ...number, key: "abandoned_percent", unit: "percent", usual: 1, low: 0.1, high: 3 },
    ],
    ...more,
  };
}
