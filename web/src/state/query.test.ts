import { describe, expect, it } from "vitest";
import { ApiError } from "../api/errors";
import { Action, Pages, Query } from "./query";

interface Gate<T> {
  promise: Promise<T>;
  open: (value: T) => void;
  fail: (error: unknown) => void;
}

function gate<T>(): Gate<T> {
  let open!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

describe("query", () => {
  it("shows the newest answer, though an older one comes later", async () => {
    const gates = [gate<number>(), gate<number>()];
    let asked = 0;
    const query = new Query(() => gates[asked++]?.promise ?? Promise.reject(new Error("no more")));
    const first = query.reload();
    const second = query.reload();
    gates[1]?.open(2);
    await second;
    gates[0]?.open(1);
    await first;
    expect(query.get()).toEqual({ data: 2, loading: false, error: null });
  });

  it("keeps what is shown when a reload fails, and says so", async () => {
    let fails = false;
    const query = new Query(() => (fails ? Promise.reject(new ApiError("unreachable", 0)) : Promise.resolve("a")));
    await query.reload();
    fails = true;
    await query.reload();
    expect(query.get()).toMatchObject({ data: "a", loading: false, error: { code: "unreachable" } });
  });

  it("is not overwritten by an answer that is older than an action's", async () => {
    const slow = gate<string>();
    const query = new Query(() => slow.promise);
    const loading = query.reload();
    query.put("after the action");
    slow.open("before the action");
    await loading;
    expect(query.get().data).toBe("after the action");
  });
});

describe("pages", () => {
  it("adds pages until the end, and starts again", async () => {
    const asked: (string | undefined)[] = [];
    const pages = new Pages((cursor) => {
      asked.push(cursor);
      return Promise.resolve(cursor === undefined ? { items: [1, 2], next: "c" } : { items: [3], next: null });
    });
    await pages.reload();
    await pages.more();
    await pages.more();
    expect(pages.get().data).toEqual([1, 2, 3]);
    await pages.reload();
    expect(pages.get().data).toEqual([1, 2]);
    expect(asked).toEqual([undefined, "c", undefined]);
  });

  it("keeps its lines when the next page fails", async () => {
    const pages = new Pages<number>((cursor) =>
      cursor === undefined ? Promise.resolve({ items: [1], next: "c" }) : Promise.reject(new ApiError("unreachable", 0)),
    );
    await pages.reload();
    await pages.more();
    expect(pages.get()).toMatchObject({ data: [1], next: "c", error: { code: "unreachable" } });
  });
});

describe("action", () => {
  it("runs one at a time", async () => {
    const action = new Action();
    const slow = gate<undefined>();
    let runs = 0;
    const first = action.run(() => ((runs += 1), slow.promise));
    expect(await action.run(() => Promise.resolve(void (runs += 1)))).toBe(false);
    slow.open(undefined);
    expect(await first).toBe(true);
    expect([runs, action.get()]).toEqual([1, { busy: false, error: null }]);
  });

  it("keeps its error until the next try", async () => {
    const action = new Action();
    expect(await action.run(() => Promise.reject(new ApiError("conflict", 409)))).toBe(false);
    expect(action.get()).toMatchObject({ busy: false, error: { code: "conflict" } });
    await action.run(() => Promise.resolve());
    expect(action.get().error).toBeNull();
  });
});
