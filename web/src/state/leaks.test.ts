import { expect, it } from "vitest";
import type { Incident, IncidentKnown } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { LeaksModel } from "./leaks";

const KNOWN: IncidentKnown = { discovered_at: "2026-03-02T09:00:00Z", kind: "sent", data: ["names"], residents: null, what: "x", consequences: "", measures: "" };
const LEAK = { id: "l", client: "c", version: 2, known: KNOWN } as unknown as Incident;
const ANSWERS = {
  "GET /clients": { items: [{ id: "c", name: "Stad" }] },
  "GET /incidents": { items: [LEAK] },
  "POST /incidents": LEAK,
  "PUT /incidents/l": LEAK,
  "POST /incidents/l/step": LEAK,
  "GET /incidents/l/notice": { text: "Aan: Stad" },
};

it("writes a leak down, adds to it and forgets the draft that is old then", async () => {
  const api = new FakeApi(ANSWERS);
  const model = new LeaksModel(api.client);
  await model.load();
  expect(await model.report("c", KNOWN)).toBe(true);
  expect(api.body("POST /incidents")).toEqual({ client: "c", known: KNOWN });
  await model.draft(LEAK);
  expect(model.notice.get()?.text).toBe("Aan: Stad");
  expect(await model.learn(LEAK, { ...KNOWN, residents: 3 })).toBe(true);
  expect(model.notice.get()).toBeNull();
  await model.move(LEAK, "close", " geleerd ");
  expect(api.body("POST /incidents/l/step")).toEqual({ step: "close", lesson: "geleerd" });
});

it("keeps what was typed and reads anew when somebody was first", async () => {
  const api = new FakeApi({ ...ANSWERS, "PUT /incidents/l": { status: 412, code: "changed-since" } });
  const model = new LeaksModel(api.client);
  await model.load();
  expect(await model.learn(LEAK, KNOWN)).toBe(false);
  expect(model.acting.get().error?.code).toBe("changed-since");
  expect(api.asked.filter(({ what }) => what === "GET /incidents")).toHaveLength(2);
});
