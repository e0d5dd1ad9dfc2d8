import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ScriptDraft, ScriptLine } from "../api/types";
import { changeStep } from "../domain/script-edit";
import { FakeApi } from "../testing/fake-api";
import { SERVED } from "../testing/script";
import { ScriptEditor, ScriptsModel } from "./script-editor";
import { CampaignScript, ScriptReview } from "./script-review";

const S = "019a0000-0000-7000-8000-0000000000f1";
const V = "019a0000-0000-7000-8000-0000000000f2";
const PUT = `PUT /scripts/${S}/draft`;

function line(version: number): ScriptLine {
  return { id: S, client: "c", name: "Proef", newest: 1, approved: 1, waiting: null, draft_version: version, draft_at: "2026-03-02T09:00:00Z", draft_by: "", draft_differs: false };
}

function draft(version: number, more: Partial<ScriptDraft> = {}): ScriptDraft {
  return { line: line(version), body: SERVED.body, problems: [], changes: [], ...more };
}

const VERSION = { id: V, number: 1, note: "", same_as: null, at: "2026-03-02T09:00:00Z", by: "", state: "waiting", decided_at: null, decided_by: "", decided_note: "", changes: [] };

let api: FakeApi;
let editor: ScriptEditor;

beforeEach(async () => {
  vi.useFakeTimers();
  api = new FakeApi({ [`GET /scripts/${S}/draft`]: draft(4), [`GET /scripts/${S}/versions`]: { items: [VERSION] }, [PUT]: draft(5, { problems: [{ code: "empty", step: "O1", where: "say", text: "x", blocking: true }] }) });
  editor = new ScriptEditor(api.client, S);
  await editor.load();
});
afterEach(() => vi.useRealTimers());

const say = (nl: string): void => editor.edit((script) => changeStep(script, "O1", { say: { nl, en: "" } }));
const saves = (): number => api.changes.filter((what) => what === PUT).length;

describe("script editor", () => {
  it("opens the first step, and keeps what is typed once the keys rest", async () => {
    expect(editor.get()).toMatchObject({ open: "O1", kept: "kept" });
    say("D");
    say("Dag");
    expect(editor.unsaved).toBe(true);
    await vi.advanceTimersByTimeAsync(799);
    expect(saves()).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(saves()).toBe(1);
    expect(editor.get()).toMatchObject({ kept: "kept", problems: [{ code: "empty" }], line: { draft_version: 5 } });
    expect(editor.get().script?.steps[0]?.say.nl).toBe("Dag");
  });

  it("does not save what changes nothing", async () => {
    editor.edit((script) => script);
    await vi.advanceTimersByTimeAsync(5000);
    expect(saves()).toBe(0);
  });

  it("saves again what was typed while the answer was on its way", async () => {
    say("Eerst");
    const flushed = editor.flush();
    say("Daarna");
    await flushed;
    expect(editor.get()).toMatchObject({ kept: "dirty" });
    expect(editor.get().script?.steps[0]?.say.nl).toBe("Daarna");
    await vi.advanceTimersByTimeAsync(800);
    expect(saves()).toBe(2);
    expect(editor.get().kept).toBe("kept");
  });

  it("tries again while the service is away, and says what it refuses", async () => {
    api.answers[PUT] = { status: 503, code: "unavailable" };
    say("Dag");
    await vi.advanceTimersByTimeAsync(800);
    expect(editor.get().kept).toBe("failing");
    api.answers[PUT] = { status: 413, code: "too-large" };
    await vi.advanceTimersByTimeAsync(5000);
    expect(editor.get()).toMatchObject({ kept: "refused", error: { code: "too-large" } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(saves()).toBe(2);
  });

  it("asks whose draft stays when somebody else was first, and goes on with theirs", async () => {
    api.answers[PUT] = { status: 412, code: "changed-since" };
    say("Van mij");
    await vi.advanceTimersByTimeAsync(800);
    expect(editor.get().kept).toBe("conflict");
    say("Nog meer van mij");
    await vi.advanceTimersByTimeAsync(5000);
    expect(saves()).toBe(1);
    await editor.settle("theirs");
    expect(editor.get().script?.steps[0]?.say.nl).toBe("Dag {aanhef}");
    expect(editor.get().kept).toBe("kept");
  });

  it("puts mine over theirs when I say so", async () => {
    api.answers[PUT] = { status: 412, code: "changed-since" };
    say("Van mij");
    await vi.advanceTimersByTimeAsync(800);
    api.answers[`GET /scripts/${S}/draft`] = draft(9);
    api.answers[PUT] = draft(10);
    await editor.settle("mine");
    expect(saves()).toBe(2);
    expect(editor.get()).toMatchObject({ kept: "kept", line: { draft_version: 10 } });
    expect(editor.get().script?.steps[0]?.say.nl).toBe("Van mij");
  });

  it("makes a version of what was kept, and loads anew", async () => {
    api.answers[`POST /scripts/${S}/versions`] = VERSION;
    say("Dag");
    expect(await editor.publish(" nieuwe opening ")).toBe(true);
    expect(saves()).toBe(1);
    expect(api.body(`POST /scripts/${S}/versions`)).toEqual({ note: "nieuwe opening" });
    api.answers[PUT] = { status: 503, code: "unavailable" };
    say("Hallo");
    expect(await editor.publish("nog een")).toBe(false);
  });

  it("goes back to an earlier version", async () => {
    api.answers[`POST /scripts/${S}/roll-back`] = VERSION;
    expect(await editor.rollBack(V, "klachten")).toBe(true);
    expect(api.body(`POST /scripts/${S}/roll-back`)).toEqual({ to: V, note: "klachten" });
    api.answers[`POST /scripts/${S}/roll-back`] = { status: 409, code: "script-unchanged" };
    expect(await editor.rollBack(V, "klachten")).toBe(false);
    expect(editor.acting.get().error?.code).toBe("script-unchanged");
  });

  it("keeps the error of a draft that could not be read", async () => {
    api.answers[`GET /scripts/${S}/draft`] = { status: 404, code: "not-found" };
    const other = new ScriptEditor(api.client, S);
    await other.load();
    expect(other.get()).toMatchObject({ script: null, error: { code: "not-found" } });
    other.edit((script) => script);
    await other.settle("mine");
    expect(saves()).toBe(0);
  });
});

describe("scripts", () => {
  it("are made for a client", async () => {
    api.answers["POST /scripts"] = { ...line(1) };
    const model = new ScriptsModel(api.client);
    expect(await model.make("c", " Kort ")).toBe(S);
    expect(api.body("POST /scripts")).toEqual({ client: "c", name: "Kort" });
    api.answers["POST /scripts"] = { status: 409, code: "conflict" };
    expect(await model.make("c", "Kort")).toBeNull();
  });

  it("are read and decided on, and read again when somebody was first", async () => {
    api.answers[`GET /script-versions/${V}`] = { script: S, name: "Proef", shipped: false, version: V, number: 1, body: SERVED.body };
    api.answers[`POST /script-versions/${V}/decision`] = { status: 409, code: "script-decided" };
    const review = new ScriptReview(api.client, S);
    await review.load();
    expect(review.newest.get().data?.number).toBe(1);
    expect(await review.decide(V, "approved", "")).toBe(false);
    api.answers[`GET /scripts/${S}/versions`] = { items: [] };
    api.answers[`POST /script-versions/${V}/decision`] = VERSION;
    expect(await review.decide(V, "refused", " te streng ")).toBe(true);
    expect(api.body(`POST /script-versions/${V}/decision`)).toEqual({ decision: "refused", note: "te streng" });
    expect(review.newest.get().data).toBeNull();
  });

  it("are chosen for a campaign", async () => {
    api.answers["PUT /campaigns/k/script"] = { script: S, name: "Proef", shipped: false, version: V, number: 1, body: SERVED.body };
    const model = new CampaignScript(api.client, "k");
    expect(await model.choose(S)).toBe(true);
    expect(model.now.get().data?.name).toBe("Proef");
  });
});
