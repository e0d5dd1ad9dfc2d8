import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { SessionModel } from "./session";

const USER = { id: "u", login: "noor", display_name: "Noor", role: "agent", client: null, language: "nl", disabled: false, created_at: "", version: 1 };
const SESSION = { user: USER, permissions: ["duty"], csrf_token: "t", expires_at: "2026-11-23T18:00:00Z" };

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
});
