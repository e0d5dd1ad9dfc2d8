/** What an agent may do in each duty state, and what the screen shows. Mirrors the service's own table. */

export const DUTY_STATES = ["off", "available", "reserved", "talking", "wrap_up", "paused"] as const;
export type DutyState = (typeof DUTY_STATES)[number];

export type DutyAction = "on_duty" | "off_duty" | "pause" | "resume";

/** Actions that make sense per state. In `reserved`, `talking` and `wrap_up` they are wishes, granted afterwards. */
export const DUTY_ACTIONS: Readonly<Record<DutyState, readonly DutyAction[]>> = {
  off: ["on_duty"],
  available: ["pause", "off_duty"],
  reserved: ["pause", "off_duty"],
  talking: ["pause", "off_duty"],
  wrap_up: ["pause", "off_duty"],
  paused: ["resume", "off_duty"],
};

export type Wish = "" | "pause" | "off_duty";

/** The actions to offer, a standing wish taken into account: it can be taken back or changed for the other. */
export function dutyActions(state: DutyState, wish: Wish): readonly DutyAction[] {
  if (wish === "") return DUTY_ACTIONS[state];
  return ["resume", ...DUTY_ACTIONS[state].filter((action) => action !== wish && action !== "resume")];
}

export function isDutyState(value: string): value is DutyState {
  return (DUTY_STATES as readonly string[]).includes(value);
}

export const PHONE_STATES = ["none", "calling", "ready", "in_call", "silent"] as const;
export type PhoneState = (typeof PHONE_STATES)[number];

/** True when the agent cannot be given calls because of the telephone, although on duty. */
export function phoneHoldsCalls(state: DutyState, phone: PhoneState): boolean {
  return state === "available" && phone !== "ready";
}
