/** Microphone and headset of a real browser. */

import { loudness } from "./level";
import { type Device, type Devices, MicrophoneError, type MicrophoneFault, type Sound } from "./ports";

const FAULTS: Readonly<Record<string, MicrophoneFault>> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "no_microphone",
  OverconstrainedError: "no_microphone",
  NotReadableError: "busy_microphone",
  AbortError: "busy_microphone",
};
const CHIME_HZ = 660;
const CHIME_SECONDS = 0.6;

/** Where the page is not served over HTTPS or from localhost a browser has no microphone at all. */
function media(): MediaDevices | null {
  return (navigator as { mediaDevices?: MediaDevices }).mediaDevices ?? null;
}

export class BrowserSound implements Sound {
  onChange: () => void = () => undefined;
  readonly #element = new Audio();
  #stream: MediaStream | null = null;
  #context: AudioContext | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #analyser: AnalyserNode | null = null;
  #samples = new Float32Array(0);
  #speaker = "";

  constructor() {
    media()?.addEventListener("devicechange", () => this.onChange());
    // A page that was loaded again may not run an audio context before the first touch.
    const wake = (): void => void this.#context?.resume();
    addEventListener("pointerdown", wake);
    addEventListener("keydown", wake);
  }

  readonly allowed = async (): Promise<boolean> => {
    if (media() === null) return false;
    try {
      return (await navigator.permissions.query({ name: "microphone" })).state === "granted";
    } catch {
      return false; // a browser that does not tell: the user presses a button
    }
  };

  readonly open = async (microphone: string): Promise<MediaStream> => {
    const found = media();
    if (found === null) throw new MicrophoneError("unsupported");
    const device = microphone === "" ? {} : { deviceId: { exact: microphone } };
    let stream: MediaStream;
    try {
      stream = await found.getUserMedia({ audio: { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
    } catch (error) {
      throw new MicrophoneError(FAULTS[(error as Error).name] ?? "no_microphone");
    }
    this.#stopTracks();
    this.#stream = stream;
    for (const track of stream.getAudioTracks()) track.onended = () => this.onChange();
    this.#listen(stream);
    return stream;
  };

  readonly devices = async (): Promise<Devices> => {
    const all = (await media()?.enumerateDevices()) ?? [];
    const of = (kind: MediaDeviceKind): Device[] =>
      all.filter((device) => device.kind === kind && device.deviceId !== "").map(({ deviceId, label }) => ({ id: deviceId, label: label === "" ? deviceId.slice(0, 8) : label }));
    return { microphones: of("audioinput"), speakers: this.#choosesSpeaker() ? of("audiooutput") : [] };
  };

  readonly level = (): number => {
    if (this.#analyser === null) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples);
  };

  readonly play = (stream: MediaStream): void => {
    this.#element.srcObject = stream;
    void this.#element.play().catch(() => undefined); // ended before it began
  };

  readonly silence = (): void => {
    this.#element.srcObject = null;
  };

  readonly chime = (): void => {
    const context = this.#context;
    if (context === null) return;
    const tone = new OscillatorNode(context, { frequency: CHIME_HZ });
    const gain = new GainNode(context, { gain: 0.2 });
    const out = new MediaStreamAudioDestinationNode(context);
    tone.connect(gain).connect(out);
    const element = new Audio();
    element.volume = this.#element.volume;
    element.srcObject = out.stream;
    void this.#direct(element).then(() => element.play());
    tone.start();
    tone.stop(context.currentTime + CHIME_SECONDS);
    tone.onended = () => (element.srcObject = null);
  };

  readonly setVolume = (volume: number): void => {
    this.#element.volume = volume;
  };

  readonly setSpeaker = async (speaker: string): Promise<void> => {
    this.#speaker = speaker;
    await this.#direct(this.#element);
  };

  readonly close = (): void => {
    this.silence();
    this.#source?.disconnect();
    this.#source = null;
    this.#analyser = null;
    this.#stopTracks();
  };

  #stopTracks(): void {
    for (const track of this.#stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#stream = null;
  }

  #listen(stream: MediaStream): void {
    const context = (this.#context ??= new AudioContext());
    void context.resume();
    this.#source?.disconnect();
    this.#source = context.createMediaStreamSource(stream);
    this.#analyser = new AnalyserNode(context, { fftSize: 1024 });
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
  }

  #choosesSpeaker(): boolean {
    return "setSinkId" in this.#element;
  }

  async #direct(element: HTMLAudioElement): Promise<void> {
    if (!this.#choosesSpeaker()) return;
    try {
      await element.setSinkId(this.#speaker);
    } catch {
      // Pulled out in this very moment: the usual one goes on.
    }
  }
}
