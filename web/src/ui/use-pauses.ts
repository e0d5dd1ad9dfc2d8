/** The reasons of pauses, as the service has them; read once after signing in, and again when a menu opens. */

import type { PauseReason } from "../api/types";
import { pauseWord } from "../domain/pauses";
import { useApp, useWords } from "./app-context";
import { useStore } from "./use-store";

const NONE: readonly PauseReason[] = [];

export function usePauses(): readonly PauseReason[] {
  return useStore(useApp().pauses.list).data ?? NONE;
}

/** A pause's reason in the reader's language. */
export function usePauseWord(): (code: string) => string {
  const reasons = usePauses();
  const { language } = useWords();
  return (code) => pauseWord(reasons, code, language);
}
