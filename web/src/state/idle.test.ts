import { describe, expect, it } from "vitest";
import { IdleModel } from "./idle";

function screen(after: number | null = 600) {
  const world = { now: 1_000_000, inCall: false, after, locks: 0, told: 0 };
  const idle = new IdleModel({
    lockAfter: () => world.after,
    inCall: () => world.inCall,
    lock: () => {
      world.locks += 1;
      return Promise.resolve();
    },
    tellOthers: () => (world.told += 1),
    now: () => world.now,
  });
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      world.now += 1000;
      idle.tick();
      await Promise.resolve();
    }
  };
  return { world, idle, pass };
}

describe("a screen that nobody touches", () => {
  it("asks for a minute, then locks", async () => {
    const { world, idle, pass } = screen();
    await pass(539);
    expect(idle.get()).toEqual({ kind: "active" });
    await pass(1);
    expect(idle.get()).toEqual({ kind: "asking", seconds: 60 });
    await pass(59);
    expect(idle.get()).toEqual({ kind: "asking", seconds: 1 });
    expect(world.locks).toBe(0);
    await pass(1);
    expect(world.locks).toBe(1);
  });

  it("goes on at a touch, here or in another tab", async () => {
    const { world, idle, pass } = screen();
    await pass(560);
    idle.touched();
    expect(idle.get()).toEqual({ kind: "active" });
    await pass(560);
    idle.elsewhere();
    await pass(599);
    expect(world.locks).toBe(0);
  });

  it("does not lock during a conversation, and counts from its end", async () => {
    const { world, pass } = screen();
    world.inCall = true;
    await pass(3000);
    world.inCall = false;
    await pass(599);
    expect(world.locks).toBe(0);
    await pass(1);
    expect(world.locks).toBe(1);
  });

  it("is locked as it wakes, and a touch before the first tick does not help", async () => {
    const { world, idle, pass } = screen();
    world.now += 3_600_000;
    idle.touched();
    await pass(1);
    expect(world.locks).toBe(1);
  });

  it("never locks where it is switched off or nobody is signed in", async () => {
    const { world, idle, pass } = screen(null);
    await pass(5000);
    expect(world.locks).toBe(0);
    expect(idle.get()).toEqual({ kind: "active" });
  });

  it("tells other tabs now and then, not at each move of the mouse", () => {
    const { world, idle } = screen();
    for (let moves = 0; moves < 100; moves++) {
      world.now += 100;
      idle.touched();
    }
    expect(world.told).toBe(2);
  });

  it("asks half of a short time", async () => {
    const { idle, pass } = screen(20);
    await pass(9);
    expect(idle.get().kind).toBe("active");
    await pass(1);
    expect(idle.get()).toEqual({ kind: "asking", seconds: 10 });
  });
});
