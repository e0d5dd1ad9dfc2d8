import { createContext, useContext } from "react";
import type { ApiClient } from "../api/client";
import type { ApiError } from "../api/errors";
import type { Permission } from "../api/types";
import { localeOf } from "../domain/dates";
import { codeMessage, type Language, message, type MessageKey, type Params } from "../i18n";
import type { Softphone } from "../phone/softphone";
import type { Desk } from "../state/desk";
import type { Hub } from "../state/hub";
import type { IdleModel } from "../state/idle";
import type { ListeningModel } from "../state/listening";
import type { PausesModel } from "../state/pauses";
import type { PracticeModel } from "../state/practice";
import type { PreviewModel } from "../state/preview";
import type { SessionModel } from "../state/session";
import type { TourModel } from "../state/tour";
import type { PreferenceStore } from "./preferences";
import { useStore } from "./use-store";

/** What main.tsx builds once and every view may use. */
export interface App {
  readonly client: ApiClient;
  readonly session: SessionModel;
  readonly hub: Hub;
  readonly desk: Desk;
  readonly pauses: PausesModel;
  readonly preview: PreviewModel;
  readonly practice: PracticeModel;
  readonly tour: TourModel;
  readonly phone: Softphone;
  /** A supervisor's, while he listens. */
  readonly ear: Softphone;
  readonly listening: ListeningModel;
  readonly preferences: PreferenceStore;
  readonly idle: IdleModel;
  /** Pauses whoever may get a call, then locks the screen. */
  readonly lockNow: () => Promise<void>;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("outside the application");
  return app;
}

export interface Words {
  readonly language: Language;
  readonly locale: "nl-NL" | "en-GB";
  readonly t: (key: MessageKey, params?: Params) => string;
  /** The message of a code from the service; the code itself when it is newer than this panel. */
  readonly code: (prefix: string, code: string) => string;
  readonly error: (error: ApiError) => string;
}

export function useWords(): Words {
  const { language } = useStore(useApp().preferences);
  const t = (key: MessageKey, params?: Params): string => message(language, key, params);
  return {
    language,
    locale: localeOf(language),
    t,
    code: (prefix, code) => codeMessage(language, prefix, code, code),
    error: (error) => codeMessage(language, "error", error.code, error.problem?.title ?? t("error.other", { code: error.code })),
  };
}

/** True when the signed-in user holds the permission. */
export function useMay(permission: Permission): boolean {
  const session = useStore(useApp().session);
  return session.kind === "signed_in" && session.permissions.has(permission);
}
