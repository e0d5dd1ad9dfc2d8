import { describe, expect, it } from "vitest";
import { campaign, campaignSettings } from "../testing/campaigns";
import { changeOf, faultsOf, formOf } from "./campaign-form";

const SETTINGS = campaignSettings();
const FORM = formOf(campaign(), SETTINGS, true);

describe("a campaign's form", () => {
  it("shows the week in force, and leaves what is usual empty", () => {
    expect(FORM.week).toMatchObject({ mon: "08:30-21:00", sun: "" });
    expect(FORM.numbers).toEqual({ lines: "", abandoned_percent: "" });
    expect(FORM.closed).toEqual(["kings_day"]);
  });

  it("writes numbers as the reader does", () => {
    const own = campaignSettings({ numbers: SETTINGS.numbers.map((row) => (row.key === "abandoned_percent" ? { ...row, value: 0.5 } : row)) });
    expect(formOf(campaign(), own, true).numbers["abandoned_percent"]).toBe("0,5");
    expect(formOf(campaign(), own, false).numbers["abandoned_percent"]).toBe("0.5");
  });

  it("stores nothing of what is usual", () => {
    expect(changeOf(FORM, campaign(), SETTINGS)).toEqual({ name: "Vroege hulp", starts_on: null, ends_on: null, settings: {}, calendar: {} });
  });

  it("stores what differs, and keeps settings that it does not show", () => {
    const form = {
      ...FORM,
      mode: "predictive",
      takes_inbound: false,
      ring_cuts: true,
      requires_practice: true,
      recording: true,
      fair: false,
      hold_out_agreement: " Z-2026/14 ",
      numbers: { lines: "8", abandoned_percent: "0,5" },
      week: { ...FORM.week, sat: "" },
      exceptions: [{ key: 0, date: "2026-12-31", hours: "9-16" }],
      closed: ["good_friday"],
      early_closings: false,
      ends_on: "2026-12-31",
    };
    expect(changeOf(form, campaign({ settings: { trunk: "noord", lines: 4 } }), SETTINGS)).toEqual({
      name: "Vroege hulp",
      starts_on: null,
      ends_on: "2026-12-31",
      settings: { trunk: "noord", lines: 8, abandoned_percent: 0.5, mode: "predictive", takes_inbound: false, ring_cuts: true, requires_practice: true, recording: "on", fair: false, hold_out_agreement: "Z-2026/14" },
      calendar: { week: { sat: [] }, exceptions: { "2026-12-31": [["09:00", "16:00"]] }, holidays: { kings_day: false, good_friday: true }, early_closings: false },
    });
  });

  it("asks for the client's agreement where a share is held out", () => {
    const settings = campaignSettings({ numbers: [{ key: "hold_out_percent", text: "", unit: "percent", value: 10, usual: 0, low: 0, high: 50, whole: false }] });
    const form = formOf(campaign(), settings, true);
    expect(faultsOf(form, settings)).toEqual({ "settings.hold_out_agreement": { kind: "agreement" } });
    expect(faultsOf({ ...form, hold_out_agreement: "Z-2026/14" }, settings)).toEqual({});
    expect(faultsOf({ ...form, numbers: {}, hold_out_agreement: "Z" }, settings)).toEqual({ "settings.hold_out_agreement": { kind: "agreement" } });
    expect(faultsOf({ ...form, numbers: {} }, settings)).toEqual({});
  });

  it("names what is wrong at its field, as the service does", () => {
    const form = {
      ...FORM,
      name: " ",
      starts_on: "2026-05-01",
      ends_on: "2026-04-01",
      numbers: { lines: "2,5", abandoned_percent: "4" },
      week: { ...FORM.week, mon: "vroeg", tue: "17-9" },
      exceptions: [{ key: 0, date: "", hours: "" }, { key: 1, date: "2026-12-31", hours: "x" }, { key: 2, date: "2026-12-31", hours: "" }],
    };
    expect(faultsOf(form, SETTINGS)).toEqual({
      name: { kind: "name" },
      ends_on: { kind: "dates" },
      "settings.lines": { kind: "number", low: 1, high: 2000, whole: true },
      "settings.abandoned_percent": { kind: "number", low: 0.1, high: 3, whole: false },
      "calendar.week.mon": { kind: "hours", fault: "format" },
      "calendar.week.tue": { kind: "hours", fault: "order" },
      "date.0": { kind: "date" },
      "hours.1": { kind: "hours", fault: "format" },
      "date.2": { kind: "twice" },
    });
    expect(faultsOf(FORM, SETTINGS)).toEqual({});
  });
});
