import { describe, expect, it } from "vitest";
import type { Improvement, User } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { CaseComplaintsModel, ComplaintModel, ComplaintsModel, ownersOf } from "./complaints";
import { ImprovementsModel } from "./improvements";

const user = (id: string, role: User["role"], disabled = false): User => ({ id, login: id, display_name: id, role, client: null, language: "nl", disabled, created_at: "2026-03-02T09:00:00Z", version: 1 });
const USERS = [user("mila", "supervisor"), user("ruud", "quality"), user("noor", "agent"), user("oud", "supervisor", true), user("gea", "client")];

describe("complaints", () => {
  it("are in the hand of supervisors and quality managers", () => {
    expect(ownersOf(USERS).map(({ id }) => id)).toEqual(["mila", "ruud"]);
  });

  it("wait for an answer, or are done", async () => {
    const api = new FakeApi({ "GET /complaints": { items: [], next: null } });
    const model = new ComplaintsModel(api.client);
    await model.list.reload();
    model.show(false);
    expect(api.asked.map(({ query }) => query)).toEqual(["?open=true", "?open=false"]);
  });

  it("take a step with the version that was read", async () => {
    const api = new FakeApi({ "GET /complaints/k": { line: { version: 3 } }, "GET /users": { items: USERS }, "POST /complaints/k/step": { line: { version: 4 } } });
    const model = new ComplaintModel(api.client, "k");
    expect(await model.move({ step: "withdraw", text: "geen klacht" })).toBe(false);
    await model.open();
    expect(model.users.get().data).toHaveLength(2);
    expect(await model.move({ step: "assign", owner: "mila" })).toBe(true);
    expect(model.complaint.get().data?.line.version).toBe(4);
  });

  it("are written down once on a case's page", async () => {
    const api = new FakeApi({ "GET /cases/z/complaints": { items: [] }, "POST /cases/z/complaints": { status: 0, code: "net" } });
    const model = new CaseComplaintsModel(api.client, "z");
    expect(await model.write("Te vaak gebeld ")).toBe(false);
    api.answers["POST /cases/z/complaints"] = {};
    expect(await model.write("Te vaak gebeld ")).toBe(true);
    expect(api.body("POST /cases/z/complaints")).toEqual({ text: "Te vaak gebeld" });
    model.retyped();
    expect(model.list.get().data).toEqual([]);
  });
});

it("proposals are made, moved and read anew each time", async () => {
  const api = new FakeApi({ "GET /improvements": { items: [] }, "GET /users": { items: USERS }, "POST /improvements": {}, "POST /improvements/i/step": { status: 422, code: "invalid" } });
  const model = new ImprovementsModel(api.client);
  await model.users.reload();
  expect(model.users.get().data?.map(({ id }) => id)).toEqual(["mila", "ruud", "noor"]);
  expect(await model.propose(" Eerst zeggen waarom ")).toBe(true);
  expect(api.body("POST /improvements")).toEqual({ text: "Eerst zeggen waarom" });
  expect(await model.move({ id: "i", version: 1 } as Improvement, { step: "next" })).toBe(false);
  model.show(false);
  expect(api.asked.filter(({ what }) => what === "GET /improvements").map(({ query }) => query)).toEqual(["?open=true", "?open=true", "?open=false"]);
});
