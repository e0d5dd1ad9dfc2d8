import { expect, it } from "vitest";
import { correctionOf, isLate, NOTHING_TYPED, waits } from "./privacy";

it("is late only while it waits", () => {
  expect(isLate({ state: "open", due_on: "2026-03-01" }, "2026-03-02")).toBe(true);
  expect(isLate({ state: "extended", due_on: "2026-03-02" }, "2026-03-02")).toBe(false);
  expect(isLate({ state: "done", due_on: "2026-03-01" }, "2026-03-02")).toBe(false);
  expect(waits({ state: "refused" })).toBe(false);
});

it("sends what was typed and nothing else", () => {
  expect(correctionOf(NOTHING_TYPED)).toBeNull();
  expect(correctionOf({ ...NOTHING_TYPED, surname: " de Wit ", houseNumber: "12" })).toEqual({ surname: "de Wit", house_number: 12 });
  expect(correctionOf({ ...NOTHING_TYPED, houseNumber: "12a" })).toBeNull();
  expect(correctionOf({ ...NOTHING_TYPED, initials: "J.", birthDate: "1970-02-01", postcode: "2711 AB", houseAddition: "b" })).toEqual({
    initials: "J.",
    birth_date: "1970-02-01",
    postcode: "2711 AB",
    house_addition: "b",
  });
});
