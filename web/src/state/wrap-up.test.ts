import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiClient } from "../api/client";
import type { Outcome } from "../domain/outcomes";
import { WrapUp } from "./wrap-up";

const ATTEMPT = "019a0000-0000-7000-8000-000000000001";
const outcome = (code: string, more: Partial<Outcome> = {}): Outcome => ({
  code, label: code, reached: "no", finalFor: "none", needs: [], secondKey: false, ...more,
});
const OUTCOMES = [
  outcome("THIRD_PARTY"),
  outcome("HELP_WANTED", { secondKey: true, needs: ["verified", "note"] }),
  outcome("CALL_LATER", { needs: ["appointment"] }),
  outcome("HELP_OTHER", { needs: ["answer:need"] }),
];

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** A service that answers by path and method; `plan` gives the statuses, 0 is no answer. */
function setUp(plan: { draft?: number[]; outcome?: number[]; stored?: object; verified?: boolean } = {}): {
  model: WrapUp;
  sent: Sent[];
  filed: ReturnType<typeof vi.fn>;
} {
  const sent: Sent[] = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    const path = url.split("/").at(-1) ?? "";
    const method = init.method ?? "";
    if (method === "GET") return Promise.resolve(new Response(JSON.stringify(plan.stored ?? {})));
    sent.push({ method, path, body: JSON.parse(init.body as string) as Record<string, unknown> });
    const status = (path === "draft" ? plan.draft : plan.outcome)?.shift() ?? (path === "draft" ? 204 : 200);
    if (status === 0) return Promise.reject(new TypeError("net"));
    const body = status >= 400 ? { code: "x", title: "x", status, type: "about:blank" } : { user: "u" };
    return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status }));
  };
  const filed = vi.fn();
  const model = new WrapUp({
    client: new ApiClient({ fetch: fetch as typeof globalThis.fetch, language: () => "nl" }),
    attempt: ATTEMPT,
    outcomes: () => OUTCOMES,
    verified: () => plan.verified ?? true,
    onFiled: filed,
    random: () => 1,
  });
  return { model, sent, filed };
}

describe("wrap-up", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("keeps what is typed shortly after the last key, once", async () => {
    const { model, sent } = setUp();
    model.edit({ note: "a" });
    model.edit({ note: "ab" });
    expect(model.unsaved).toBe(true);
    await vi.advanceTimersByTimeAsync(799);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent.map(({ path, body }) => [path, body["note"]])).toEqual([["draft", "ab"]]);
    expect([model.get().draft, model.unsaved]).toEqual(["kept", false]);
  });

  it("tries again until the draft is kept, and warns meanwhile", async () => {
    const { model, sent } = setUp({ draft: [0, 503] });
    model.edit({ note: "a" });
    await vi.advanceTimersByTimeAsync(800);
    expect([model.get().draft, model.unsaved]).toEqual(["failing", true]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveLength(3);
    expect(model.get().draft).toBe("kept");
  });

  it("brings a kept draft back, appointment in Amsterdam time", async () => {
    const stored = { outcome: "CALL_LATER", flags: ["CRISIS", "OLD"], note: "n", appointment_at: "2026-11-24T08:30:00Z", answers: { path: "O1.0 O2", help: "other" } };
    const { model } = setUp({ stored });
    await model.restore();
    expect(model.get().form).toEqual({
      outcome: "CALL_LATER", flags: ["CRISIS"], note: "n", date: "2026-11-24", time: "09:30", slot: "", confirmBy: "", confirmTo: "", consent: false, answers: { help: "other" }, step: "O1.0 O2",
    });
  });

  it("does not overwrite what was typed before the draft came", async () => {
    const { model } = setUp({ stored: { note: "old" } });
    const restoring = model.restore();
    model.edit({ note: "new" });
    await restoring;
    expect(model.get().form.note).toBe("new");
  });

  it("says what is missing", () => {
    const { model } = setUp({ verified: false });
    model.file();
    expect(model.get().missing).toEqual(["outcome"]);
    model.edit({ outcome: "HELP_WANTED" });
    model.file();
    expect(model.get().missing).toEqual(["needs_identity", "note"]);
    model.edit({ outcome: "CALL_LATER", date: "2026-11-24" });
    model.file();
    expect(model.get().missing).toEqual(["appointment"]);
    model.edit({ outcome: "HELP_OTHER" });
    model.file();
    expect(model.get().missing).toEqual(["answer"]);
  });

  it("files once, and hands the agent's new view on", async () => {
    const { model, sent, filed } = setUp();
    model.edit({ outcome: "CALL_LATER", date: "2026-11-24", time: "09:30", flags: ["VULNERABLE"] });
    model.file();
    model.file();
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toEqual([
      {
        method: "PUT",
        path: "outcome",
        body: { outcome: "CALL_LATER", flags: ["VULNERABLE"], note: "", answers: {}, confirmed: false, appointment_at: "2026-11-24T08:30:00.000Z" },
      },
    ]);
    expect(filed).toHaveBeenCalledOnce();
    expect([model.get().filing, model.unsaved]).toEqual(["filed", false]);
  });

  it("leaves out a time that belonged to another outcome", async () => {
    const { model, sent } = setUp();
    model.edit({ outcome: "CALL_LATER", date: "2026-11-24", time: "09:30" });
    model.edit({ outcome: "HELP_OTHER", answers: { need: "other" } });
    model.file();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.at(-1)?.body).toEqual({ outcome: "HELP_OTHER", flags: [], note: "", answers: { need: "other" }, confirmed: false });
  });

  it("asks for the second key, and forgets the first when something changes", async () => {
    const { model, sent } = setUp();
    model.edit({ outcome: "HELP_WANTED", note: "wil hulp" });
    model.file();
    expect(model.get().filing).toBe("confirm");
    model.edit({ note: "wil graag hulp" });
    expect(model.get().filing).toBe("open");
    model.file();
    model.reconsider();
    expect(model.get().filing).toBe("open");
    model.file();
    model.file();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.at(-1)?.body).toMatchObject({ outcome: "HELP_WANTED", confirmed: true });
  });

  it("sends the same filing again until it is answered", async () => {
    const { model, sent, filed } = setUp({ outcome: [0, 503, 200] });
    model.edit({ outcome: "THIRD_PARTY" });
    model.file();
    await vi.advanceTimersByTimeAsync(0);
    expect([model.get().filing, model.unsaved]).toEqual(["resending", true]);
    model.edit({ note: "too late" });
    await vi.advanceTimersByTimeAsync(3000);
    const filings = sent.filter(({ path }) => path === "outcome");
    expect(filings).toHaveLength(3);
    expect(new Set(filings.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(filed).toHaveBeenCalledOnce();
  });

  it("shows a refusal and lets the agent mend it", async () => {
    const { model } = setUp({ outcome: [422, 200] });
    model.edit({ outcome: "THIRD_PARTY" });
    model.file();
    await vi.advanceTimersByTimeAsync(0);
    expect(model.get()).toMatchObject({ filing: "refused", error: { status: 422 } });
    model.edit({ note: "x" });
    model.file();
    await vi.advanceTimersByTimeAsync(0);
    expect(model.get().filing).toBe("filed");
  });

  it("keeps at once when the screen leaves it, and does nothing once disposed", async () => {
    const { model, sent } = setUp();
    model.edit({ note: "a" });
    await model.flush();
    expect(sent).toHaveLength(1);
    model.edit({ note: "b" });
    model.dispose();
    model.edit({ note: "c" });
    model.file();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
  });

  it("adds and takes away flags", () => {
    const { model } = setUp();
    model.toggleFlag("CRISIS");
    model.toggleFlag("COMPLAINT");
    model.toggleFlag("CRISIS");
    expect(model.get().form.flags).toEqual(["COMPLAINT"]);
  });
});
