/** Data from the service that a screen shows: loading, there, or failed; the newest answer wins. */

import { type ApiError, asApiError } from "../api/errors";
import { Store } from "./store";

export interface QueryState<T> {
  readonly data: T | null;
  readonly loading: boolean;
  readonly error: ApiError | null;
}

export class Query<T> extends Store<QueryState<T>> {
  readonly #load: () => Promise<T>;
  #round = 0;

  constructor(load: () => Promise<T>) {
    super({ data: null, loading: false, error: null });
    this.#load = load;
  }

  /** Loads (again); what is shown stays until the answer comes. */
  readonly reload = async (): Promise<void> => {
    this.#round += 1;
    const round = this.#round;
    this.patch({ loading: true, error: null });
    try {
      const data = await this.#load();
      if (round === this.#round) this.set({ data, loading: false, error: null });
    } catch (error) {
      if (round === this.#round) this.patch({ loading: false, error: asApiError(error) });
    }
  };

  /** Forgets what was there; an answer on its way is not kept either. */
  readonly clear = (): void => {
    this.#round += 1;
    this.set({ data: null, loading: false, error: null });
  };

  /** Replaces the data by what an action answered. */
  readonly put = (data: T): void => {
    this.#round += 1;
    this.set({ data, loading: false, error: null });
  };
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PagesState<T> extends QueryState<readonly T[]> {
  readonly next: string | null;
}

/** A list that is read page by page. */
export class Pages<T> extends Store<PagesState<T>> {
  readonly #load: (cursor: string | undefined) => Promise<Page<T>>;
  #round = 0;

  constructor(load: (cursor: string | undefined) => Promise<Page<T>>) {
    super({ data: null, next: null, loading: false, error: null });
    this.#load = load;
  }

  readonly reload = async (): Promise<void> => this.#fetch(undefined);

  readonly more = async (): Promise<void> => {
    const { next, loading } = this.get();
    if (next !== null && !loading) await this.#fetch(next);
  };

  async #fetch(cursor: string | undefined): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    this.patch({ loading: true, error: null });
    try {
      const page = await this.#load(cursor);
      if (round !== this.#round) return;
      const before = cursor === undefined ? [] : (this.get().data ?? []);
      this.set({ data: [...before, ...page.items], next: page.next, loading: false, error: null });
    } catch (error) {
      if (round === this.#round) this.patch({ loading: false, error: asApiError(error) });
    }
  }
}

export interface ActionState {
  readonly busy: boolean;
  readonly error: ApiError | null;
}

/** Something the user starts: one at a time, with its error kept until the next try. */
export class Action extends Store<ActionState> {
  constructor() {
    super({ busy: false, error: null });
  }

  /** Runs `work`; true when it succeeded. While one runs, another is not begun. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.get().busy) return false;
    this.set({ busy: true, error: null });
    try {
      await work();
      this.set({ busy: false, error: null });
      return true;
    } catch (error) {
      this.set({ busy: false, error: null }); // before a fault of our own is thrown on
      this.patch({ error: asApiError(error) });
      return false;
    }
  }

  readonly clear = (): void => this.patch({ error: null });
}
