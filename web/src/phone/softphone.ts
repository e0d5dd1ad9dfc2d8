/**
 * The phone in the panel: microphone, account, line, and what the agent does with them. It answers its one standing leg by
 * itself; calls are joined to that leg by the service. The account's secret is in memory only.
 */

import { asApiError } from "../api/errors";
import type { Agent } from "../api/types";
import { Store } from "../state/store";
import { HEARD_ABOVE } from "./level";
import { type Device, type Grant, type Line, MicrophoneError, type MicrophoneFault, type OpenLine, type Sound, type TabLock } from "./ports";
import { GIVE_UP_AFTER_SECONDS, type Quality, QualityMeter } from "./quality";

export type PhoneStatus =
  | "off" // not asked for
  | "asking" // the browser asks the user for the microphone
  | MicrophoneFault
  | "other_tab" // another tab of this browser has the phone
  | "other_page" // another browser has it
  | "connecting"
  | "ready"
  | "reconnecting"
  | "failed"; // no account: the service said no, or was not there

export interface SoftphoneState {
  readonly status: PhoneStatus;
  /** The standing leg is up. */
  readonly leg: boolean;
  readonly muted: boolean;
  readonly held: boolean;
  readonly volume: number;
  readonly microphones: readonly Device[];
  readonly speakers: readonly Device[];
  readonly microphone: string;
  readonly speaker: string;
  /** The microphone has heard something since it was opened. */
  readonly heard: boolean;
  readonly quality: Quality | null;
}

export interface SoftphoneParts {
  /** Asks the service for an account. `choose`: the agent asked by hand. Throws ApiError. */
  readonly grant: (choose: boolean) => Promise<Grant>;
  /** Loads SIP, which an agent with a phone of his own never does. */
  readonly load: () => Promise<OpenLine>;
  readonly sound: Sound;
  readonly lock: TabLock;
}

const LEVEL_EVERY_MS = 100;
const SAMPLE_EVERY_MS = 1000;
const AGAIN_MS = 2000;
const ON: readonly PhoneStatus[] = ["connecting", "ready", "reconnecting"];

const START: SoftphoneState = {
  status: "off", leg: false, muted: false, held: false, volume: 1, microphones: [], speakers: [], microphone: "", speaker: "", heard: false, quality: null,
};

export class Softphone extends Store<SoftphoneState> {
  /** How loud the microphone hears, 0 to 1; apart, for it changes ten times a second. */
  readonly level = new Store(0);
  readonly #parts: SoftphoneParts;
  readonly #meter = new QualityMeter();
  #line: Line | null = null;
  #stream: MediaStream | null = null;
  #timers: ReturnType<typeof setInterval>[] = [];
  #again: ReturnType<typeof setTimeout> | undefined;
  /** Counts starts and stops: what an earlier one still waits for is void. */
  #round = 0;
  #talking = false;

  constructor(parts: SoftphoneParts) {
    super(START);
    this.#parts = parts;
    parts.sound.onChange = () => void this.#refresh();
  }

  /** The desk is on the screen: the phone comes by itself where the browser need not ask. */
  readonly begin = async (): Promise<void> => {
    if (this.get().status !== "off") return;
    const round = this.#round;
    if ((await this.#parts.sound.allowed()) && round === this.#round && this.get().status === "off") await this.start(false);
  };

  /** Turns the phone on. `choose`: by hand, in the place of a phone of one's own; `steal`: from another tab. */
  readonly start = async (choose: boolean, steal = false): Promise<void> => {
    this.#drop();
    const round = (this.#round += 1);
    const { sound, lock } = this.#parts;
    this.#status("asking");
    try {
      this.#stream = await sound.open(this.get().microphone);
    } catch (error) {
      if (round === this.#round) this.#status(error instanceof MicrophoneError ? error.fault : "no_microphone");
      return;
    }
    if (round !== this.#round) return;
    this.#watch();
    void this.#refresh();
    const mine = await lock.take(steal, () => this.#lost("other_tab"));
    if (round !== this.#round) return;
    if (mine) await this.#connect(choose, round);
    else this.#lost("other_tab");
  };

  /** This page's phone, from wherever it is. */
  readonly takeOver = async (): Promise<void> => this.start(true, true);

  /** Signed out, or a phone of one's own was chosen. */
  readonly stop = (): void => {
    this.#round += 1;
    this.#drop();
    this.#parts.lock.release();
    this.set({ ...START, volume: this.get().volume, microphone: this.get().microphone, speaker: this.get().speaker });
  };

  /** The page is being left: the resident must hear music at once, and not silence until somebody notices. */
  readonly leave = (): void => this.#line?.hangUp();

  /** Follows the agent: an own phone turns this one off, and no call begins muted or on hold. */
  readonly follow = (agent: Agent | null): void => {
    if (agent === null) return;
    if (agent.phone_kind === "own" && this.get().status !== "off") this.stop();
    const talking = agent.state === "talking";
    if (this.#talking && !talking) this.#reset();
    this.#talking = talking;
  };

  readonly mute = (muted: boolean): void => {
    this.#line?.mute(muted);
    this.patch({ muted });
  };

  readonly hold = async (held: boolean): Promise<void> => {
    const line = this.#line;
    if (line !== null && (await line.hold(held)) && line === this.#line) this.patch({ held });
  };

  readonly press = (tone: string): void => this.#line?.press(tone);

  readonly setVolume = (volume: number): void => {
    this.#parts.sound.setVolume(volume);
    this.patch({ volume });
  };

  readonly chime = (): void => this.#parts.sound.chime();

  readonly setSpeaker = async (speaker: string): Promise<void> => {
    await this.#parts.sound.setSpeaker(speaker);
    this.patch({ speaker });
  };

  readonly setMicrophone = async (microphone: string): Promise<void> => {
    this.patch({ microphone, heard: false });
    await this.#reopen();
  };

  async #connect(choose: boolean, round: number): Promise<void> {
    this.#status("connecting");
    const stream = this.#stream;
    if (stream === null) return;
    try {
      const [grant, open] = await Promise.all([this.#parts.grant(choose), this.#parts.load()]);
      if (round !== this.#round) return;
      this.#line = open({
        grant,
        microphone: stream,
        play: this.#parts.sound.play,
        onRegistered: () => this.#status("ready"),
        onLost: () => this.#status("reconnecting"),
        onRefused: () => this.#retry(round),
        onTaken: () => this.#lost("other_page"),
        onEnded: this.stop,
        onLeg: (up) => this.#legChanged(up),
      });
      this.#line.mute(this.get().muted);
    } catch (error) {
      if (round !== this.#round) return;
      const { code, passing } = asApiError(error);
      if (code === "own-phone") this.stop();
      else if (passing) {
        this.#status("reconnecting");
        this.#retry(round, choose);
      } else {
        this.#drop();
        this.#parts.lock.release();
        this.#status("failed");
      }
    }
  }

  /** A new account, in a moment: the one before is gone, or the service was not there. */
  #retry(round: number, choose = false): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      if (round !== this.#round) return;
      this.#hangLine();
      void this.#connect(choose, round);
    }, AGAIN_MS);
  }

  #lost(status: "other_tab" | "other_page"): void {
    this.#round += 1;
    const round = this.#round;
    this.#drop();
    this.#status(status);
    if (status === "other_page") this.#parts.lock.release();
    // The other tab is closed: the phone comes here by itself.
    else
      this.#parts.lock.wait(() => {
        if (round === this.#round) void this.start(false);
      });
  }

  #status(status: PhoneStatus): void {
    this.patch({ status });
  }

  #legChanged(leg: boolean): void {
    this.#meter.reset();
    this.patch({ leg, held: false, quality: null });
    if (!leg) this.#parts.sound.silence();
    else this.#line?.mute(this.get().muted);
  }

  #reset(): void {
    if (this.get().muted) this.mute(false);
    if (this.get().held) void this.hold(false);
  }

  /** Lists the devices anew, and opens the microphone again if it was pulled out. */
  async #refresh(): Promise<void> {
    const round = this.#round;
    if (this.#stream === null) return;
    const { microphones, speakers } = await this.#parts.sound.devices();
    if (round !== this.#round) return;
    this.patch({ microphones, speakers });
    if (this.#stream.getAudioTracks().every(({ readyState }) => readyState === "ended")) {
      this.patch({ microphone: "" });
      await this.#reopen();
    }
  }

  async #reopen(): Promise<void> {
    if (this.#stream === null) return;
    const round = this.#round;
    try {
      const stream = await this.#parts.sound.open(this.get().microphone);
      if (round !== this.#round) return;
      this.#stream = stream;
      const track = stream.getAudioTracks()[0];
      if (track !== undefined) await this.#line?.replace(track);
      this.#line?.mute(this.get().muted);
    } catch (error) {
      if (round !== this.#round) return;
      this.#drop();
      this.#parts.lock.release();
      this.#status(error instanceof MicrophoneError ? error.fault : "no_microphone");
    }
  }

  #watch(): void {
    this.#timers = [
      setInterval(() => {
        const level = this.#parts.sound.level();
        this.level.set(level);
        if (level > HEARD_ABOVE && !this.get().heard) this.patch({ heard: true });
      }, LEVEL_EVERY_MS),
      setInterval(() => void this.#measure(), SAMPLE_EVERY_MS),
    ];
  }

  async #measure(): Promise<void> {
    const line = this.#line;
    if (line === null || !this.get().leg || this.get().held) {
      this.#meter.reset();
      if (this.get().quality !== null) this.patch({ quality: null });
      return;
    }
    const sample = await line.sample();
    if (sample === null || line !== this.#line || !this.get().leg) return;
    this.patch({ quality: this.#meter.put(sample) });
    // Registered, and nothing comes in: this leg does not mend itself. The service rings another.
    if (this.get().status === "ready" && this.#meter.deafFor(sample.at) >= GIVE_UP_AFTER_SECONDS) line.hangUp();
  }

  #hangLine(): void {
    const line = this.#line;
    this.#line = null;
    line?.stop();
    this.#meter.reset();
    this.patch({ leg: false, held: false, quality: null });
  }

  #drop(): void {
    clearTimeout(this.#again);
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#hangLine();
    this.#stream = null;
    this.#parts.sound.close();
    this.level.set(0);
    this.patch({ heard: false, muted: false });
  }
}

/** True while there is a phone, or soon will be. */
export function isOn(status: PhoneStatus): boolean {
  return ON.includes(status);
}
