/** What the counters of a conversation say about the network. Pure. */

import type { Sample } from "./ports";

type Grade = "good" | "fair" | "poor";

export interface Quality {
  readonly grade: Grade;
  /** Share of the packets that did not come, 0 to 1. */
  readonly loss: number;
  readonly jitterMs: number;
  readonly roundTripMs: number | null;
  /** Whether sound comes in; false: one-way audio. */
  readonly hears: boolean;
}

/** Over how many seconds loss is counted: one lost packet is no trouble, and an old one no news. */
const WINDOW_SECONDS = 5;
/** Without a packet for so long nothing comes in: Asterisk sends silence too. */
const DEAF_AFTER_SECONDS = 3;
/** Deaf for so long, the leg is given up and rung anew. */
export const GIVE_UP_AFTER_SECONDS = 10;

/** G.711 stays clear below a per cent of loss; above five, words go. Round trip by ITU-T G.114: 300 ms there and back. */
const FAIR = { loss: 0.015, jitterMs: 30, roundTripMs: 300 };
const POOR = { loss: 0.05, jitterMs: 60, roundTripMs: 600 };

export class QualityMeter {
  #samples: Sample[] = [];
  #heardAt: number | null = null;
  #received = -1;

  /** A new leg: nothing of the one before counts. */
  reset(): void {
    this.#samples = [];
    this.#heardAt = null;
    this.#received = -1;
  }

  /** Takes a sample (about one a second) and says how it stands. */
  put(sample: Sample): Quality {
    if (sample.received !== this.#received || this.#heardAt === null) this.#heardAt = sample.at;
    this.#received = sample.received;
    this.#samples = [...this.#samples.filter(({ at }) => sample.at - at <= WINDOW_SECONDS), sample];
    const first = this.#samples[0] ?? sample;
    const received = sample.received - first.received;
    const lost = Math.max(0, sample.lost - first.lost);
    const loss = received + lost > 0 ? lost / (received + lost) : 0;
    const figures = { loss, jitterMs: sample.jitter * 1000, roundTripMs: sample.roundTrip === null ? null : sample.roundTrip * 1000 };
    return { grade: gradeOf(figures), ...figures, hears: this.deafFor(sample.at) < DEAF_AFTER_SECONDS };
  }

  /** Seconds since the last packet came in. */
  deafFor(now: number): number {
    return this.#heardAt === null ? 0 : now - this.#heardAt;
  }
}

function gradeOf({ loss, jitterMs, roundTripMs }: Pick<Quality, "loss" | "jitterMs" | "roundTripMs">): Grade {
  const beyond = (bound: typeof FAIR): boolean =>
    loss > bound.loss || jitterMs > bound.jitterMs || (roundTripMs ?? 0) > bound.roundTripMs;
  if (beyond(POOR)) return "poor";
  return beyond(FAIR) ? "fair" : "good";
}
