/** The line over JsSIP: SIP over a WebSocket on our own origin, sound over WebRTC. The only module that knows JsSIP. */

import JsSIP from "jssip";
import type { Line, LineOptions, Sample } from "./ports";
import { gatherMs, iceServers, isRelayed } from "./relay";

const SESSION_OVER = 4401;
const TAKEN = 4409;
const REGISTER_SECONDS = 120;
const AGAIN_MS = 2000;
const TONE_MS = 160;

type UA = InstanceType<typeof JsSIP.UA>;
type SessionEvent = Parameters<Parameters<UA["on"]>[1]>[0];
interface Session {
  readonly connection: RTCPeerConnection | undefined;
  readonly on: (event: string, listener: (data: never) => void) => void;
  readonly answer: (options: object) => void;
  readonly terminate: () => void;
  readonly isEnded: () => boolean;
  readonly isEstablished: () => boolean;
  readonly mute: (what: { audio: boolean }) => void;
  readonly unmute: (what: { audio: boolean }) => void;
  readonly hold: (options: object, done: () => void) => boolean;
  readonly unhold: (options: object, done: () => void) => boolean;
  readonly sendDTMF: (tone: string, options: object) => void;
}

export function openLine(options: LineOptions): Line {
  return new JsSipLine(options);
}

class JsSipLine implements Line {
  readonly #options: LineOptions;
  readonly #ua: UA;
  #track: MediaStreamTrack | undefined;
  #session: Session | null = null;
  #stopped = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#track = options.microphone.getAudioTracks()[0];
    const { username, secret, domain } = options.grant;
    const address = new URL("/sip", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.#ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(address.href)],
      uri: `sip:${username}@${domain}`,
      password: secret,
      register: true,
      register_expires: REGISTER_SECONDS,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
      user_agent: "panel",
    });
    this.#ua.on("registered", () => options.onRegistered());
    this.#ua.on("disconnected", ({ code }: { code?: number }) => this.#disconnected(code));
    this.#ua.on("registrationFailed", ({ response }: { response?: { status_code?: number } | null }) => this.#failed(response?.status_code));
    this.#ua.on("newRTCSession", (event: SessionEvent) => this.#rung(event as unknown as { originator: string; session: Session }));
    this.#ua.start();
  }

  readonly mute = (on: boolean): void => {
    if (this.#session?.isEstablished() !== true) return;
    if (on) this.#session.mute({ audio: true });
    else this.#session.unmute({ audio: true });
  };

  readonly hold = async (on: boolean): Promise<boolean> => {
    const session = this.#session;
    if (session?.isEstablished() !== true || !this.#ua.isConnected()) return false;
    return await new Promise((resolve) => {
      const done = (): void => resolve(true);
      if (!(on ? session.hold({}, done) : session.unhold({}, done))) resolve(false);
      setTimeout(() => resolve(false), AGAIN_MS);
    });
  };

  readonly press = (tone: string): void => {
    if (this.#session?.isEstablished() === true) this.#session.sendDTMF(tone, { duration: TONE_MS, transportType: "RFC2833" });
  };

  readonly replace = async (track: MediaStreamTrack): Promise<void> => {
    this.#track = track;
    await this.#sender()?.replaceTrack(track);
  };

  readonly sample = async (): Promise<Sample | null> => {
    const connection = this.#session?.connection;
    return connection === undefined ? null : read(await connection.getStats());
  };

  readonly hangUp = (): void => end(this.#session);

  readonly stop = (): void => {
    this.#stopped = true;
    end(this.#session);
    this.#ua.stop();
  };

  #sender(): RTCRtpSender | undefined {
    return this.#session?.connection?.getSenders().find(({ track }) => track?.kind === "audio");
  }

  #disconnected(code: number | undefined): void {
    if (this.#stopped) return;
    if (code === SESSION_OVER || code === TAKEN) {
      this.stop();
      if (code === TAKEN) this.#options.onTaken();
      else this.#options.onEnded();
    } else this.#options.onLost();
  }

  #failed(status: number | undefined): void {
    if (this.#stopped) return;
    if (status === 401 || status === 403 || status === 404) this.#options.onRefused();
    else
      setTimeout(() => {
        if (!this.#stopped && this.#ua.isConnected() && !this.#ua.isRegistered()) this.#ua.register();
      }, AGAIN_MS);
  }

  /** Our own Asterisk rings the standing leg: it is taken at once, in the place of the one before. */
  #rung({ originator, session }: { originator: string; session: Session }): void {
    if (originator !== "remote" || this.#track === undefined) return;
    const before = this.#session;
    this.#session = session;
    end(before);
    const over = (): void => {
      if (this.#session !== session) return;
      this.#session = null;
      this.#options.onLeg(false);
    };
    session.on("ended", over);
    session.on("failed", over);
    session.on("confirmed", () => {
      if (this.#session === session) this.#options.onLeg(true);
    });
    session.on("peerconnection", ({ peerconnection }: { peerconnection: RTCPeerConnection }) => this.#listen(session, peerconnection));
    const { relay } = this.#options.grant;
    let ready = (): void => undefined;
    session.on("icecandidate", (event: { candidate: RTCIceCandidate; ready: () => void }) => {
      ready = event.ready;
      if (isRelayed(event.candidate.candidate)) ready();
    });
    setTimeout(() => ready(), gatherMs(relay));
    session.answer({ mediaStream: new MediaStream([this.#track]), pcConfig: { iceServers: iceServers(relay) } });
  }

  #listen(session: Session, connection: RTCPeerConnection): void {
    connection.addEventListener("track", ({ track }) => this.#options.play(new MediaStream([track])));
    connection.addEventListener("connectionstatechange", () => {
      if (connection.connectionState === "failed") end(session); // the service rings anew
    });
  }
}

function end(session: Session | null): void {
  if (session !== null && !session.isEnded()) session.terminate();
}

/** The counters that tell how a conversation goes. */
function read(report: RTCStatsReport): Sample {
  const sample = { at: performance.now() / 1000, received: 0, lost: 0, sent: 0, jitter: 0, roundTrip: null as number | null };
  let path: number | null = null;
  report.forEach((entry: RTCStats & Record<string, unknown>) => {
    const figure = (name: string): number => (typeof entry[name] === "number" ? entry[name] : 0);
    if (entry.type === "inbound-rtp" && entry["kind"] === "audio") {
      sample.received = figure("packetsReceived");
      sample.lost = figure("packetsLost");
      sample.jitter = figure("jitter");
    } else if (entry.type === "outbound-rtp" && entry["kind"] === "audio") sample.sent = figure("packetsSent");
    else if (entry.type === "remote-inbound-rtp" && typeof entry["roundTripTime"] === "number") sample.roundTrip = entry["roundTripTime"];
    else if (entry.type === "candidate-pair" && entry["nominated"] === true && typeof entry["currentRoundTripTime"] === "number") path = entry["currentRoundTripTime"];
  });
  return { ...sample, roundTrip: sample.roundTrip ?? path };
}
