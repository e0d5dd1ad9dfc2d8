/** Skills as data, and who of the team has which. */

import { type ApiClient, newKey } from "../api/client";
import type { AgentAbilities, Skill } from "../api/types";
import { Action, Query } from "./query";

export interface Known {
  readonly items: readonly Skill[];
  /** Codes of languages that an agent may speak beside Dutch. */
  readonly languages: readonly string[];
}

export function knownSkills(client: ApiClient): Query<Known> {
  return new Query<Known>(() => client.get("/skills"));
}

export class SkillsModel {
  readonly known: Query<Known>;
  readonly team: Query<readonly AgentAbilities[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.known = knownSkills(client);
    this.team = new Query<readonly AgentAbilities[]>(async () => (await client.get("/team/abilities")).items);
  }

  readonly load = async (): Promise<void> => {
    await Promise.all([this.known.reload(), this.team.reload()]);
  };

  readonly add = async (dutch: string, english: string): Promise<boolean> =>
    this.#act(() => this.#client.post("/skills", { body: { dutch: dutch.trim(), english: english.trim() }, idempotencyKey: newKey() }));

  readonly change = async (skill: Skill, dutch: string, english: string): Promise<boolean> => this.#patch(skill, { dutch: dutch.trim(), english: english.trim() });

  readonly archive = async (skill: Skill, archived: boolean): Promise<boolean> => this.#patch(skill, { archived });

  readonly give = async ({ user, version }: AgentAbilities, languages: readonly string[], skills: readonly string[]): Promise<boolean> =>
    this.#act(() => this.#client.put("/users/{user}/abilities", { path: { user }, ifMatch: version, body: { languages: [...languages], skills: [...skills] } }));

  #patch(skill: Skill, body: object): Promise<boolean> {
    return this.#act(() => this.#client.patch("/skills/{skill}", { path: { skill: skill.id }, ifMatch: skill.version, body }));
  }

  /** Everything is read anew whether or not it was done: a refusal means that it is another list. */
  async #act(work: () => Promise<unknown>): Promise<boolean> {
    const done = await this.acting.run(async () => {
      await work();
    });
    await this.load();
    return done;
  }
}
