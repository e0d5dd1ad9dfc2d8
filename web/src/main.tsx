/** The composition root: the one place that builds the client, the models and the live feed, and hands them to the views. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiClient } from "./api/client";
import type { Socket } from "./api/live";
import { App } from "./app";
import { BrowserSound } from "./phone/browser-sound";
import { Softphone } from "./phone/softphone";
import { BrowserTabLock } from "./phone/tab-lock";
import { Desk } from "./state/desk";
import { Hub } from "./state/hub";
import { ListeningModel } from "./state/listening";
import { PausesModel } from "./state/pauses";
import { PreviewModel } from "./state/preview";
import { SessionModel } from "./state/session";
import { PreferenceStore } from "./ui/preferences";
import "./ui/styles/tokens.css";
import "./ui/styles/base.css";
import "./ui/styles/parts.css";
import "./ui/styles/charts.css";
import "./ui/styles/fields.css";
import "./ui/styles/shell.css";
import "./ui/styles/desk.css";
import "./ui/styles/script.css";
import "./ui/styles/client.css";

const preferences = new PreferenceStore();
const client = new ApiClient({ fetch: fetch.bind(globalThis), language: () => preferences.get().language });
const session = new SessionModel(client);
const hub = new Hub({
  connect: (query): Socket => {
    const address = new URL(`/api/v1/live${query}`, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    return new WebSocket(address) as Socket;
  },
  onEnded: session.lost,
  onLost: () => void session.refresh(),
});
const desk = new Desk(client, hub);
const pauses = new PausesModel(client);
const preview = new PreviewModel(client);
const phone = new Softphone({
  grant: (choose) => client.post("/agents/me/softphone", { body: { choose } }),
  load: async () => (await import("./phone/jssip-line")).openLine, // an agent with a phone of his own never loads it
  sound: new BrowserSound(),
  lock: new BrowserTabLock(),
});

// A supervisor's phone: on for as long as he listens to a call.
const ear = new Softphone({
  grant: () => client.post("/agents/me/listen-phone"),
  load: async () => (await import("./phone/jssip-line")).openLine,
  sound: new BrowserSound(),
  lock: new BrowserTabLock(),
});
const listening = new ListeningModel({
  client,
  ear,
  hub,
  me: () => {
    const now = session.get();
    return now.kind === "signed_in" ? now.user.id : null;
  },
});

hub.subscribe(() => phone.follow(hub.get().agent));
session.subscribe(() => {
  if (session.get().kind !== "signed_out") return;
  phone.stop();
  void listening.stop();
  ear.stop();
});
addEventListener("pagehide", phone.leave);
addEventListener("pagehide", ear.leave);

addEventListener("online", hub.nudge);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") hub.nudge();
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App parts={{ client, session, hub, desk, pauses, preview, phone, ear, listening, preferences }} />
  </StrictMode>,
);
