import { describe, expect, it } from "vitest";
import { pauseReason } from "../testing/fake-api";
import { areMinutes, offered, pauseWord, tooLong } from "./pauses";

const LIST = [pauseReason("lunch", { dutch: "Lunch", english: "Lunch break", most_minutes: 45 }), pauseReason("crisis", { offered: false }), pauseReason("break")];

describe("reasons of pauses", () => {
  it("have words in both languages, and an unknown one is shown as it is", () => {
    expect(pauseWord(LIST, "lunch", "nl")).toBe("Lunch");
    expect(pauseWord(LIST, "lunch", "en")).toBe("Lunch break");
    expect(pauseWord(LIST, "siesta", "nl")).toBe("siesta");
  });

  it("are offered unless the service alone gives them", () => {
    expect(offered(LIST).map(({ code }) => code)).toEqual(["lunch", "break"]);
  });

  it("say when a pause lasts too long", () => {
    expect(tooLong(LIST, "lunch", 0, 45 * 60)).toBeNull();
    expect(tooLong(LIST, "lunch", 0, 45 * 60 + 1)).toBe(45);
    expect(tooLong(LIST, "break", 0, 1e6)).toBeNull();
    expect(tooLong(LIST, "siesta", 0, 1e6)).toBeNull();
  });

  it("last a whole number of minutes, or as long as it takes", () => {
    expect(["", " ", "1", "480"].every(areMinutes)).toBe(true);
    expect(["0", "481", "1.5", "-3", "1e2", "een"].some(areMinutes)).toBe(false);
  });
});
