import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { SignInRulesModel, UserAccessModel } from "./access";

const FACTOR = { active: true, since: "2026-03-02T09:00:00Z", recovery_left: 10, required: true };

describe("how somebody gets in", () => {
  it("takes a second factor away with a reason", async () => {
    const api = new FakeApi({ "GET /users/u/access": { second_factor: FACTOR }, "POST /users/u/second-factor/reset": null });
    const model = new UserAccessModel(api.client, "u");
    await model.access.reload();
    expect(model.access.get().data?.second_factor.active).toBe(true);
    expect(await model.reset("lost")).toBe(true);
    expect(api.body("POST /users/u/second-factor/reset")).toEqual({ reason: "lost" });
    api.answers["POST /users/u/second-factor/reset"] = { status: 409, code: "conflict" };
    expect(await model.reset("lost")).toBe(false);
    expect(model.acting.get().error?.code).toBe("conflict");
  });

  it("links somebody to nobody any more, and reads again", async () => {
    const api = new FakeApi({ "DELETE /users/u/sign-on": null, "GET /users/u/access": { second_factor: FACTOR, sessions: [], linked: false } });
    const model = new UserAccessModel(api.client, "u");
    expect(await model.unlink()).toBe(true);
    expect(model.access.get().data?.linked).toBe(false);
  });

  it("keeps what the service answers of a role's rule, and what was there when it refuses", async () => {
    const rule = (second_factor: string) => ({ items: [{ role: "agent", second_factor }] });
    const api = new FakeApi({ "GET /sign-in-rules": rule("optional"), "PUT /sign-in-rules": rule("required") });
    const model = new SignInRulesModel(api.client);
    await model.rules.reload();
    expect(await model.require("agent", true)).toBe(true);
    expect(api.body("PUT /sign-in-rules")).toEqual({ role: "agent", second_factor: "required" });
    expect(model.rules.get().data?.[0]?.second_factor).toBe("required");
    api.answers["PUT /sign-in-rules"] = { status: 403, code: "forbidden" };
    expect(await model.require("agent", false)).toBe(false);
    expect(model.rules.get().data?.[0]?.second_factor).toBe("required");
  });
});
