import { expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { SessionsModel } from "./sessions";

const line = (id: string) => ({ id, browser: "edge", system: "windows", created_at: "2026-03-02T09:00:00Z", seen_at: "2026-03-02T09:00:00Z", locked: false });

it("ends one or all others, and reads again whatever came of it", async () => {
  const api = new FakeApi({ "GET /sessions": { items: [line("a"), line("b")], this: "a" }, "DELETE /sessions/b": { status: 404, code: "not-found" }, "DELETE /sessions": null });
  const model = new SessionsModel(api.client);
  await model.list.reload();
  expect(model.list.get().data?.items).toHaveLength(2);
  api.answers["GET /sessions"] = { items: [line("a")], this: "a" };
  expect(await model.end("b")).toBe(false);
  expect(model.acting.get().error?.code).toBe("not-found");
  expect(model.list.get().data?.items).toHaveLength(1);
  expect(await model.endOthers()).toBe(true);
  expect(api.changes).toEqual(["DELETE /sessions/b", "DELETE /sessions"]);
});
