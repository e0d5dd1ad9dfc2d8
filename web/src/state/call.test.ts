import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { agent, card, FakeApi, settle } from "../testing/fake-api";
import { SERVED } from "../testing/script";
import { doubtStep, type Opening } from "../domain/script";
import { CallModel } from "./call";

const A = "019a0000-0000-7000-8000-00000000000a";
const K = "019a0000-0000-7000-8000-00000000000c";
const DOSSIER = { case: K, crisis: false, term_ends_at: "2026-12-01T00:00:00Z", signals: [], history: [], phones: [] };

function setUp(more: FakeApi["answers"] = {}, opening: Opening = "out"): { api: FakeApi; call: CallModel } {
  const api = new FakeApi({
    [`GET /attempts/${A}/draft`]: {},
    [`PUT /attempts/${A}/draft`]: null,
    [`GET /attempts/${A}/card`]: card(A),
    [`GET /attempts/${A}/dossier`]: DOSSIER,
    [`GET /attempts/${A}/script`]: SERVED,
    ...more,
  });
  const nothing = (): void => undefined;
  return { api, call: new CallModel({ client: api.client, attempt: A, opening, outcomes: () => [], onAgent: nothing, onFiled: nothing }) };
}

function say(call: CallModel, birth = "1-2-1980", code = "2711 ab", house = "12a"): void {
  call.identity.edit({ birth, postcode: code, house });
}

describe("a call that was asked for", () => {
  it("begins with the name, also when the card tells only later what it is", async () => {
    const { call } = setUp({ [`GET /attempts/${A}/card`]: card(A, { call_back: true, name: "", case: null }) });
    await call.loadScript();
    expect(call.script.get().run?.now).toBe("O1");
    await call.load();
    expect(call.script.get().run?.now).toBe("B1");
    call.dispose();
  });

  it("looks for whoever was named, and checks the one who was chosen", async () => {
    const { api, call } = setUp(
      {
        [`GET /attempts/${A}/card`]: card(A, { call_back: true, name: "", case: null }),
        [`POST /attempts/${A}/candidates`]: { items: [{ case: K, name: "A. Jansen" }] },
        [`POST /attempts/${A}/verify`]: { match: true, tries_left: 2 },
      },
      "call_back",
    );
    await call.load();
    await call.identity.search("Jansen");
    call.identity.choose(K);
    say(call);
    await call.identity.check();
    await settle();
    expect(api.body(`POST /attempts/${A}/verify`)).toMatchObject({ case: K });
    expect(call.script.get().run?.now).toBe("V1");
    call.dispose();
  });
});

describe("identity check", () => {
  it("does not send what cannot be right", async () => {
    const { api, call } = setUp();
    say(call, "31-2-1980", "27", "a");
    await call.identity.check();
    expect(call.identity.get().invalid).toEqual(["birth", "postcode", "house"]);
    expect(api.changes).toEqual([]);
    call.identity.edit({ house: "12" });
    expect(call.identity.get().invalid).toEqual(["birth", "postcode"]);
  });

  it("sends what was said, and opens dossier and script on a match", async () => {
    const { api, call } = setUp({ [`POST /attempts/${A}/verify`]: { match: true, tries_left: 2 } });
    await call.load();
    call.answer(1);
    call.answer(1);
    expect(call.script.get().run?.now).toBe("I1");
    say(call);
    await call.identity.check();
    await settle();
    expect(api.body(`POST /attempts/${A}/verify`)).toEqual({ birth_date: "1980-02-01", postcode: "2711AB", house_number: "12a" });
    expect(call.script.get().run?.now).toBe("V1");
    expect(call.dossier.get().data).toEqual(DOSSIER);
    await call.identity.check();
    expect(api.changes.filter((what) => what.endsWith("verify"))).toHaveLength(1);
    call.dispose();
  });

  it("never asks for the dossier without a match, and stops when no tries are left", async () => {
    const { api, call } = setUp({ [`POST /attempts/${A}/verify`]: { match: false, tries_left: 0 } });
    await call.load();
    say(call);
    await call.identity.check();
    await call.identity.check();
    await settle();
    expect(call.identity.get()).toMatchObject({ result: "no_match", triesLeft: 0 });
    expect(api.asked.filter(({ what }) => what.endsWith("verify"))).toHaveLength(1);
    expect(api.asked.some(({ what }) => what.endsWith("dossier"))).toBe(false);
  });

  it("inbound: candidates after a said name; the chosen case goes with the check", async () => {
    const { api, call } = setUp(
      {
        [`POST /attempts/${A}/candidates`]: { items: [{ case: K, name: "Jansen" }] },
        [`POST /attempts/${A}/verify`]: { match: false, tries_left: 1 },
      },
      "in",
    );
    await call.loadScript();
    expect(call.script.get().run?.now).toBe("N1");
    await call.identity.search(" Jansen ");
    expect(api.body(`POST /attempts/${A}/candidates`)).toEqual({ said_name: "Jansen" });
    expect(call.identity.get().chosen).toBe(K);
    say(call);
    await call.identity.check();
    expect(api.body(`POST /attempts/${A}/verify`)).toMatchObject({ case: K });
    call.identity.choose("other");
    expect(call.identity.get()).toMatchObject({ chosen: "other", result: "open" });
  });
});

describe("call", () => {
  it("is where it was after the page was loaded again", async () => {
    const { call } = setUp({
      [`GET /attempts/${A}/draft`]: { note: "n", answers: { path: "O1.1 O2.1 V1" } },
      [`GET /attempts/${A}/card`]: card(A, { verified: true }),
    });
    await call.load();
    await settle();
    expect(call.script.get().run?.now).toBe("V1");
    expect(call.verified).toBe(true);
    expect(call.dossier.get().data).toEqual(DOSSIER);
    expect(call.wrapUp.get().form.note).toBe("n");
  });

  it("proposes the outcome of the path, and takes it back with the path", async () => {
    const { call } = setUp();
    await call.load();
    call.answer(2);
    call.answer(1);
    expect(call.wrapUp.get().form.outcome).toBe("THIRD_PARTY");
    call.back();
    expect(call.wrapUp.get().form.outcome).toBeNull();
    call.dispose();
  });

  it("does not touch an outcome that the agent chose", async () => {
    const { call } = setUp();
    await call.load();
    call.wrapUp.edit({ outcome: "LANGUAGE" });
    call.answer(2);
    call.answer(1);
    expect(call.wrapUp.get().form.outcome).toBe("LANGUAGE");
    call.backTo(0);
    expect(call.script.get().run?.given).toEqual([]);
    call.dispose();
  });

  it("raises the crisis flag with the answer, beside other flags", async () => {
    const { call } = setUp({ [`GET /attempts/${A}/card`]: card(A, { verified: true }), [`GET /attempts/${A}/draft`]: { answers: { path: "V1" } } });
    await call.load();
    call.wrapUp.toggleFlag("COMPLAINT");
    call.answer(6);
    expect(call.wrapUp.get().form.flags).toEqual(["COMPLAINT", "CRISIS"]);
    call.dispose();
  });

  it("loads the card later when it could not be had at once", async () => {
    let there = false;
    const { api, call } = setUp();
    api.answers[`GET /attempts/${A}/card`] = () => (there ? card(A) : { status: 503, code: "unavailable" });
    await call.load();
    expect(call.card.get()).toBeNull();
    there = true;
    await call.load();
    expect(call.card.get()?.name).toBe("Jansen");
    expect(api.asked.filter(({ what }) => what.endsWith("/draft"))).toHaveLength(1);
  });

  it("says what was marked when it hangs up, so that nobody in a crisis is asked questions", async () => {
    const { call, api } = setUp({ [`POST /attempts/${A}/hang-up`]: agent({ state: "wrap_up" }) });
    const sent = () => api.asked.filter(({ what }) => what.endsWith("/hang-up")).map(({ body }) => body);
    await call.hangUp();
    call.wrapUp.edit({ flags: ["CRISIS"] });
    await call.hangUp();
    await call.hangUp(true);
    expect(sent()).toEqual([{}, { flags: ["CRISIS"] }, { flags: ["CRISIS"], no_survey: true }]);
  });

  it("keeps the error of a hang-up that failed", async () => {
    const { call, api } = setUp({ [`POST /attempts/${A}/hang-up`]: { status: 503, code: "unavailable" } });
    await call.hangUp();
    expect(call.ending.get().error?.code).toBe("unavailable");
    api.answers[`POST /attempts/${A}/hang-up`] = agent({ state: "wrap_up" });
    await call.hangUp();
    expect(call.ending.get()).toEqual({ busy: false, error: null });
  });
});

describe("the script of a call", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("is asked for again until the service has it, and then begins where the call is", async () => {
    const { api, call } = setUp({
      [`GET /attempts/${A}/script`]: { status: 404, code: "not-found" },
      [`GET /attempts/${A}/card`]: card(A, { direction: "in", name: "", case: null }),
    });
    await call.load();
    expect(call.script.get()).toMatchObject({ served: null, run: null, error: { code: "not-found" } });
    call.answer(1); // nothing to answer yet
    api.answers[`GET /attempts/${A}/script`] = { status: 503, code: "unavailable" };
    await vi.advanceTimersByTimeAsync(1000);
    expect(call.script.get().error?.code).toBe("unavailable");
    api.answers[`GET /attempts/${A}/script`] = SERVED;
    await vi.advanceTimersByTimeAsync(5000);
    expect(call.script.get()).toMatchObject({ run: { given: [], now: "N1" }, error: null });
    const asked = (): number => api.asked.filter(({ what }) => what.endsWith("/script")).length;
    const until = asked();
    expect(until).toBeGreaterThanOrEqual(3);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked()).toBe(until);
    call.dispose();
  });

  it("goes on from a check that matched before it was there", async () => {
    const { api, call } = setUp({
      [`GET /attempts/${A}/script`]: { status: 503, code: "unavailable" },
      [`POST /attempts/${A}/verify`]: { match: true, tries_left: 2 },
    });
    await call.load();
    say(call);
    await call.identity.check();
    api.answers[`GET /attempts/${A}/script`] = SERVED;
    await vi.advanceTimersByTimeAsync(5000);
    expect(call.script.get().run?.now).toBe("V1");
    call.dispose();
  });

  it("is not asked for again once it is there, refused, or the call is gone", async () => {
    const { api, call } = setUp();
    await call.load();
    await call.loadScript();
    expect(api.asked.filter(({ what }) => what.endsWith("/script"))).toHaveLength(1);
    const refused = setUp({ [`GET /attempts/${A}/script`]: { status: 403, code: "forbidden" } });
    await refused.call.load();
    const gone = setUp({ [`GET /attempts/${A}/script`]: { status: 503, code: "unavailable" } });
    await gone.call.load();
    gone.call.dispose();
    await vi.advanceTimersByTimeAsync(60_000);
    for (const one of [refused, gone]) expect(one.api.asked.filter(({ what }) => what.endsWith("/script"))).toHaveLength(1);
  });

  it("knows what its conditions ask", async () => {
    const { call } = setUp({
      [`GET /attempts/${A}/card`]: card(A, { attempt_number: 3, language: "en", verified: true }),
      [`GET /attempts/${A}/dossier`]: { ...DOSSIER, crisis: true, signals: [{ partner_type: "rent", signal_on: "2026-02-01", amount_band: "", crisis: true, warm_handover: false }] },
    });
    expect(call.known).toEqual({ verified: false, opening: "out", language: "", attempt: null, arrears: [], crisis: null });
    await call.load();
    await vi.advanceTimersByTimeAsync(0);
    expect(call.known).toEqual({ verified: true, opening: "out", language: "en", attempt: "again", arrears: ["rent"], crisis: true });
    call.dispose();
  });
});

describe("\u201cthis is a scam\u201d", () => {
  const willCall = { code: "WILL_CALL", label: "belt zelf terug", reached: "no", finalFor: "none", needs: [], secondKey: false } as const;
  const nothing = (): void => undefined;

  it("proposes that the resident rings back, and gives back what was chosen when he goes on", async () => {
    const { api } = setUp();
    const call = new CallModel({ client: api.client, attempt: A, opening: "out", outcomes: () => [willCall], onAgent: nothing, onFiled: nothing });
    await call.load();
    call.wrapUp.edit({ outcome: "CALL_LATER" });
    call.doubts();
    expect([call.doubt.get().shown, call.wrapUp.get().form.outcome]).toEqual([true, "WILL_CALL"]);
    call.doubts();
    expect([call.doubt.get().shown, call.wrapUp.get().form.outcome]).toEqual([false, "CALL_LATER"]);
    call.doubts();
    call.wrapUp.edit({ outcome: "REFUSED" }); // chosen since: it stays
    call.doubts();
    expect(call.wrapUp.get().form.outcome).toBe("REFUSED");
    call.dispose();
  });

  it("shows what to say also where the catalogue has no such outcome", async () => {
    const { call } = setUp();
    await call.load();
    call.doubts();
    expect([call.doubt.get().shown, call.wrapUp.get().form.outcome]).toEqual([true, null]);
    call.dispose();
  });

  it("is said with the script's own words, where it has them", () => {
    const [first] = SERVED.body.steps;
    if (first === undefined) throw new Error("no step");
    const end = { key: 1, label: { nl: "Klaar", en: "" }, to: null, outcome: "WILL_CALL", flag: null, files: null, when: [] };
    const step = { ...first, id: "W", audience: "anyone" as const, answers: [end] };
    expect(doubtStep({ ...SERVED.body, steps: [first, step] })).toBe(step);
    expect(doubtStep({ ...SERVED.body, steps: [{ ...step, audience: "resident" }, { ...step, answers: [end, { ...end, outcome: "REFUSED" }] }, { ...step, answers: [] }] })).toBeNull();
  });
});
