import type { ReactElement } from "react";

const PATHS = {
  phone: "M6.6 3.5 9 3l1.6 4-2 1.7a12 12 0 0 0 6.7 6.7l1.7-2 4 1.6-.5 2.4a2 2 0 0 1-2 1.6A15.9 15.9 0 0 1 5 5.5a2 2 0 0 1 1.6-2Z",
  hangup: "M20.5 6.6 21 9l-4 1.6-1.7-2a12 12 0 0 0-6.7 6.7l2 1.7L9 21l-2.4-.5A2 2 0 0 1 5 18.5M3.5 3.5l17 17",
  voicemail: "M6.5 15.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7Zm11 0a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7ZM6.5 15.5h11",
  pause: "M8 5v14M16 5v14",
  check: "m5 12.5 4.5 4.5L19 7.5",
  cross: "m6 6 12 12M18 6 6 18",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5.5 11h13v9h-13Z",
  warning: "M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17v.5",
  back: "m14 6-6 6 6 6",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5a7.5 7.5 0 0 1 15 0",
  file: "M6 3.5h8l4 4v13H6ZM14 3.5v4h4",
  down: "m6 9 6 6 6-6",
  mic: "M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  micOff: "M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3M4 3l16 18",
  keypad: "M6 5h.5M12 5h.5M18 5h.5M6 11h.5M12 11h.5M18 11h.5M6 17h.5M12 17h.5M18 17h.5",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.5V12l3 2",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing beside words; it says nothing by itself. */
export function Icon({ name }: { readonly name: IconName }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
