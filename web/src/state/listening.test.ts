import { describe, expect, it } from "vitest";
import type { Call, Floor } from "../api/types";
import { FakeApi, settle } from "../testing/fake-api";
import { ListeningModel } from "./listening";
import { Store } from "./store";

const PLACE = "/attempts/a1/listening";

class FakeEar extends Store<{ readonly status: string }> {
  constructor() {
    super({ status: "off" });
  }

  readonly start = (): Promise<void> => {
    this.set({ status: "asking" });
    return Promise.resolve();
  };

  readonly stop = (): void => this.set({ status: "off" });
}

function call(listener: Call["listener"], attempt = "a1"): Call {
  return { attempt, campaign: "c", case: null, direction: "out", call_back: false, state: "joined", agent: "noor", since: 0, position: null, listener };
}

function floor(...calls: Call[]): { readonly floor: Floor } {
  return { floor: { at: 0, link_up: true, database_up: true, stopped: false, agents: [], calls, campaigns: [] } };
}

const ME = { user: "mila", name: "Mila", mode: "listen", purpose: "coaching", hears: true, since: 0 } as const;

function made(answers: ConstructorParameters<typeof FakeApi>[0] = {}): { api: FakeApi; ear: FakeEar; hub: Store<{ readonly floor: Floor | null }>; model: ListeningModel } {
  const api = new FakeApi({ [`POST ${PLACE}`]: {}, [`PUT ${PLACE}`]: {}, [`DELETE ${PLACE}`]: null, ...answers });
  const ear = new FakeEar();
  const hub = new Store<{ readonly floor: Floor | null }>(floor(call(null)));
  return { api, ear, hub, model: new ListeningModel({ client: api.client, ear, hub, me: () => "mila" }) };
}

async function listening(): Promise<ReturnType<typeof made>> {
  const all = made();
  all.model.begin("a1", "coaching");
  all.ear.set({ status: "ready" });
  await settle();
  all.hub.set(floor(call(ME)));
  return all;
}

describe("listening in", () => {
  it("asks the service once, when the phone is there", async () => {
    const { api, ear, model } = made();
    model.begin("a1", "complaint");
    expect(ear.get().status).toBe("asking");
    expect(api.changes).toEqual([]);
    ear.set({ status: "ready" });
    await settle();
    ear.set({ status: "reconnecting" });
    ear.set({ status: "ready" });
    await settle();
    expect(api.changes).toEqual([`POST ${PLACE}`]);
    expect(api.body(`POST ${PLACE}`)).toEqual({ purpose: "complaint" });
  });

  it("turns the phone off when the service says no, and says why", async () => {
    const { ear, model } = made({ [`POST ${PLACE}`]: { status: 409, code: "listen-taken" } });
    model.begin("a1", "coaching");
    ear.set({ status: "ready" });
    await settle();
    expect(ear.get().status).toBe("off");
    expect(model.get().wish).toBeNull();
    expect(model.acting.get().error?.code).toBe("listen-taken");
  });

  it("is over when the feed says so, and the phone is off", async () => {
    const { ear, hub, model } = await listening();
    expect(model.listener(hub.get().floor)).toEqual(ME);
    hub.set(floor(call(null)));
    expect(model.get()).toEqual({ wish: null, ended: true });
    expect(ear.get().status).toBe("off");
    model.read();
    expect(model.get().ended).toBe(false);
  });

  it("is over when the call ends before anything was seen", async () => {
    const { ear, hub, model } = made();
    model.begin("a1", "coaching");
    ear.set({ status: "ready" });
    await settle();
    hub.set(floor(call(null)));
    expect(model.get().wish).not.toBeNull(); // the feed is only behind
    hub.set(floor(call(null, "a2")));
    expect(model.get().ended).toBe(true);
  });

  it("turns to another mode and stops by hand", async () => {
    const { api, ear, model } = await listening();
    await model.turn("whisper");
    expect(api.body(`PUT ${PLACE}`)).toEqual({ mode: "whisper" });
    await model.stop();
    expect(ear.get().status).toBe("off");
    expect(api.changes.at(-1)).toBe(`DELETE ${PLACE}`);
    expect(model.get().ended).toBe(false);
    await model.turn("barge");
    await model.stop();
    expect(api.changes.at(-1)).toBe(`DELETE ${PLACE}`);
  });

  it("keeps the phone of a call that was taken over until the service has hung it up", async () => {
    const { api, ear, hub, model } = await listening();
    hub.set(floor(call({ ...ME, mode: "take_over" })));
    api.answers[`DELETE ${PLACE}`] = { status: 503, code: "unavailable" };
    await model.stop();
    expect(ear.get().status).toBe("ready");
    expect(model.acting.get().error?.code).toBe("unavailable");
    api.answers[`DELETE ${PLACE}`] = null;
    await model.stop();
    expect(ear.get().status).toBe("off");
    expect(model.get()).toEqual({ wish: null, ended: false });
  });

  it("takes nobody else's listening for mine", async () => {
    const { hub, model } = await listening();
    hub.set(floor(call({ ...ME, user: "otto" })));
    expect(model.listener(hub.get().floor)).toBeNull();
  });
});
