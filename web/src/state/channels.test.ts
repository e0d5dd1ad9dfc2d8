import { describe, expect, it } from "vitest";
import type { Channel } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { ChannelsModel } from "./channels";
import { contentLines, DueModel } from "./due";

const CHANNEL: Channel = {
  id: "c", client: "k", kind: "webhook", name: "Zaaksysteem", state: "on", url: "https://x.example/", fields: [], has_secret: true, old_secret_until: null, version: 3, failures: 0, rest_until: null,
  last_ok_at: null, last_error: "", last_error_at: null, waiting: 0, dead: 0, confirmed: 0,
};
const CLIENTS = { "GET /channels": { items: [CHANNEL] }, "GET /clients": { items: [] } };

describe("channels to clients' systems", () => {
  it("ask for what their kind needs and nothing else; a secret that was made is gone once it was seen", async () => {
    const api = new FakeApi({ ...CLIENTS, "POST /clients/k/channels": { channel: CHANNEL, secret: "whsec_geheim" } });
    const model = new ChannelsModel(api.client);
    expect(await model.make({ client: "k", kind: "webhook", name: " Zaaksysteem ", url: " https://x.example/ ", secret: "x" })).toBe(true);
    expect(api.body("POST /clients/k/channels")).toEqual({ kind: "webhook", name: "Zaaksysteem", url: "https://x.example/" });
    expect(model.secret.get()).toBe("whsec_geheim");
    model.seen();
    expect(model.secret.get()).toBeNull();
    await model.make({ client: "k", kind: "klantinteracties", name: "Register", url: "https://r.example/", secret: " sleutel " });
    expect(api.body("POST /clients/k/channels")).toMatchObject({ secret: "sleutel" });
    await model.make({ client: "k", kind: "hand", name: "Lijst", url: "https://oud.example/", secret: "x" });
    expect(api.body("POST /clients/k/channels")).toEqual({ kind: "hand", name: "Lijst" });
  });

  it("get a new secret under the version that was read, shown once", async () => {
    const api = new FakeApi({ ...CLIENTS, "POST /channels/c/secret": { channel: CHANNEL, secret: "whsec_nieuw" } });
    const model = new ChannelsModel(api.client);
    expect(await model.renewSecret(CHANNEL, 72)).toBe(true);
    expect(api.body("POST /channels/c/secret")).toEqual({ overlap_hours: 72 });
    expect(model.secret.get()).toBe("whsec_nieuw");
  });

  it("say how a test went, and an address goes with its own key or none", async () => {
    const api = new FakeApi({ ...CLIENTS, "POST /channels/c/test": { fault: "sign_in" }, "PATCH /channels/c": { ...CHANNEL } });
    const model = new ChannelsModel(api.client);
    await model.tryOut("c");
    expect(model.tried.get()).toEqual({ channel: "c", fault: "sign_in" });
    await model.setAddress(CHANNEL, "https://y.example/ ", " ");
    expect(api.body("PATCH /channels/c")).toEqual({ url: "https://y.example/" });
    await model.setState(CHANNEL, "paused");
    expect(api.body("PATCH /channels/c")).toEqual({ state: "paused" });
  });
});

describe("what is typed over by hand", () => {
  it("is asked for one at a time and is gone when it stands over there", async () => {
    const content = { signalen: [{ kenmerk: "Z-1", signaalId: "S-1", vastelastenpartner: "huur" }], resultaat: { omschrijving: "hulpvraag", ddas: "" }, notitie: "" };
    const api = new FakeApi({
      "GET /channels": { items: [CHANNEL] },
      "GET /due-results": { items: [], total: 0, late: 0 },
      "GET /messages": { items: [] },
      "GET /messages/m/content": { content },
      "POST /messages/m/entered": {},
    });
    const model = new DueModel(api.client);
    await model.open("m");
    expect(model.content.get()?.lines).toEqual([
      { label: "hand.ref", text: "Z-1" },
      { label: "hand.signals", text: "S-1 (huur)" },
      { label: "hand.result", text: "hulpvraag" },
    ]);
    await model.entered("m", " ZAAK-1 ");
    expect(api.body("POST /messages/m/entered")).toEqual({ reference: "ZAAK-1" });
    expect(model.content.get()).toBeNull();
  });

  it("shows nothing of what it does not know", () => {
    expect(contentLines({ bedrag: "310", signalen: "x", gesprek: null })).toEqual([]);
  });
});
