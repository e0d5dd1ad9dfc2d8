import { describe, expect, it } from "vitest";
import type { Agent, TransferTarget } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { steps, TransferModel, underWay } from "./transfer";
import { TransferTargetsModel } from "./transfer-targets";

type Transfer = NonNullable<Agent["transfer"]>;

function transfer(state: Transfer["state"], more: Partial<Transfer> = {}): Transfer {
  return { state, way: "warm", kind: "desk", name: "Loket", incoming: false, since: 0, why: "", ...more };
}

function target(id: string, kind: string, open: boolean): Record<string, unknown> {
  return { id, kind, name: id, languages: [], open, protocol: "" };
}

const CHOICES = { targets: [target("loket", "desk", true), target("dicht", "crisis", false), target("nacht", "crisis", true)], colleagues: [{ user: "sem", name: "Sem", languages: [] }] };
const PATH = "/attempts/a1/transfer";

describe("a transfer", () => {
  it("offers the steps that are possible, and none to the colleague who gets the call", () => {
    expect(steps(transfer("ringing"))).toEqual(["back"]);
    expect(steps(transfer("asking"))).toEqual(["gather", "leave", "back"]);
    expect(steps(transfer("together"))).toEqual(["leave", "back"]);
    expect(steps(transfer("returning"))).toEqual([]);
    expect(steps(transfer("asking", { incoming: true }))).toEqual([]);
    expect(steps(null)).toEqual([]);
    expect([underWay(transfer("asking")), underWay(transfer("over")), underWay(null)]).toEqual([true, false, false]);
  });

  it("asks whom the call may go to when it is opened, and closes once it has begun", async () => {
    const api = new FakeApi({ [`GET ${PATH}`]: CHOICES, [`POST ${PATH}`]: transfer("holding") });
    const model = new TransferModel(api.client, "a1");
    model.toggle("targets");
    await expect.poll(() => model.choices.get().data?.targets.length).toBe(3);
    await model.start("blind", { colleague: "sem" });
    expect(api.body(`POST ${PATH}`)).toEqual({ way: "blind", colleague: "sem" });
    expect(model.shown.get()).toBe("nothing");
  });

  it("stays open with what stands in the way", async () => {
    const api = new FakeApi({ [`GET ${PATH}`]: CHOICES, [`POST ${PATH}`]: { status: 409, code: "transfer-closed" } });
    const model = new TransferModel(api.client, "a1");
    model.toggle("targets");
    await model.start("warm", { target: "loket" });
    expect(model.shown.get()).toBe("targets");
    expect(model.acting.get().error?.code).toBe("transfer-closed");
  });

  it("rings the crisis desk that answers now", async () => {
    const api = new FakeApi({ [`GET ${PATH}`]: CHOICES, [`PUT ${PATH}`]: transfer("leaving") });
    const model = new TransferModel(api.client, "a1");
    expect(model.crisisDesk).toBeNull();
    model.toggle("crisis");
    await expect.poll(() => model.crisisDesk?.id).toBe("nacht");
    await model.step("leave");
    expect(api.body(`PUT ${PATH}`)).toEqual({ step: "leave" });
  });
});

describe("the list of targets", () => {
  it("is added to with seven days, and languages for an interpreter alone", async () => {
    const list = "/clients/c1/transfer-targets";
    const api = new FakeApi({ [`GET ${list}`]: { items: [] }, [`POST ${list}`]: {} });
    const model = new TransferTargetsModel(api.client, "c1");
    const hours = [...Array.from({ length: 5 }, () => [["09:00", "17:00"]] as const), [], []];
    await model.add({ kind: "interpreter", name: " Tolk ", number: "0790000010", hours, languages: "AR, tr", protocol: "niet" });
    const body = api.body(`POST ${list}`) as Record<string, unknown>;
    expect(body).toMatchObject({ kind: "interpreter", name: "Tolk", languages: ["ar", "tr"] });
    expect(body["hours"]).toEqual([...Array.from({ length: 5 }, () => [["09:00", "17:00"]]), [], []]);
    expect(body["protocol"]).toBe("");
  });

  it("is changed as its newest version, and loses what only its former kind had", async () => {
    const list = "/clients/c1/transfer-targets";
    const row = { id: "t1", version: 3, kind: "interpreter", languages: ["ar"] } as unknown as TransferTarget;
    const api = new FakeApi({ [`GET ${list}`]: { items: [row] }, "PATCH /transfer-targets/t1": {} });
    const model = new TransferTargetsModel(api.client, "c1");
    await model.change(row, { kind: "team", name: "Team", number: "0790000010", hours: [[], [], [], [], [], [], [["10:00", "12:00"]]], languages: "ar", protocol: "" });
    expect(api.body("PATCH /transfer-targets/t1")).toMatchObject({ kind: "team", languages: [], protocol: "", hours: [[], [], [], [], [], [], [["10:00", "12:00"]]] });
  });
});
