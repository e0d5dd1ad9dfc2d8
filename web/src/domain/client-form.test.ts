import { describe, expect, it } from "vitest";
import type { ClientDetail } from "../api/types";
import { byTopic, clientChange, clientFaults, clientForm } from "./client-form";

const row = (key: string, usual: number, more: Partial<ClientDetail["settings"][number]> = {}): ClientDetail["settings"][number] => ({
  key, topic: "terms", text: key, unit: "days", value: usual, usual, own: false, low: 0, high: 60, ...more,
});
const CLIENT: ClientDetail = {
  id: "k", slug: "stad", name: "Stad", municipality: "Stad", neutral_name: "Het Gesprek", inbound_number: "+31790000001", version: 3,
  settings: [row("case_cap", 12, { own: true, value: 5, low: 1 }), row("term_days", 28), row("delivery_days", 28), row("lead_days", 7)],
};
const FORM = clientForm(CLIENT);
const typed = (numbers: Record<string, string>) => ({ ...FORM, numbers: { ...FORM.numbers, ...numbers } });

describe("a client's form", () => {
  it("leaves what is usual empty, and sends nothing when nothing changed", () => {
    expect(FORM.numbers).toEqual({ case_cap: "5", term_days: "", delivery_days: "", lead_days: "" });
    expect(clientFaults(FORM, CLIENT)).toEqual({});
    expect(clientChange(FORM, CLIENT)).toBeNull();
  });

  it("sends only what changed; emptied: back to the usual value", () => {
    const form = { ...typed({ case_cap: "", term_days: "21" }), name: " Stadt " };
    expect(clientChange(form, CLIENT)).toEqual({ name: "Stadt", settings: { case_cap: null, term_days: 21 } });
  });

  it("puts together what belongs together, in the order in which it came", () => {
    const settings = [row("case_cap", 12, { topic: "attempts" }), row("term_days", 28), row("rest_days", 7, { topic: "attempts" })];
    expect(byTopic(settings).map(({ topic, settings: some }) => [topic, some.map(({ key }) => key)])).toEqual([
      ["attempts", ["case_cap", "rest_days"]],
      ["terms", ["term_days"]],
    ]);
  });

  it("names what is wrong", () => {
    expect(clientFaults({ ...typed({ case_cap: "0", term_days: "3,5" }), name: " " }, CLIENT)).toEqual({
      name: { kind: "name" },
      case_cap: { kind: "number", low: 1, high: 60 },
      term_days: { kind: "number", low: 0, high: 60 },
    });
  });

  it("wants results out before the shortest term ends", () => {
    expect(clientFaults(typed({ lead_days: "28" }), CLIENT)).toEqual({ lead_days: { kind: "lead" } });
    expect(clientFaults(typed({ term_days: "7" }), CLIENT)).toEqual({ lead_days: { kind: "lead" } });
    expect(clientFaults(typed({ term_days: "8" }), CLIENT)).toEqual({});
  });
});
