import { describe, expect, it, vi } from "vitest";
import { FakeApi, settle } from "../testing/fake-api";
import { SecondFactorModel } from "./second-factor";

const STARTED = { secret: "GEZD", address: "otpauth://totp/x" };
const SESSION = { user: null, permissions: [], csrf_token: "t2", expires_at: "", locked: false, lock_after_seconds: null, stage: "open" };

describe("second factor", () => {
  it("goes from password to recovery codes, and hands the session over only when they are kept", async () => {
    const api = new FakeApi({
      "GET /session/second-factor": { active: true, since: null, recovery_left: 10, required: false },
      "POST /session/second-factor": { status: 401, code: "sign-in-refused" },
      "PUT /session/second-factor": { status: 401, code: "code-refused" },
    });
    const whole = vi.fn();
    const model = new SecondFactorModel(api.client, whole);
    expect(await model.start("fout", "")).toBe(false);
    expect(model.acting.get().error?.code).toBe("sign-in-refused");
    api.answers["POST /session/second-factor"] = STARTED;
    expect(await model.start("goed", "123456")).toBe(true);
    expect(api.body("POST /session/second-factor")).toEqual({ password: "goed", code: "123456" });
    expect(model.get()).toEqual({ step: "scan", ...STARTED });
    expect(await model.confirm("000000")).toBe(false);
    expect(model.get().step).toBe("scan");
    api.answers["PUT /session/second-factor"] = { recovery_codes: ["abcd-efgh-jkmn"], session: SESSION };
    expect(await model.confirm("123 456")).toBe(true);
    expect(model.get()).toEqual({ step: "keep", codes: ["abcd-efgh-jkmn"] });
    expect(whole).not.toHaveBeenCalled();
    model.done();
    await settle();
    expect(whole).toHaveBeenCalledWith(SESSION);
    expect(model.get()).toEqual({ step: "begin" });
    expect(model.mine.get().data?.recovery_left).toBe(10);
  });

  it("asks nothing where nothing is asked for, and is left as it was", async () => {
    const api = new FakeApi({ "POST /session/second-factor": STARTED });
    const model = new SecondFactorModel(api.client, () => undefined);
    expect(await model.start("", "")).toBe(true);
    expect(api.body("POST /session/second-factor")).toEqual({});
    model.stop();
    expect(model.get()).toEqual({ step: "begin" });
  });
});
