import { describe, expect, it } from "vitest";
import { skill } from "../testing/fake-api";
import { byName, choosable, languageWord, skillWord } from "./skills";

const SKILLS = [skill("crisis", { dutch: "Crisis", english: "Crises" }), skill("old", { archived: true })];

describe("what agents can do", () => {
  it("has words in both languages, and an unknown code is shown as it is", () => {
    expect(skillWord(SKILLS, "crisis", "nl")).toBe("Crisis");
    expect(skillWord(SKILLS, "crisis", "en")).toBe("Crises");
    expect(skillWord(SKILLS, "other", "nl")).toBe("other");
    expect(languageWord("tr", "nl-NL")).toBe("Turks");
    expect([languageWord("ber", "nl-NL"), languageWord("pap", "en-GB")]).toEqual(["Berbers", "Papiamento"]);
  });

  it("stands in the order of the reader's names", () => {
    expect(byName(["tr", "ar", "pl"], "nl-NL")).toEqual(["ar", "pl", "tr"]);
    expect(byName(["de", "ar"], "en-GB")).toEqual(["ar", "de"]);
  });

  it("is offered, or chosen before it was archived", () => {
    expect(choosable(SKILLS, []).map(({ code }) => code)).toEqual(["crisis"]);
    expect(choosable(SKILLS, ["old"]).map(({ code }) => code)).toEqual(["crisis", "old"]);
  });
});
