/** The first-day tour of the desk: its stops, and how one goes from one to the next. Pure. */

export interface Stop {
  readonly id: "duty" | "phone" | "calls" | "wrapups" | "keys" | "practice" | "help";
  /** What it is about, on the desk; null: nothing that can be pointed at. */
  readonly at: string | null;
}

export const STOPS: readonly Stop[] = [
  { id: "duty", at: '[data-tour="duty"]' },
  { id: "phone", at: '[data-tour="phone"]' },
  { id: "calls", at: '[data-tour="calls"]' },
  { id: "wrapups", at: '[data-tour="wrapups"]' },
  { id: "keys", at: null },
  { id: "practice", at: '.nav [href="/practice"]' },
  { id: "help", at: ".top > .button" },
];

/** The place after a step that way; null: the tour is over. The first stop has nothing before it. */
export function move(place: number, way: 1 | -1): number | null {
  const next = Math.max(0, place + way);
  return next < STOPS.length ? next : null;
}
