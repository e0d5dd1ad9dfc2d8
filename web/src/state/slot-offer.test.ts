import { describe, expect, it } from "vitest";
import { FakeApi, settle } from "../testing/fake-api";
import { SlotOffer } from "./slot-offer";
import { WrapUp } from "./wrap-up";

const PATH = "/attempts/a";
const slot = (id: string, hour: number): object => ({
  id, source: "s", starts_at: `2026-03-03T${String(hour).padStart(2, "0")}:00:00Z`, ends_at: "2026-03-03T20:00:00Z", place: "Stadhuis", meeting: "office", seats: 1, free: 1, held: false,
});
const VISIT = { code: "HELP_APPOINTMENT", label: "x", reached: "yes", finalFor: "case", needs: ["visit"], secondKey: false } as const;
const NO_HELP = { ...VISIT, code: "NO_HELP", needs: [] } as const;
const TAKEN = { status: 409, code: "slot-taken", title: "x" };

function setUp(answers: ConstructorParameters<typeof FakeApi>[0]): { api: FakeApi; wrapUp: WrapUp; offer: SlotOffer } {
  const api = new FakeApi({
    [`GET ${PATH}/slots`]: { offers: true, confirm_by: ["email"], items: Array.from({ length: 8 }, (_, n) => slot(`t${String(n)}`, n + 9)) },
    [`PUT ${PATH}/slot`]: null,
    [`PUT ${PATH}/draft`]: null,
    [`PUT ${PATH}/outcome`]: { user: "me" },
    ...answers,
  });
  const wrapUp = new WrapUp({ client: api.client, attempt: "a", outcomes: () => [VISIT, NO_HELP], verified: () => true, onFiled: () => undefined });
  return { api, wrapUp, offer: new SlotOffer(api.client, "a", wrapUp) };
}

describe("times that a client offers", () => {
  it("keeps the one that is chosen, and files it instead of a date", async () => {
    const { api, wrapUp, offer } = setUp({});
    await offer.list.reload();
    expect(offer.list.get().data?.items.map(({ id }) => id)).toEqual(["t0", "t1", "t2", "t3", "t4", "t5"]);
    wrapUp.edit({ outcome: "HELP_APPOINTMENT" });
    wrapUp.file();
    expect(wrapUp.get().missing).toEqual(["appointment"]);
    await offer.choose("t1");
    expect(api.body(`PUT ${PATH}/slot`)).toEqual({ slot: "t1" });
    wrapUp.file();
    await settle();
    expect(api.body(`PUT ${PATH}/outcome`)).toMatchObject({ outcome: "HELP_APPOINTMENT", slot: "t1" });
    expect(api.body(`PUT ${PATH}/outcome`)).not.toHaveProperty("appointment_at");
    expect(wrapUp.get().filing).toBe("filed");
  });

  it("says that a time was taken meanwhile, and shows the next ones", async () => {
    const { api, wrapUp, offer } = setUp({ [`PUT ${PATH}/slot`]: TAKEN });
    await offer.list.reload();
    await offer.choose("t0");
    expect(offer.holding.get().error?.code).toBe("slot-taken");
    expect(wrapUp.get().form.slot).toBe("");
    expect(api.asked.filter(({ what }) => what === `GET ${PATH}/slots`)).toHaveLength(2);
  });

  it("lets another be chosen when the outcome comes too late for its time", async () => {
    const { api, wrapUp, offer } = setUp({ [`PUT ${PATH}/outcome`]: TAKEN });
    wrapUp.edit({ outcome: "HELP_APPOINTMENT" });
    await offer.choose("t0");
    wrapUp.file();
    await settle();
    expect([wrapUp.get().filing, wrapUp.get().error?.code, wrapUp.get().form.slot]).toEqual(["refused", "slot-taken", ""]);
    await offer.lost();
    expect(wrapUp.get().filing).toBe("refused"); // what went wrong stays to be read
    api.answers[`PUT ${PATH}/outcome`] = { user: "me" };
    await offer.choose("t2");
    wrapUp.file();
    await settle();
    expect(api.body(`PUT ${PATH}/outcome`)).toMatchObject({ slot: "t2" });
  });

  it("sends a confirmation only with an address and the resident's word", async () => {
    const { api, wrapUp, offer } = setUp({});
    wrapUp.edit({ outcome: "HELP_APPOINTMENT" });
    await offer.choose("t0");
    wrapUp.edit({ confirmBy: "email", confirmTo: " a@voorbeeld.example " });
    wrapUp.file();
    expect(wrapUp.get().missing).toEqual(["contact"]);
    wrapUp.edit({ consent: true });
    wrapUp.file();
    await settle();
    expect(api.body(`PUT ${PATH}/outcome`)).toMatchObject({ confirmation: { by: "email", to: "a@voorbeeld.example", consent: true } });
  });

  it("goes on to later times and back to the first", async () => {
    const { api, offer } = setUp({});
    await offer.later(); // nothing is shown yet
    await offer.list.reload();
    await offer.later();
    expect(api.asked.at(-1)?.query).toBe("?after=2026-03-03T14%3A00%3A00Z");
    expect(offer.list.get().data?.later).toBe(true);
    await offer.first();
    expect([api.asked.at(-1)?.query, offer.list.get().data?.later]).toEqual(["", false]);
  });

  it("does not send a time for an outcome that is no visit", async () => {
    const { api, wrapUp, offer } = setUp({});
    await offer.choose("t0");
    wrapUp.edit({ outcome: "NO_HELP" });
    await wrapUp.flush();
    expect(api.body(`PUT ${PATH}/draft`)).toMatchObject({ slot: "t0" });
    wrapUp.file();
    await settle();
    expect(api.body(`PUT ${PATH}/outcome`)).not.toHaveProperty("slot");
  });
});
