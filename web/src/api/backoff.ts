/** Waits between tries: doubling up to a bound, with jitter so that many panels do not come back at the same instant. */

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** 0 <= value < 1; a test passes a constant. */
  readonly random?: () => number;
}

export class Backoff {
  readonly #options: BackoffOptions;
  #tries = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Milliseconds to wait before the next try: between half and the whole of the present step. */
  next(): number {
    const { firstMs, maxMs, random = Math.random } = this.#options;
    const step = Math.min(maxMs, firstMs * 2 ** Math.min(this.#tries, 20));
    this.#tries += 1;
    return step / 2 + (step / 2) * random();
  }

  reset(): void {
    this.#tries = 0;
  }
}
