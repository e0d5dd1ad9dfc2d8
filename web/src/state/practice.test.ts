import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Agent, Slot } from "../api/types";
import { catalogueOutcome, FakeApi, settle } from "../testing/fake-api";
import { scenario } from "../testing/practice";
import { SCRIPT } from "../testing/script";
import type { PracticeScenario } from "../api/types";
import type { CallModel } from "./call";
import { PracticeModel, type PracticeTalk } from "./practice";

const WORDS = { municipality: "Voorbeeldstad", neutralName: "Het Gesprek", crisisDesk: "Crisisdienst", place: "Stadhuis" };
const OUTCOMES = [
  catalogueOutcome("HELP_WANTED", { reached: "yes", needs: ["verified"] }),
  catalogueOutcome("HELP_APPOINTMENT", { reached: "yes", needs: ["verified", "visit"] }),
  catalogueOutcome("VOICEMAIL"),
];

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

interface Begun {
  readonly api: FakeApi;
  readonly model: PracticeModel;
  readonly talk: PracticeTalk;
  readonly agent: () => Agent | null;
  readonly call: () => CallModel;
}

async function begin(more: Partial<PracticeScenario> = {}): Promise<Begun> {
  const api = new FakeApi({
    "GET /practice": { version: 3, pass_mark: 80, health_words: ["ziek"], scenarios: [scenario(more)], script: SCRIPT },
    "GET /agents/me/practice": { version: 3, passed_at: null, needed_by: [], tour_seen: true, results: [] },
    "GET /outcomes": { items: OUTCOMES },
    "POST /practice/results": { score: 100, passed: true, mine: { version: 3, passed_at: null, needed_by: [], tour_seen: true, results: [] } },
  });
  const model = new PracticeModel({ client: api.client, language: () => "nl" });
  await model.open();
  model.begin("help", { id: "me", name: "Noor" }, WORDS);
  const talk = model.talk.get();
  if (talk === null) throw new Error("no conversation began");
  talk.desk.open();
  await pass(0);
  return {
    api, model, talk,
    agent: () => talk.hub.get().agent,
    call: () => {
      const call = talk.desk.call.get();
      if (call === null) throw new Error("there is no call");
      return call;
    },
  };
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
}

/** Until the resident has answered, with the script on the screen. */
async function answered({ call }: Begun): Promise<void> {
  await pass(3000);
  expect(call().script.get().run?.now).toBe("O1");
}

async function checked({ call }: Begun): Promise<void> {
  call().answer(1);
  call().answer(1);
  call().identity.edit({ birth: "14-3-1968", postcode: "2712 ab", house: "14" });
  await call().identity.check();
  await settle();
}

describe("a conversation", () => {
  it("rings, is answered, and is judged when it was filed; the real service hears the points alone", async () => {
    const begun = await begin();
    const { api, model, talk, agent, call } = begun;
    expect(agent()?.state).toBe("available");
    await pass(800);
    expect(agent()?.state).toBe("reserved");
    await answered(begun);
    expect(call().card.get()?.name).toBe("Zonneveld");
    talk.reply("O2", 1);
    talk.reply("O2", 0); // what was said was said
    expect(talk.get().replies).toEqual({ O2: 1 });
    await checked(begun);
    expect(call().script.get().run?.now).toBe("V1");
    expect(call().dossier.get().data?.signals[0]?.partner_type).toBe("rent");
    for (const key of [1, 1, 4]) call().answer(key);
    await call().hangUp();
    expect(agent()?.state).toBe("wrap_up");
    call().wrapUp.edit({ outcome: "HELP_WANTED", note: "Belt liever 's avonds." });
    call().wrapUp.file();
    await pass(0);
    expect(model.result.get()).toMatchObject({ score: 100, passed: true });
    expect(model.result.get()?.judged.every(({ met }) => met)).toBe(true);
    expect(api.changes).toEqual(["POST /practice/results"]);
    expect(api.body("POST /practice/results")).toEqual({
      version: 3,
      scenario: "help",
      points: ["identity", "answers", "replies", "ending", "outcome", "note"].map((point) => ({ point, met: true })),
    });
    expect(JSON.stringify(api.asked)).not.toContain("avonds");
  });

  it("gives nothing before the check, and locks after three wrong tries", async () => {
    const begun = await begin();
    await answered(begun);
    const { call, talk } = begun;
    await call().dossier.reload();
    expect(call().dossier.get().error?.code).toBe("not-verified");
    call().identity.edit({ birth: "15-3-1968", postcode: "2712AB", house: "14" });
    for (const left of [2, 1, 0]) {
      await call().identity.check();
      expect(call().identity.get()).toMatchObject({ result: "no_match", triesLeft: left });
    }
    expect(talk.get().matched).toBe(false);
  });

  it("refuses a citizen service number as the real service does, and remembers that it was tried", async () => {
    const begun = await begin();
    await answered(begun);
    await checked(begun);
    const { call, model } = begun;
    await call().hangUp();
    call().wrapUp.edit({ outcome: "HELP_WANTED", note: "123456782" });
    call().wrapUp.file();
    await pass(0);
    expect(call().wrapUp.get()).toMatchObject({ filing: "refused", error: { code: "bsn" } });
    call().wrapUp.edit({ note: "" });
    call().wrapUp.file();
    await pass(0);
    expect(model.result.get()?.judged.filter(({ met }) => !met).map(({ point }) => point)).toEqual(["replies", "ending", "note"]);
  });

  it("lets somebody else be quicker with the first time, where the conversation has it so", async () => {
    const begun = await begin({ slot: { from: "00:00", first_is_taken: true }, outcomes: ["HELP_APPOINTMENT"], points: ["appointment"] });
    await answered(begun);
    await checked(begun);
    const { call, talk } = begun;
    await call().hangUp();
    call().wrapUp.edit({ outcome: "HELP_APPOINTMENT" });
    await call().slots.list.reload();
    const [first, second] = call().slots.list.get().data?.items as Slot[];
    await call().slots.choose(first?.id ?? "");
    expect(call().slots.holding.get().error?.code).toBe("slot-taken");
    expect(call().slots.list.get().data?.items.map(({ id }) => id)).not.toContain(first?.id);
    await call().slots.choose(second?.id ?? "");
    expect(talk.get().slots).toEqual({ [second?.id ?? ""]: second?.starts_at });
    call().wrapUp.file();
    await pass(0);
    expect(begun.model.result.get()?.judged).toEqual([{ point: "appointment", met: true, details: [] }]);
  });

  it("rings the crisis desk by two keys, and hands over", async () => {
    const begun = await begin({ crisis_desk: true, flags: ["CRISIS"] });
    await answered(begun);
    await checked(begun);
    const { call, agent, talk } = begun;
    call().transfer.toggle("crisis");
    await settle();
    await call().crisis();
    expect(talk.get().crisisDesk).toBe(true);
    expect(agent()?.transfer?.state).toBe("ringing");
    await pass(1500);
    expect(agent()?.transfer?.state).toBe("asking");
    await call().transfer.step("gather");
    expect(agent()?.transfer?.state).toBe("together");
    await call().transfer.step("leave");
    expect([agent()?.state, talk.get().ending]).toEqual(["wrap_up", "handed"]);
    expect(call().wrapUp.get().form.flags).toEqual(["CRISIS"]);
  });

  it("is over with the key for a machine", async () => {
    const begun = await begin({ ending: "voicemail", verifies: false, outcomes: ["VOICEMAIL"], points: ["identity", "ending", "outcome", "note"] });
    await answered(begun);
    await begun.call().voicemail();
    await pass(0);
    expect(begun.model.result.get()?.judged.every(({ met }) => met)).toBe(true);
  });

  it("has no way to anything but itself", async () => {
    const { talk, api } = await begin();
    const before = api.asked.length;
    await talk.desk.act("off_duty");
    expect(talk.desk.duty.get().error?.code).toBe("practice");
    await talk.desk.grantDevice();
    expect(talk.desk.granting.get().error?.code).toBe("practice");
    await expect(talk.client.get("/campaigns")).rejects.toMatchObject({ code: "not-found" });
    expect(api.asked.length).toBe(before);
  });

  it("stops with the page: nothing rings any more", async () => {
    const { model, talk } = await begin();
    model.leave();
    await pass(5000);
    expect([talk.hub.get().agent, model.talk.get()]).toEqual([null, null]);
  });
});

it("a score that did not arrive is sent again, as the same one", async () => {
  const begun = await begin({ ending: "voicemail", verifies: false, outcomes: ["VOICEMAIL"], points: ["outcome"] });
  const { api, model } = begun;
  const good = api.answers["POST /practice/results"];
  api.answers["POST /practice/results"] = { status: 503, code: "unavailable" };
  await answered(begun);
  await begun.call().voicemail();
  await pass(0);
  expect(model.result.get()?.score).toBeNull();
  expect(model.reporting.get().error?.code).toBe("unavailable");
  api.answers["POST /practice/results"] = good ?? null;
  await model.report();
  expect(model.result.get()?.score).toBe(100);
  await model.report();
  expect(api.changes).toHaveLength(2);
});
