/** What the phone needs of the browser and of SIP: small, so that a test can stand in for each. */

/** The account of this page, as the service granted it. */
export interface Grant {
  readonly username: string;
  readonly secret: string;
  readonly domain: string;
  /** Who carries the sound where none gets through to Asterisk. */
  readonly relay: Relay | null;
}

/** A TURN server, and leave to use it. */
export interface Relay {
  readonly urls: readonly string[];
  readonly username: string;
  readonly credential: string;
}

/** Counters of a moment; packets since the leg began, times in seconds. */
export interface Sample {
  readonly at: number;
  readonly received: number;
  readonly lost: number;
  readonly sent: number;
  readonly jitter: number;
  readonly roundTrip: number | null;
}

/** What a line tells. */
interface LineEvents {
  /** Asterisk knows where this phone is. */
  readonly onRegistered: () => void;
  /** The way to Asterisk is gone; the line tries again by itself. */
  readonly onLost: () => void;
  /** The account is not good (any more). */
  readonly onRefused: () => void;
  /** Another page has the phone now. The line does not come back. */
  readonly onTaken: () => void;
  /** The session is over. The line does not come back. */
  readonly onEnded: () => void;
  readonly onLeg: (up: boolean) => void;
}

/** One registered phone with at most one leg, which it answers by itself. */
export interface Line {
  readonly mute: (on: boolean) => void;
  /** False when it cannot be done now. */
  readonly hold: (on: boolean) => Promise<boolean>;
  readonly press: (tone: string) => void;
  /** Another microphone, in mid-call too. */
  readonly replace: (track: MediaStreamTrack) => Promise<void>;
  readonly sample: () => Promise<Sample | null>;
  /** Ends the leg; the service rings again. */
  readonly hangUp: () => void;
  readonly stop: () => void;
}

export interface LineOptions extends LineEvents {
  readonly grant: Grant;
  readonly microphone: MediaStream;
  readonly play: (stream: MediaStream) => void;
}

export type OpenLine = (options: LineOptions) => Line;

export interface Device {
  readonly id: string;
  readonly label: string;
}

export interface Devices {
  readonly microphones: readonly Device[];
  readonly speakers: readonly Device[];
}

export type MicrophoneFault = "denied" | "no_microphone" | "busy_microphone" | "unsupported";

export class MicrophoneError extends Error {
  readonly fault: MicrophoneFault;

  constructor(fault: MicrophoneFault) {
    super(fault);
    this.fault = fault;
  }
}

/** Microphone and headset. */
export interface Sound {
  /** Whether the microphone may be opened without a question to the user. */
  readonly allowed: () => Promise<boolean>;
  /** Opens a microphone ("" is the usual one) in the place of the one before. Throws MicrophoneError. */
  readonly open: (microphone: string) => Promise<MediaStream>;
  readonly devices: () => Promise<Devices>;
  /** How loud the microphone hears now, 0 to 1. */
  readonly level: () => number;
  readonly play: (stream: MediaStream) => void;
  readonly silence: () => void;
  /** A short tone in the headset. */
  readonly chime: () => void;
  readonly setVolume: (volume: number) => void;
  readonly setSpeaker: (speaker: string) => Promise<void>;
  /** Told when a headset comes or goes, or the microphone ends. */
  onChange: () => void;
  readonly close: () => void;
}

/** One tab of this browser has the phone. */
export interface TabLock {
  /** True when this tab has it now. `steal`: take it from another one. `onLost`: another tab has taken it. */
  readonly take: (steal: boolean, onLost: () => void) => Promise<boolean>;
  /** Calls `onFree` once the tab that has it gave it up. */
  readonly wait: (onFree: () => void) => void;
  readonly release: () => void;
}
