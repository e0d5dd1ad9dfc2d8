import { describe, expect, it } from "vitest";
import { ApiError } from "../api/errors";
import type { Token } from "../api/types";
import { tokenState } from "../domain/tokens";
import { FakeApi } from "../testing/fake-api";
import { SessionModel } from "./session";
import { TokensModel } from "./tokens";

const TOKEN: Token = { id: "t", name: "VPS", role: "client", client: "k", scopes: [], created_at: "2026-03-02T09:00:00Z", expires_at: "2026-06-02T09:00:00Z", revoked_at: null, renewed: false };

describe("keys of other systems", () => {
  it("get no more than their purpose needs; the secret is gone once it was seen", async () => {
    const api = new FakeApi({ "POST /tokens": { token: TOKEN, secret: "geheim" }, "GET /tokens": { items: [TOKEN] } });
    const model = new TokensModel(api.client);
    expect(await model.make(" VPS ", "results", "k", 90)).toBe(true);
    expect(api.body("POST /tokens")).toEqual({ name: "VPS", role: "client", client: "k", scopes: ["campaign.read", "export.read", "export.write"], days: 90 });
    expect(model.secret.get()).toBe("geheim");
    model.seen();
    expect(model.secret.get()).toBeNull();
    await model.make("Bord", "dashboard", "k", 30);
    expect(api.body("POST /tokens")).toMatchObject({ role: "monitor", client: null });
  });

  it("are renewed with an overlap, and the new secret is shown once", async () => {
    const api = new FakeApi({ "POST /tokens/t/renew": { token: TOKEN, secret: "nieuw" }, "GET /tokens": { items: [TOKEN] } });
    const model = new TokensModel(api.client);
    expect(await model.renew("t", 24, 90)).toBe(true);
    expect(api.body("POST /tokens/t/renew")).toEqual({ overlap_hours: 24, days: 90 });
    expect(model.secret.get()).toBe("nieuw");
  });

  it("are valid until they end or are revoked", () => {
    const end = Date.parse(TOKEN.expires_at) / 1000;
    expect(tokenState(TOKEN, end - 1)).toBe("valid");
    expect(tokenState(TOKEN, end)).toBe("expired");
    expect(tokenState({ ...TOKEN, revoked_at: TOKEN.created_at }, end - 1)).toBe("revoked");
  });
});

describe("my own password", () => {
  it("that was not right does not end the session", async () => {
    const api = new FakeApi({ "PUT /session/password": { status: 401, code: "sign-in-refused" } });
    const session = new SessionModel(api.client);
    const before = session.get();
    expect(await session.changePassword("fout", "een-nieuw-wachtwoord")).toBe(false);
    expect(session.changingPassword.get().error).toBeInstanceOf(ApiError);
    expect(session.get()).toBe(before);
  });
});
