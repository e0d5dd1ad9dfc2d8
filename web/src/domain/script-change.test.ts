import { describe, expect, it } from "vitest";
import { codeMessage, message, type MessageKey, type Params } from "../i18n";
import { placeWords, valueWords } from "./script-change";

const t = (key: MessageKey, params?: Params): string => message("nl", key, params);
const code = (prefix: string, one: string): string => codeMessage("nl", prefix, one, one);

describe("differences of a script, in words", () => {
  it.each([
    ["say.nl", "Wat de medewerker zegt – Nederlands"],
    ["title.en", "Titel – Engels"],
    ["answers.2.to", "Antwoord 2: Daarna"],
    ["answers.2.label.en", "Antwoord 2: Knop – Engels"],
    ["also.1.nl", "Extra zin, onder voorwaarde 1: Wat de medewerker zegt – Nederlands"],
    ["also.1.when", "Extra zin, onder voorwaarde 1: Alleen als"],
    ["starts.in", "Inwoner belt ons: eerste stap"],
    ["after_match", "Controle klopt: verder met"],
    ["order", "Volgorde van de stappen"],
    ["audience", "Voor wie is deze stap?"],
    ["answers.2.later", "Antwoord 2: later"],
    ["newer", "newer"],
  ])("names %s", (field, words) => {
    expect(placeWords(field, t, code)).toBe(words);
  });

  it.each([
    ["say.nl", "Goedemiddag", "Goedemiddag"],
    ["say.nl", "", "leeg"],
    ["audience", "third_party", "Iemand anders"],
    ["answers.2.to", "end", "Einde van het gesprek"],
    ["answers.2.to", "O3", "O3"],
    ["answers.2.outcome", "HELP", "HELP"],
    ["answers.2.when", "identity: matched; language: nl, pl", "Controle: klopt; Taal van de inwoner: Nederlands, Pools"],
  ])("tells %s = %s", (field, value, words) => {
    expect(valueWords(field, value, t, code)).toBe(words);
  });
});
