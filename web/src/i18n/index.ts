/** The message catalogue: typed keys, Dutch first. `{name}` in a message is filled from the parameters. */

import { nl } from "./nl";

export type MessageKey = keyof typeof nl;
export type Language = "nl" | "en";
export type Params = Readonly<Record<string, string | number>>;

type Catalogue = Readonly<Record<MessageKey, string>>;

/** Whoever reads Dutch does not load the English. */
const catalogues: { readonly nl: Catalogue; en: Catalogue | null } = { nl, en: null };

/** Fetches what `language` needs; rejects when the browser cannot. Until then its messages are Dutch. */
export async function loadLanguage(language: Language): Promise<void> {
  if (language === "en") catalogues.en ??= (await import("./en")).en;
}

export function message(language: Language, key: MessageKey, params: Params = {}): string {
  return (catalogues[language] ?? nl)[key].replace(/\{(\w+)\}/g, (whole, name: string) => {
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
