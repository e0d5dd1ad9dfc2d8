import { describe, expect, it } from "vitest";
import type { Dispatch } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { DispatchesModel } from "./dispatches";

const file = (id: string, more: Partial<Dispatch> = {}): Dispatch => ({
  id, outlet: "o", campaign: "c", export: "e", name: `${id}.csv`, lines: 3, replacements: 0, state: "confirmed", error: "", tries: 1, sha256: "", size: 10,
  created_at: "2026-03-02T09:00:00Z", due_at: "2026-03-02T09:00:00Z", done_at: null, ...more,
});

/** A service that makes `made` when it is told to send. */
function service(made: readonly Dispatch[]): { api: FakeApi; model: DispatchesModel } {
  let files = [file("old")];
  const api = new FakeApi({
    "GET /outlets": { items: [] },
    "GET /dispatches": () => ({ items: files }),
    "POST /outlets/o/send": () => {
      files = [...made, ...files];
      return {};
    },
    "POST /dispatches/old/resend": {},
  });
  return { api, model: new DispatchesModel(api.client) };
}

describe("files of results", () => {
  it("sent now: how many, with how many lines, and whether they are there", async () => {
    const { model } = service([file("a"), file("b", { lines: 4 })]);
    expect(await model.sendNow("o")).toBe(true);
    expect(model.sent.get()).toEqual({ outlet: "o", files: 2, lines: 7, received: true, held: false });
    expect(model.list.get().data?.map(({ id }) => id)).toEqual(["a", "b", "old"]);
  });

  it("say when nothing was new, and when one is still on its way", async () => {
    const quiet = service([]);
    await quiet.model.sendNow("o");
    expect(quiet.model.sent.get()).toMatchObject({ files: 0, lines: 0 });
    const slow = service([file("a", { state: "retry", error: "unreachable" })]);
    await slow.model.sendNow("o");
    expect(slow.model.sent.get()).toMatchObject({ files: 1, received: false });
  });

  it("count one that was tried again, and say what a given up one holds back", async () => {
    const again = service([]);
    again.api.answers["GET /dispatches"] = () => ({ items: [file("old", { state: again.api.changes.length > 0 ? "confirmed" : "waiting" })] });
    await again.model.sendNow("o");
    expect(again.model.sent.get()).toMatchObject({ files: 1, lines: 3, received: true });
    const held = service([]);
    held.api.answers["GET /dispatches"] = { items: [file("old", { state: "dead" })] };
    await held.model.sendNow("o");
    expect(held.model.sent.get()).toMatchObject({ files: 0, held: true });
  });

  it("keep why it was refused, and claim nothing was sent", async () => {
    const { api, model } = service([]);
    api.answers["POST /outlets/o/send"] = { status: 409, code: "outlet-busy" };
    expect(await model.sendNow("o")).toBe(false);
    expect(model.acting.get().error?.code).toBe("outlet-busy");
    expect(model.sent.get()).toBeNull();
  });

  it("are sent again, and shown of one place", async () => {
    const { api, model } = service([]);
    await model.resend("old");
    expect(api.changes).toEqual(["POST /dispatches/old/resend"]);
    await model.show("o");
    expect(api.asked.at(-1)?.query).toBe("?limit=50&outlet=o");
    await model.show("");
    expect(api.asked.at(-1)?.query).toBe("?limit=50");
  });
});
