/** The recording of the call in hand. How it stands, only the service tells: see `agent.recording`. */

import type { ApiClient } from "../api/client";
import type { Agent } from "../api/types";
import { Action } from "./query";

export type RecordingWish = "agreed" | "pause" | "resume" | "refuse";

/** What the agent can do, the usual next step first. */
const WISHES: Readonly<Record<Agent["recording"], readonly RecordingWish[]>> = {
  "": ["agreed", "refuse"],
  starting: ["pause", "refuse"],
  running: ["pause", "refuse"],
  paused: ["resume", "refuse"],
  failed: ["resume", "refuse"],
  refused: [],
};

/** `talking` false: the call is over, and all that is left is to have it deleted. */
export function wishes(recording: Agent["recording"], talking: boolean): readonly RecordingWish[] {
  return WISHES[recording].filter((wish) => talking || wish === "refuse");
}

export class RecordingModel {
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #attempt: string;
  readonly #onAgent: (agent: Agent) => void;

  constructor(client: ApiClient, attempt: string, onAgent: (agent: Agent) => void) {
    this.#client = client;
    this.#attempt = attempt;
    this.#onAgent = onAgent;
  }

  readonly wish = async (wish: RecordingWish): Promise<boolean> =>
    this.acting.run(async () => {
      this.#onAgent(await this.#client.put("/attempts/{attempt}/recording", { path: { attempt: this.#attempt }, body: { wish } }));
    });
}
