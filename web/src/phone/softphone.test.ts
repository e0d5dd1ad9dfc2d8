import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/errors";
import { agent, settle } from "../testing/fake-api";
import { type Devices, type Line, type LineOptions, MicrophoneError, type MicrophoneFault, type Sample, type Sound, type TabLock } from "./ports";
import { isOn, Softphone } from "./softphone";

class FakeTrack {
  readyState = "live";
}

function stream(): { media: MediaStream; track: FakeTrack } {
  const track = new FakeTrack();
  return { media: { getAudioTracks: () => [track] } as unknown as MediaStream, track };
}

class FakeSound implements Sound {
  onChange: () => void = () => undefined;
  fault: MicrophoneFault | null = null;
  may = false;
  loud = 0;
  opened: string[] = [];
  closed = 0;
  volume = 1;
  speaker = "";
  chimes = 0;
  silenced = 0;
  now = stream();
  readonly allowed = (): Promise<boolean> => Promise.resolve(this.may);
  readonly open = (microphone: string): Promise<MediaStream> => {
    if (this.fault !== null) return Promise.reject(new MicrophoneError(this.fault));
    this.opened.push(microphone);
    this.now = stream();
    return Promise.resolve(this.now.media);
  };
  readonly devices = (): Promise<Devices> => Promise.resolve({ microphones: [{ id: "m1", label: "Headset" }], speakers: [] });
  readonly level = (): number => this.loud;
  readonly play = (): void => undefined;
  readonly silence = (): void => void (this.silenced += 1);
  readonly chime = (): void => void (this.chimes += 1);
  readonly setVolume = (volume: number): void => void (this.volume = volume);
  readonly setSpeaker = (speaker: string): Promise<void> => {
    this.speaker = speaker;
    return Promise.resolve();
  };
  readonly close = (): void => void (this.closed += 1);
}

class FakeLock implements TabLock {
  taken = false;
  free: (() => void) | null = null;
  lost: () => void = () => undefined;
  stolen = 0;
  released = 0;
  readonly take = (steal: boolean, onLost: () => void): Promise<boolean> => {
    if (this.taken && !steal) return Promise.resolve(false);
    if (this.taken) this.stolen += 1;
    this.lost = onLost;
    return Promise.resolve(true);
  };
  readonly wait = (onFree: () => void): void => void (this.free = onFree);
  readonly release = (): void => void (this.released += 1);
}

class FakeLine implements Line {
  did: string[] = [];
  holds = true;
  now: Sample | null = null;
  readonly options: LineOptions;
  constructor(options: LineOptions) {
    this.options = options;
  }
  readonly mute = (on: boolean): void => void this.did.push(on ? "mute" : "unmute");
  readonly hold = (on: boolean): Promise<boolean> => {
    this.did.push(on ? "hold" : "unhold");
    return Promise.resolve(this.holds);
  };
  readonly press = (tone: string): void => void this.did.push(tone);
  readonly replace = (): Promise<void> => {
    this.did.push("replace");
    return Promise.resolve();
  };
  readonly sample = (): Promise<Sample | null> => Promise.resolve(this.now);
  readonly hangUp = (): void => void this.did.push("hang up");
  readonly stop = (): void => void this.did.push("stop");
}

let sound: FakeSound;
let lock: FakeLock;
let lines: FakeLine[];
let granted: boolean[];
let refusal: Error | null;
let phone: Softphone;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  sound = new FakeSound();
  lock = new FakeLock();
  lines = [];
  granted = [];
  refusal = null;
  phone = new Softphone({
    grant: (choose) => {
      granted.push(choose);
      return refusal === null ? Promise.resolve({ username: "w-1", secret: "s", domain: "d", relay: null }) : Promise.reject(refusal);
    },
    load: () =>
      Promise.resolve((options: LineOptions) => {
        const line = new FakeLine(options);
        lines.push(line);
        return line;
      }),
    sound,
    lock,
  });
});

afterEach(() => {
  phone.stop();
  vi.useRealTimers();
});

function line(): FakeLine {
  const last = lines.at(-1);
  if (last === undefined) throw new Error("no line");
  return last;
}

async function ready(): Promise<FakeLine> {
  await phone.start(true);
  await settle();
  line().options.onRegistered();
  line().options.onLeg(true);
  return line();
}

async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await settle();
}

describe("turning it on", () => {
  it("opens the microphone, gets an account and registers", async () => {
    await phone.start(true);
    expect(phone.get().status).toBe("connecting");
    expect(granted).toEqual([true]);
    line().options.onRegistered();
    expect(phone.get()).toMatchObject({ status: "ready", leg: false });
    expect(isOn("ready")).toBe(true);
    await settle();
    expect(phone.get().microphones).toHaveLength(1);
  });

  it("comes by itself where the browser need not ask, and once only", async () => {
    await phone.begin();
    expect(phone.get().status).toBe("off");
    sound.may = true;
    await phone.begin();
    await phone.begin();
    expect(granted).toEqual([false]);
  });

  it.each(["denied", "no_microphone", "busy_microphone", "unsupported"] as const)("says %s, and can be tried again", async (fault) => {
    sound.fault = fault;
    await phone.start(true);
    expect(phone.get().status).toBe(fault);
    expect(granted).toEqual([]);
    sound.fault = null;
    await ready();
    expect(phone.get().status).toBe("ready");
  });

  it("leaves a phone of one's own alone", async () => {
    refusal = new ApiError("own-phone", 409);
    await phone.start(false);
    await settle();
    expect(phone.get().status).toBe("off");
    expect(sound.closed).toBeGreaterThan(0);
  });

  it("says when the service gives no account, and tries on by itself while it is away", async () => {
    refusal = new ApiError("forbidden", 403);
    await phone.start(true);
    await settle();
    expect(phone.get().status).toBe("failed");
    refusal = new ApiError("unavailable", 503);
    await phone.start(true);
    await settle();
    expect(phone.get().status).toBe("reconnecting");
    refusal = null;
    await pass(2000);
    expect(granted).toEqual([true, true, true]);
    line().options.onRegistered();
    expect(phone.get().status).toBe("ready");
  });

  it("is void when it was turned off meanwhile", async () => {
    const starting = phone.start(true);
    phone.stop();
    await starting;
    await settle();
    expect(phone.get().status).toBe("off");
    expect(lines).toHaveLength(0);
  });
});

describe("tabs and pages", () => {
  it("says that another tab has it, takes it over by hand, and by itself when that tab is gone", async () => {
    lock.taken = true;
    await phone.start(false);
    expect(phone.get().status).toBe("other_tab");
    expect(granted).toEqual([]);
    lock.taken = false;
    lock.free?.();
    await settle();
    expect(granted).toEqual([false]);
    lock.taken = true;
    await phone.takeOver();
    await settle();
    expect(lock.stolen).toBe(1);
    expect(granted).toEqual([false, true]);
  });

  it("gives way to a tab that takes it", async () => {
    const line = await ready();
    lock.lost();
    expect(line.did).toContain("stop");
    expect(phone.get()).toMatchObject({ status: "other_tab", leg: false });
  });

  it("gives way to another browser, and ends with the session", async () => {
    (await ready()).options.onTaken();
    expect(phone.get().status).toBe("other_page");
    expect(lock.released).toBeGreaterThan(0);
    (await ready()).options.onEnded();
    expect(phone.get().status).toBe("off");
  });
});

describe("in a call", () => {
  it("mutes, holds, presses and hangs up", async () => {
    const line = await ready();
    phone.mute(true);
    await phone.hold(true);
    phone.press("5");
    phone.leave();
    expect(line.did.slice(-4)).toEqual(["mute", "hold", "5", "hang up"]);
    expect(phone.get()).toMatchObject({ muted: true, held: true });
  });

  it("does not say that it holds when it does not", async () => {
    const line = await ready();
    line.holds = false;
    await phone.hold(true);
    expect(phone.get().held).toBe(false);
  });

  it("lets no call begin muted or on hold", async () => {
    const line = await ready();
    phone.follow(agent({ state: "talking" }));
    phone.mute(true);
    await phone.hold(true);
    phone.follow(null);
    expect(phone.get().muted).toBe(true);
    phone.follow(agent({ state: "wrap_up" }));
    await settle();
    expect(line.did.slice(-2)).toEqual(["unmute", "unhold"]);
    expect(phone.get()).toMatchObject({ muted: false, held: false });
  });

  it("turns off when an own phone is chosen", async () => {
    await ready();
    phone.follow(agent({ phone_kind: "own" }));
    expect(phone.get().status).toBe("off");
  });

  it("a new leg is on no hold, and as muted as the one before", async () => {
    const line = await ready();
    phone.mute(true);
    await phone.hold(true);
    line.options.onLeg(false);
    line.options.onLeg(true);
    expect(phone.get()).toMatchObject({ leg: true, held: false, muted: true });
    expect(line.did.at(-1)).toBe("mute");
    expect(sound.silenced).toBe(1);
  });

  it("changes microphone and headset in mid-call", async () => {
    const line = await ready();
    await phone.setMicrophone("m1");
    await phone.setSpeaker("s1");
    phone.setVolume(0.4);
    phone.chime();
    expect(sound.opened).toEqual(["", "m1"]);
    expect(line.did).toContain("replace");
    expect([sound.speaker, sound.volume, sound.chimes]).toEqual(["s1", 0.4, 1]);
    expect(phone.get()).toMatchObject({ microphone: "m1", speaker: "s1", volume: 0.4 });
  });

  it("takes the usual microphone when the chosen one is pulled out, and says when there is none", async () => {
    await ready();
    await phone.setMicrophone("m1");
    sound.now.track.readyState = "ended";
    sound.onChange();
    await settle();
    expect(sound.opened).toEqual(["", "m1", ""]);
    sound.fault = "no_microphone";
    sound.now.track.readyState = "ended";
    sound.onChange();
    await settle();
    expect(phone.get().status).toBe("no_microphone");
  });
});

describe("what is measured", () => {
  const sample = (at: number, received: number): Sample => ({ at, received, lost: 0, sent: 0, jitter: 0, roundTrip: null });

  it("shows the level, and that something was heard", async () => {
    await ready();
    sound.loud = 0.05;
    await pass(100);
    expect([phone.level.get(), phone.get().heard]).toEqual([0.05, false]);
    sound.loud = 0.6;
    await pass(100);
    expect(phone.get().heard).toBe(true);
  });

  it("gives a deaf leg up after ten seconds, while it is registered", async () => {
    const line = await ready();
    for (let at = 0; at < 9; at += 1) {
      line.now = sample(at, 7);
      await pass(1000);
    }
    expect(phone.get().quality?.hears).toBe(false);
    expect(line.did).not.toContain("hang up");
    line.options.onLost();
    for (const at of [10, 11]) {
      line.now = sample(at, 7);
      await pass(1000);
    }
    expect(line.did).not.toContain("hang up");
    line.options.onRegistered();
    line.now = sample(12, 7);
    await pass(1000);
    expect(line.did).toContain("hang up");
  });

  it("hears nothing on hold, and that is right", async () => {
    const line = await ready();
    await phone.hold(true);
    for (let at = 0; at < 20; at += 1) {
      line.now = sample(at, 7);
      await pass(1000);
    }
    expect(line.did).not.toContain("hang up");
    expect(phone.get().quality).toBeNull();
  });
});

describe("the line", () => {
  it("is opened anew with another account when this one is refused", async () => {
    const first = await ready();
    first.options.onRefused();
    await pass(2000);
    expect(first.did).toContain("stop");
    expect(lines).toHaveLength(2);
    expect(granted).toEqual([true, false]);
  });

  it("says while it is away, and comes back", async () => {
    const line = await ready();
    line.options.onLost();
    expect(phone.get()).toMatchObject({ status: "reconnecting", leg: true });
    line.options.onRegistered();
    expect(phone.get().status).toBe("ready");
  });
});
