/** What agents can do, in words. */

import type { Skill } from "../api/types";

/** In the reader's language; a code that is on no list as it is. */
export function skillWord(skills: readonly Skill[], code: string, language: "nl" | "en"): string {
  const found = skills.find((skill) => skill.code === code);
  return found === undefined ? code : language === "nl" ? found.dutch : found.english;
}

/** Names that not every browser has. */
const NAMES: Readonly<Record<string, readonly [dutch: string, english: string]>> = { ber: ["Berbers", "Berber"], pap: ["Papiaments", "Papiamento"] };

export function languageWord(code: string, locale: "nl-NL" | "en-GB"): string {
  const name = NAMES[code]?.[locale === "nl-NL" ? 0 : 1];
  return name ?? new Intl.DisplayNames([locale], { type: "language" }).of(code) ?? code;
}

/** Those that a list may name, beside Dutch; `tests/unit/test_skills.py` holds them to the service's. */
export const FOREIGN: readonly string[] = ["am", "ar", "ber", "bg", "de", "el", "en", "es", "fa", "fr", "hu", "it", "ku", "pap", "pl", "ps", "pt", "ro", "ru", "so", "ti", "tr", "uk", "ur", "zh"];

/** Codes of languages in the order of their names. */
export function byName(codes: readonly string[], locale: "nl-NL" | "en-GB"): readonly string[] {
  return [...codes].sort((one, other) => languageWord(one, locale).localeCompare(languageWord(other, locale), locale));
}

/** Skills to choose from: those that are offered, and whatever is chosen already. */
export function choosable(skills: readonly Skill[], chosen: readonly string[]): readonly Skill[] {
  return skills.filter(({ code, archived }) => !archived || chosen.includes(code));
}
