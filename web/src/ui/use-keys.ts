import { useEffect, useRef } from "react";
import { useApp } from "./app-context";
import { useStore } from "./use-store";

/** A radio or a tick takes no letters and digits, so keys go on after a choice by mouse; Enter stays its own. */
const CHOICE = "input[type=radio], input[type=checkbox]";
const TYPING = "input, textarea, select, [contenteditable], [role=dialog] *, [role=menu] *, [role=listbox] *";

/**
 * Calls `onKey` for keys pressed while nobody types, and no dialog or menu has the focus. It returns true for a key it
 * used. Off when the user switched shortcut keys off.
 */
export function useKeys(onKey: (key: string) => boolean): void {
  const { keys } = useStore(useApp().preferences);
  const handler = useRef(onKey);
  useEffect(() => {
    handler.current = onKey;
  });
  useEffect(() => {
    if (!keys) return;
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest(TYPING) !== null && (event.key.length > 1 || !event.target.matches(CHOICE))) return;
      if (handler.current(event.key.length === 1 ? event.key.toLowerCase() : event.key)) event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [keys]);
}
