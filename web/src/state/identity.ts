/** The identity check: what the resident says goes to the service, which answers match or no match. */

import type { ApiClient } from "../api/client";
import type { Candidate } from "../api/types";
import { birthDate, postcode } from "../domain/dates";
import { Action } from "./query";
import { Store } from "./store";

export type IdentityField = "birth" | "postcode" | "house";

export interface IdentityState {
  readonly birth: string;
  readonly postcode: string;
  readonly house: string;
  readonly invalid: readonly IdentityField[];
  /** `no_match` allows another try while `triesLeft` is above zero. */
  readonly result: "open" | "match" | "no_match";
  readonly triesLeft: number | null;
  /** Inbound: whom the caller may be, after a name was said. */
  readonly candidates: readonly Candidate[] | null;
  readonly chosen: string | null;
}

const START: IdentityState = {
  birth: "", postcode: "", house: "", invalid: [], result: "open", triesLeft: null, candidates: null, chosen: null,
};

export class IdentityCheck extends Store<IdentityState> {
  readonly checking = new Action();
  readonly searching = new Action();
  readonly #client: ApiClient;
  readonly #attempt: string;
  readonly #onMatch: () => void;

  constructor(client: ApiClient, attempt: string, onMatch: () => void) {
    super(START);
    this.#client = client;
    this.#attempt = attempt;
    this.#onMatch = onMatch;
  }

  readonly edit = (change: Partial<Pick<IdentityState, IdentityField>>): void => {
    const invalid = this.get().invalid.filter((field) => !(field in change));
    this.patch({ ...change, invalid });
  };

  readonly choose = (chosen: string): void => this.patch({ chosen, result: "open", triesLeft: null });

  /** Inbound: searches by the name that the caller said. */
  readonly search = async (saidName: string): Promise<void> => {
    await this.searching.run(async () => {
      const found = await this.#client.post("/attempts/{attempt}/candidates", {
        path: { attempt: this.#attempt },
        body: { said_name: saidName.trim() },
      });
      const only = found.items.length === 1 ? (found.items[0]?.case ?? null) : null;
      this.patch({ candidates: found.items, chosen: only });
    });
  };

  readonly check = async (): Promise<void> => {
    const { birth, postcode: code, house, result, triesLeft, chosen } = this.get();
    if (result === "match" || triesLeft === 0) return;
    const [born, place, number] = [birthDate(birth), postcode(code), house.trim()];
    const invalid: IdentityField[] = [];
    if (born === null) invalid.push("birth");
    if (place === null) invalid.push("postcode");
    if (!/^\d/.test(number)) invalid.push("house");
    this.patch({ invalid });
    if (born === null || place === null || invalid.length > 0) return;
    await this.checking.run(async () => {
      const answer = await this.#client.post("/attempts/{attempt}/verify", {
        path: { attempt: this.#attempt },
        body: { birth_date: born, postcode: place, house_number: number, ...(chosen === null ? {} : { case: chosen }) },
      });
      this.patch({ result: answer.match ? "match" : "no_match", triesLeft: answer.tries_left });
      if (answer.match) this.#onMatch();
    });
  };

  /** The service says that this call was verified already (the page was loaded again). */
  readonly known = (match: boolean): void => this.patch({ result: match ? "match" : "no_match" });
}
