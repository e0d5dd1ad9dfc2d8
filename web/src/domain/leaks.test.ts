import { expect, it } from "vitest";
import { knownOf, NEW_LEAK, typedOf } from "./leaks";

const TYPED = { ...NEW_LEAK, date: "2026-03-02", time: "10:00", kind: "sent", data: ["names"], what: " een lijst " } as const;

it("sends what is known, in Amsterdam's time", () => {
  const known = knownOf(TYPED);
  expect(known).toMatchObject({ kind: "sent", data: ["names"], residents: null, what: "een lijst" });
  expect(new Date(known?.discovered_at ?? "").toISOString()).toBe("2026-03-02T09:00:00.000Z");
  expect(knownOf({ ...TYPED, residents: "12" })?.residents).toBe(12);
});

it("waits for what must be there", () => {
  for (const lacks of [{ date: "" }, { kind: "" }, { data: [] }, { what: " " }, { residents: "veel" }]) expect(knownOf({ ...TYPED, ...lacks })).toBeNull();
});

it("comes back as it was typed", () => {
  const known = knownOf({ ...TYPED, residents: "12" });
  if (known === null) throw new Error("nothing known");
  expect(typedOf(known)).toMatchObject({ date: "2026-03-02", time: "10:00", residents: "12", what: "een lijst" });
});
