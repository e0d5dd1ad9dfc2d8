import { describe, expect, it } from "vitest";
import { FakeApi, skill } from "../testing/fake-api";
import { SkillsModel } from "./skills";

const NOOR = { user: "noor", name: "Noor", languages: [], skills: [], version: 0 };

function api(): FakeApi {
  return new FakeApi({
    "GET /skills": { items: [skill("crisis")], languages: ["ar", "tr"] },
    "GET /team/abilities": { items: [NOOR] },
    "POST /skills": skill("youth"),
    "PATCH /skills/crisis": skill("crisis"),
    "PUT /users/noor/abilities": { ...NOOR, version: 1 },
  });
}

describe("skills of the team", () => {
  it("are made, changed, archived and given, and read anew each time", async () => {
    const service = api();
    const model = new SkillsModel(service.client);
    await model.load();
    const [crisis] = model.known.get().data?.items ?? [];
    if (crisis === undefined) throw new Error("nothing was read");
    expect(await model.add(" Jongeren ", "Youth ")).toBe(true);
    expect(service.body("POST /skills")).toEqual({ dutch: "Jongeren", english: "Youth" });
    expect(await model.change(crisis, "Crisis ", "Crisis")).toBe(true);
    expect(service.body("PATCH /skills/crisis")).toEqual({ dutch: "Crisis", english: "Crisis" });
    expect(await model.archive(crisis, true)).toBe(true);
    expect(service.body("PATCH /skills/crisis")).toEqual({ archived: true });
    expect(await model.give(NOOR, ["tr"], ["crisis"])).toBe(true);
    expect(service.body("PUT /users/noor/abilities")).toEqual({ languages: ["tr"], skills: ["crisis"] });
    expect(service.asked.filter(({ what }) => what === "GET /skills")).toHaveLength(5);
  });

  it("say why one cannot be archived, and show what is there now", async () => {
    const service = api();
    service.answers["PATCH /skills/crisis"] = { status: 409, code: "conflict" };
    const model = new SkillsModel(service.client);
    await model.load();
    expect(await model.archive(skill("crisis"), true)).toBe(false);
    expect(model.acting.get().error?.code).toBe("conflict");
  });
});
