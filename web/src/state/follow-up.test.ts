import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { followUpLine, thread } from "../testing/follow-up";
import { ClientHomeModel } from "./client-home";
import { CaseFollowUpModel, FollowUpModel } from "./follow-up";
import { QuestionsModel, ThreadModel } from "./questions";

const PAGE = { items: [followUpLine()], next: null };

describe("a list of the client's people", () => {
  it("asks for what is chosen, and for nothing else", async () => {
    const api = new FakeApi({ "GET /follow-ups": PAGE });
    const model = new FollowUpModel(api.client, "decision");
    await model.list.reload();
    model.narrow({ crisis: true, overdue: true, reference: " Z-1 ", order: "newest", done: true, campaign: "c" });
    await model.list.reload();
    expect(api.asked.map(({ query }) => query)[0]).toBe("?list=decision");
    expect(api.asked.at(-1)?.query).toBe("?list=decision&done=true&campaign=c&reference=Z-1&crisis=true&overdue=true&order=newest");
  });

  it("says what came of a case, and takes it back", async () => {
    const api = new FakeApi({ "GET /follow-ups": PAGE, "POST /cases/k/follow-up": { line: followUpLine(), marks: [] }, "POST /cases/k/follow-up/undo": { line: followUpLine(), marks: [] } });
    const model = new FollowUpModel(api.client, "to_visit");
    expect(await model.mark(followUpLine(), "letter", " Tweede brief ")).toBe(true);
    expect(api.body("POST /cases/k/follow-up")).toEqual({ mark: "letter", reason: "Tweede brief" });
    expect(model.said.get()).toEqual({ case: "k", ref: "Z-1", mark: "letter" });
    expect(await model.undo("k")).toBe(true);
    expect(model.said.get()).toBeNull();
  });

  it("keeps quiet about what was refused", async () => {
    const api = new FakeApi({ "GET /follow-ups": PAGE, "POST /cases/k/follow-up": { status: 409, code: "marked-already" } });
    const model = new FollowUpModel(api.client, "to_visit");
    expect(await model.mark(followUpLine(), "spoken")).toBe(false);
    expect(model.acting.get().error?.code).toBe("marked-already");
    expect(model.said.get()).toBeNull();
  });

  it("has a held case called, or takes it back, with a reason", async () => {
    const api = new FakeApi({ "GET /follow-ups": PAGE, "POST /cases/k/release": {}, "POST /cases/k/withdraw": {} });
    const model = new FollowUpModel(api.client, "decision");
    await model.decide(followUpLine({ state: "held" }), "release", " akkoord ");
    await model.decide(followUpLine({ state: "held" }), "withdraw", "verhuisd");
    expect(api.changes).toEqual(["POST /cases/k/release", "POST /cases/k/withdraw"]);
    expect(api.body("POST /cases/k/release")).toEqual({ reason: "akkoord" });
  });

  it("shows on the case's page what was said of it", async () => {
    const api = new FakeApi({
      "GET /cases/k/follow-up": { line: followUpLine(), marks: [] },
      "POST /cases/k/follow-up": { line: followUpLine({ mark: "spoken" }), marks: [] },
      "POST /cases/k/follow-up/undo": { line: followUpLine(), marks: [] },
    });
    const model = new CaseFollowUpModel(api.client, "k");
    await model.shown.reload();
    await model.mark(followUpLine(), "spoken", "");
    expect(api.body("POST /cases/k/follow-up")).toEqual({ mark: "spoken" });
    expect(model.shown.get().data?.line?.mark).toBe("spoken");
    await model.undo();
    expect(model.shown.get().data?.line?.mark).toBeNull();
  });
});

describe("the start page", () => {
  it("asks for the latest five of each file", async () => {
    const api = new FakeApi({ "GET /home": {}, "GET /deliveries": { items: [], next: null }, "GET /exports": { items: [], next: null } });
    await new ClientHomeModel(api.client).reload();
    expect(api.asked.map(({ what, query }) => what + query)).toEqual(["GET /home", "GET /deliveries?limit=5", "GET /exports?limit=5"]);
  });
});

describe("a question", () => {
  const message = { number: 2, side: "office" as const, at: "2026-03-02T09:00:00Z", by: "", text: "Ja" };

  it("is read when it is shown, once", async () => {
    const unread = thread({ unread: 1 }, [message]);
    const api = new FakeApi({ "GET /cases/k/question": unread, "POST /cases/k/question/read": null });
    await new ThreadModel(api.client, "k").open();
    expect(api.body("POST /cases/k/question/read")).toEqual({ number: 2 });
    api.answers["GET /cases/k/question"] = thread({ unread: 0 }, [message]);
    await new ThreadModel(api.client, "k").open();
    api.answers["GET /cases/k/question"] = { line: null, messages: [] };
    await new ThreadModel(api.client, "k").open();
    expect(api.changes).toEqual(["POST /cases/k/question/read"]);
  });

  it("is sent once, however often the connection broke", async () => {
    const api = new FakeApi({ "POST /cases/k/question": { status: 0, code: "unreachable" } });
    const model = new ThreadModel(api.client, "k");
    expect(await model.write(" Klopt dit? ")).toBe(false);
    api.answers["POST /cases/k/question"] = thread({ state: "open" }, [message]);
    expect(await model.write(" Klopt dit? ")).toBe(true);
    expect(api.body("POST /cases/k/question")).toEqual({ text: "Klopt dit?" });
    expect(model.thread.get().data?.line?.state).toBe("open");
    api.answers["POST /cases/k/question/close"] = thread({ state: "closed" }, [message]);
    await model.close();
    expect(model.thread.get().data?.line?.state).toBe("closed");
  });

  it("is listed by whose turn it is", async () => {
    const api = new FakeApi({ "GET /questions": { items: [], next: null } });
    const model = new QuestionsModel(api.client);
    await model.list.reload();
    model.narrow("open");
    await model.list.reload();
    expect(api.asked.at(-1)?.query).toBe("?state=open");
  });
});
