/** How this browser shows the panel. Only looks are kept here: nothing about a person, a call or a user. */

import { type Language, loadLanguage } from "../i18n";
import { Store } from "../state/store";

export type Theme = "system" | "light" | "dark";

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  /** Single-letter shortcut keys (they hinder people who work by speech). */
  readonly keys: boolean;
}

const KEY = "panel.looks";
const DEFAULTS: Preferences = { language: "nl", theme: "system", keys: true };

export class PreferenceStore extends Store<Preferences> {
  constructor() {
    super(read());
    this.#show();
  }

  /** A language shows once its words have come; when they cannot be had, the choice is not kept. */
  readonly change = (change: Partial<Preferences>): void => {
    if (change.language === undefined) this.#keep(change);
    else void loadLanguage(change.language).then(() => this.#keep(change), () => undefined);
  };

  #keep(change: Partial<Preferences>): void {
    this.patch(change);
    this.#show();
    try {
      localStorage.setItem(KEY, JSON.stringify(this.get()));
    } catch {
      // A browser that keeps nothing: the choice lasts until the tab closes.
    }
  }

  #show(): void {
    const { language, theme } = this.get();
    const root = document.documentElement;
    root.lang = language;
    if (theme === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = theme;
  }
}

function read(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    return {
      language: stored.language === "en" ? "en" : DEFAULTS.language,
      theme: stored.theme === "light" || stored.theme === "dark" ? stored.theme : DEFAULTS.theme,
      keys: stored.keys !== false,
    };
  } catch {
    return DEFAULTS;
  }
}
