import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiClient, newKey } from "./client";
import { type ApiError, asApiError } from "./errors";

const ID = "019a0000-0000-7000-8000-000000000001";

function answering(...responses: (Response | Error)[]): { client: ApiClient; calls: [string, RequestInit][] } {
  const calls: [string, RequestInit][] = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    calls.push([url, init]);
    const next = responses.shift();
    if (next === undefined) return new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  return { client: new ApiClient({ fetch: fetch as typeof globalThis.fetch, language: () => "nl" }), calls };
}

function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  return promise.then(
    () => {
      throw new Error("should have failed");
    },
    (error: unknown) => asApiError(error),
  );
}

describe("client", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("fills paths and queries, leaving out what is not given", async () => {
    const { client, calls } = answering(json({ items: [], next: null }), json({}));
    await client.get("/cases", { query: { campaign: ID, state: "open", crisis: false, cursor: "" } });
    await client.get("/cases/{case}", { path: { case: "a/../b" } });
    expect(calls[0]?.[0]).toBe(`/api/v1/cases?campaign=${ID}&state=open&crisis=false`);
    expect(calls[1]?.[0]).toBe("/api/v1/cases/a%2F..%2Fb");
  });

  it("sends CSRF token, key and version only where they belong", async () => {
    const { client, calls } = answering(json({}), json({}), json({}));
    client.csrf = "token";
    await client.get("/floor");
    await client.post("/cases/{case}/withdraw", { path: { case: ID }, body: { reason: "verhuisd" }, idempotencyKey: "12345678" });
    await client.patch("/campaigns/{campaign}", { path: { campaign: ID }, body: { name: "x" }, ifMatch: 3 });
    const headers = calls.map(([, init]) => init.headers as Record<string, string>);
    expect(headers[0]).not.toHaveProperty("X-CSRF-Token");
    expect(headers[1]).toMatchObject({ "X-CSRF-Token": "token", "Idempotency-Key": "12345678", "Content-Type": "application/json" });
    expect(headers[2]).toMatchObject({ "If-Match": '"3"' });
    expect(calls[1]?.[1].body).toBe('{"reason":"verhuisd"}');
  });

  it("turns a problem into an error with its code", async () => {
    const problem = { type: "about:blank", title: "Nee", status: 409, code: "conflict" };
    const { client } = answering(json(problem, 409));
    const error = await failure(client.get("/floor"));
    expect([error.code, error.status, error.message, error.passing]).toEqual(["conflict", 409, "Nee", false]);
  });

  it("keeps its head when an error is no problem document", async () => {
    const { client } = answering(new Response("<html>", { status: 502 }));
    const error = await failure(client.get("/floor"));
    expect([error.code, error.passing]).toEqual(["http-502", true]);
  });

  it("says unreachable for no network, and for no answer in time", async () => {
    const { client } = answering(new TypeError("net"));
    expect((await failure(client.get("/floor"))).code).toBe("unreachable");
    const late = failure(client.get("/floor"));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await late).toMatchObject({ code: "unreachable", status: 0, passing: true });
  });

  it("tells when the session is gone, but not for a wrong password", async () => {
    const { client } = answering(json({ code: "unauthenticated" }, 401), json({ code: "unauthenticated" }, 401));
    const gone = vi.fn();
    client.onSignedOut = gone;
    await failure(client.post("/session", { body: { login: "a", password: "b" } }));
    expect(gone).not.toHaveBeenCalled();
    await failure(client.get("/floor"));
    expect(gone).toHaveBeenCalledOnce();
  });

  it("gives nothing for no content", async () => {
    const { client } = answering(new Response(null, { status: 204 }));
    await expect(client.delete("/session")).resolves.toBeUndefined();
  });

  it("takes the service's clock when its own is clearly off", async () => {
    vi.setSystemTime("2026-11-23T09:00:00Z");
    const { client } = answering(
      json({}, 200, { date: "Mon, 23 Nov 2026 09:00:01 GMT" }),
      json({}, 200, { date: "Mon, 23 Nov 2026 09:05:00 GMT" }),
    );
    await client.get("/floor");
    expect(client.now()).toBe(Date.now() / 1000);
    await client.get("/floor");
    expect(client.now()).toBe(Date.now() / 1000 + 300);
  });

  it("does not hide faults of our own", () => {
    expect(() => asApiError(new TypeError("ours"))).toThrow("ours");
  });

  it("makes keys the service accepts, each another", () => {
    expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
    expect(newKey()).not.toBe(newKey());
  });
});
