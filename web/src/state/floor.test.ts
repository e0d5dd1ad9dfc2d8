import { describe, expect, it } from "vitest";
import { agent, FakeApi } from "../testing/fake-api";
import { agentHand } from "./floor";

describe("a supervisor's hand", () => {
  it("sends words and forces with a reason", async () => {
    const api = new FakeApi({ "POST /agents/noor/message": agent(), "PUT /agents/noor/duty": agent() });
    const hand = agentHand(api.client);
    expect(await hand.send("noor", "Kom even langs")).toBe(true);
    expect(api.body("POST /agents/noor/message")).toEqual({ text: "Kom even langs" });
    expect(await hand.force("noor", "off", "meeting")).toBe(true);
    expect(api.body("PUT /agents/noor/duty")).toEqual({ duty: "off", reason: "meeting" });
    expect(await hand.force("noor", "resume")).toBe(true);
    expect(api.body("PUT /agents/noor/duty")).toEqual({ duty: "resume" });
  });

  it("keeps the refusal for the eye", async () => {
    const hand = agentHand(new FakeApi({ "POST /agents/noor/message": { status: 409, code: "message-unread" } }).client);
    expect(await hand.send("noor", "Hallo")).toBe(false);
    expect(hand.state.get().error?.code).toBe("message-unread");
  });
});
