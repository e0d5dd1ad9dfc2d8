import { useSyncExternalStore } from "react";
import type { Readable } from "../state/store";

/** Draws a view model's snapshot, and draws again when it changes. */
export function useStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}
