import { expect, it } from "vitest";
import { en } from "../i18n/en";
import { nl } from "../i18n/nl";
import { move, STOPS } from "./tour";

it("goes on to its end, and back to its beginning", () => {
  expect([move(0, -1), move(0, 1), move(3, -1)]).toEqual([0, 1, 2]);
  expect(move(STOPS.length - 1, 1)).toBeNull();
});

it("has words at every stop", () => {
  for (const { id } of STOPS)
    for (const catalogue of [nl, en]) {
      expect(catalogue[`tour.${id}.title`]).not.toBe("");
      expect(catalogue[`tour.${id}.text`]).not.toBe("");
    }
});
