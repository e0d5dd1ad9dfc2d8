import { describe, expect, it, vi } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { SessionModel } from "./session";

const USER = { id: "u", login: "noor", display_name: "Noor", role: "agent", client: null, language: "nl", disabled: false, created_at: "", version: 1 };
const SESSION = { user: USER, permissions: ["duty"], csrf_token: "t", expires_at: "2026-11-23T18:00:00Z", locked: false, lock_after_seconds: 600, stage: "open" };

describe("session", () => {
  it("knows at the start whether somebody is signed in", async () => {
    const api = new FakeApi({ "GET /session": { status: 401, code: "not-signed-in" } });
    const session = new SessionModel(api.client);
    await session.refresh();
    expect(session.get()).toEqual({ kind: "signed_out", expired: false });
    api.answers["GET /session"] = SESSION;
    await session.refresh();
    expect(session.get()).toMatchObject({ kind: "signed_in", user: { login: "noor" } });
    expect(api.client.csrf).toBe("t");
  });

  it("is unreachable without an answer, but leaves a signed-in user in", async () => {
    const api = new FakeApi({ "GET /session": { status: 0, code: "" } });
    const session = new SessionModel(api.client);
    await session.refresh();
    expect(session.get().kind).toBe("unreachable");
    api.answers["GET /session"] = SESSION;
    await session.refresh();
    api.answers["GET /session"] = { status: 503, code: "unavailable" };
    await session.refresh();
    expect(session.get().kind).toBe("signed_in");
  });

  it("signs in with a tidy login, and keeps a refusal", async () => {
    const api = new FakeApi({ "POST /session": { status: 401, code: "sign-in-refused" } });
    const session = new SessionModel(api.client);
    expect(await session.signIn(" Noor ", "x")).toBe(false);
    expect(session.signingIn.get().error?.code).toBe("sign-in-refused");
    api.answers["POST /session"] = SESSION;
    expect(await session.signIn(" Noor ", "y")).toBe(true);
    expect(api.body("POST /session")).toEqual({ login: "noor", password: "y" });
  });

  it("asks for a code after the password, and a wrong one leaves the password behind", async () => {
    const api = new FakeApi({ "POST /session": { ...SESSION, permissions: [], stage: "code" }, "POST /session/code": { status: 401, code: "code-refused" } });
    const session = new SessionModel(api.client);
    expect(await session.signIn("noor", "x")).toBe(true);
    expect(session.get()).toMatchObject({ kind: "second_step", stage: "code", user: { login: "noor" } });
    expect(await session.prove("000000")).toBe(false);
    expect(session.proving.get().error?.code).toBe("code-refused");
    expect(session.get().kind).toBe("second_step");
    api.answers["POST /session/code"] = { ...SESSION, csrf_token: "t2" };
    expect(await session.prove("123456")).toBe(true);
    expect(session.get().kind).toBe("signed_in");
    expect(api.client.csrf).toBe("t2");
  });

  it("is asked for a code also when another tab went that far, and says when the time for it is over", async () => {
    const api = new FakeApi({ "GET /session": { ...SESSION, stage: "enrol" }, "GET /floor": { status: 403, code: "second-factor-first" }, "POST /session/code": { status: 401, code: "not-signed-in" } });
    const session = new SessionModel(api.client);
    await api.client.get("/floor").catch(() => undefined);
    await vi.waitFor(() => expect(session.get()).toMatchObject({ kind: "second_step", stage: "enrol" }));
    expect(await session.prove("123456")).toBe(false);
    expect(session.get()).toEqual({ kind: "signed_out", expired: true });
  });

  it("tells an ended session from signing out, and forgets the token in both", async () => {
    const api = new FakeApi({ "GET /session": SESSION, "DELETE /session": null, "GET /floor": { status: 401, code: "not-signed-in" } });
    const session = new SessionModel(api.client);
    await session.refresh();
    await api.client.get("/floor").catch(() => undefined);
    expect(session.get()).toEqual({ kind: "signed_out", expired: true });
    expect(api.client.csrf).toBeNull();
    await session.refresh();
    await session.signOut();
    expect(session.get()).toEqual({ kind: "signed_out", expired: false });
  });

  it("is signed out also when the service had ended the session before", async () => {
    const api = new FakeApi({ "GET /session": SESSION, "DELETE /session": { status: 401, code: "not-signed-in" } });
    const session = new SessionModel(api.client);
    await session.refresh();
    await session.signOut();
    expect(session.get().kind).toBe("signed_out");
  });

  it("is locked after a reload too, and opens with the password", async () => {
    const api = new FakeApi({ "GET /session": { ...SESSION, locked: true }, "PUT /session/unlock": { status: 401, code: "sign-in-refused" } });
    const session = new SessionModel(api.client);
    await session.refresh();
    expect(session.get()).toMatchObject({ kind: "locked", user: { login: "noor" } });
    expect(await session.unlock("x")).toBe(false);
    expect(session.get().kind).toBe("locked");
    api.answers["PUT /session/unlock"] = SESSION;
    expect(await session.unlock("y")).toBe(true);
    expect(session.get()).toMatchObject({ kind: "signed_in", lockAfter: 600 });
  });

  it("locks, out of reach of the service too, but not while a call may come", async () => {
    const api = new FakeApi({ "GET /session": SESSION, "PUT /session/lock": { status: 409, code: "lock-on-duty" } });
    const session = new SessionModel(api.client);
    await session.refresh();
    expect(await session.lock()).toBe(false);
    expect(session.get().kind).toBe("signed_in");
    api.answers["PUT /session/lock"] = { status: 0, code: "" };
    await session.lock();
    expect(session.get().kind).toBe("locked");
  });

  it("finds out when another tab locked the screen or signed out", async () => {
    const api = new FakeApi({ "GET /session": SESSION, "GET /floor": { status: 423, code: "session-locked" } });
    const session = new SessionModel(api.client);
    await session.refresh();
    api.answers["GET /session"] = { ...SESSION, locked: true };
    await api.client.get("/floor").catch(() => undefined);
    await vi.waitFor(() => expect(session.get().kind).toBe("locked"));
    api.answers["GET /session"] = SESSION;
    await session.refresh();
    api.answers["GET /session"] = { status: 0, code: "" };
    await session.ended();
    expect(session.get().kind).toBe("signed_out");
  });
});
