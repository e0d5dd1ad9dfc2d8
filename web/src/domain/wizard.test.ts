import { describe, expect, it } from "vitest";
import type { ChecklistItem } from "../api/types";
import { chosenColumns, firstOpen, isStep, type Known, neighbour, stepStates, STEPS } from "./wizard";

function item(name: ChecklistItem["item"], state: ChecklistItem["state"] = "open"): ChecklistItem {
  return { item: name, text: "", todo: "", state, tickable: true, on: null, name: "", reason: "", by: "", at: null };
}

const FRESH: Known = {
  items: [item("script"), item("opening_hours"), item("promise"), item("retention")],
  deliveries: [],
  proofs: [],
  preflight: { may_start: false, will_call: 0, skipped: [], checks: [{ code: "agents", ok: false, blocking: true, text: "" }] },
};

describe("the steps of a draft", () => {
  it("follow from what the service has, and nothing else", () => {
    expect(stepStates(FRESH)).toEqual({ file: "todo", script: "todo", windows: "todo", mode: "todo", checklist: "todo", proof: "optional", start: "todo" });
    const delivery = { id: "d", client: "k", campaign: "c", kind: "list", format: "csv", state: "loaded", received_at: "", received_by: null, recalled_at: null, counts: {} } as const;
    const ready: Known = {
      items: FRESH.items.map((one) => ({ ...one, state: "ticked" })),
      deliveries: [delivery],
      proofs: [{ attempt: "a", phone: "p", label: "Noor", at: "", agent: null, live: false, answered: true, talked: true, outcome: null }],
      preflight: { may_start: true, will_call: 4, skipped: [], checks: [] },
    };
    expect(stepStates(ready)).toEqual({ file: "done", script: "done", windows: "done", mode: "done", checklist: "done", proof: "done", start: "todo" });
    expect(stepStates({ ...ready, deliveries: [{ ...delivery, state: "recalled" }] }).file).toBe("todo");
    expect(stepStates({ ...ready, preflight: FRESH.preflight }).mode).toBe("todo");
  });

  it("are gone on with at the first that is to do; a proof run may be left out", () => {
    expect(firstOpen(stepStates(FRESH))).toBe("file");
    expect(firstOpen({ file: "done", script: "done", windows: "done", mode: "done", checklist: "done", proof: "optional", start: "todo" })).toBe("start");
    expect(firstOpen({ file: "done", script: "done", windows: "todo", mode: "done", checklist: "done", proof: "optional", start: "todo" })).toBe("windows");
  });

  it("go back and forth, and end at their ends", () => {
    expect(neighbour("file", -1)).toBeNull();
    expect(neighbour("start", 1)).toBeNull();
    expect(STEPS.slice(1).map((step) => neighbour(step, -1))).toEqual(STEPS.slice(0, -1));
    expect([isStep("proof"), isStep("rules")]).toEqual([true, false]);
  });

  it("give a heading to one field alone", () => {
    const columns = { client_ref: "Zaak", surname: "Naam" };
    expect(chosenColumns(columns, "signal_ref", "Zaak")).toEqual({ surname: "Naam", signal_ref: "Zaak" });
    expect(chosenColumns(columns, "surname", "")).toEqual({ client_ref: "Zaak" });
    expect(chosenColumns(columns, "surname", "Achternaam")).toEqual({ client_ref: "Zaak", surname: "Achternaam" });
  });
});
