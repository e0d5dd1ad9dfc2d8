/** The message catalogue: typed keys, Dutch first. `{name}` in a message is filled from the parameters. */

import { en } from "./en";
import { nl } from "./nl";

export type MessageKey = keyof typeof nl;
export type Language = "nl" | "en";
export type Params = Readonly<Record<string, string | number>>;

const CATALOGUES: Readonly<Record<Language, Readonly<Record<MessageKey, string>>>> = { nl, en };

export function message(language: Language, key: MessageKey, params: Params = {}): string {
  return CATALOGUES[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : String(value);
  });
}

function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(nl, key);
}

/** The message under `prefix.code`, or `fallback` for a code newer than this panel. */
export function codeMessage(language: Language, prefix: string, code: string, fallback: string): string {
  const key = `${prefix}.${code}`;
  return isMessageKey(key) ? message(language, key) : fallback;
}
