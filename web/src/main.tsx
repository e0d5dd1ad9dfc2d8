/** The composition root: the one place that builds the client, the models and the live feed, and hands them to the views. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiClient } from "./api/client";
import type { Socket } from "./api/live";
import { App } from "./app";
import { offered } from "./domain/pauses";
import { loadLanguage } from "./i18n";
import { BrowserSound } from "./phone/browser-sound";
import { Softphone } from "./phone/softphone";
import { BrowserTabLock } from "./phone/tab-lock";
import { Desk } from "./state/desk";
import { Hub } from "./state/hub";
import { IdleModel } from "./state/idle";
import { ListeningModel } from "./state/listening";
import { PausesModel } from "./state/pauses";
import { PracticeModel } from "./state/practice";
import { PreviewModel } from "./state/preview";
import { SessionModel } from "./state/session";
import { TourModel } from "./state/tour";
import { PreferenceStore } from "./ui/preferences";
import "./ui/styles/tokens.css";
import "./ui/styles/base.css";
import "./ui/styles/layout.css";
import "./ui/styles/buttons.css";
import "./ui/styles/parts.css";
import "./ui/styles/tables.css";
import "./ui/styles/layers.css";
import "./ui/styles/handbook.css";
import "./ui/styles/charts.css";
import "./ui/styles/fields.css";
import "./ui/styles/shell.css";
import "./ui/styles/desk.css";
import "./ui/styles/script.css";
import "./ui/styles/client.css";
import "./ui/styles/roster.css";
import "./ui/styles/practice.css";

const preferences = new PreferenceStore();
const client = new ApiClient({ fetch: fetch.bind(globalThis), language: () => preferences.get().language });
const session = new SessionModel(client);
const hub = new Hub({
  connect: (query): Socket => {
    const address = new URL(`/api/v1/live${query}`, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    return new WebSocket(address) as Socket;
  },
  onEnded: () => void session.ended(),
  onLost: () => void session.refresh(),
});
const desk = new Desk(client, hub);
const pauses = new PausesModel(client);
const preview = new PreviewModel(client);
const practice = new PracticeModel({ client, language: () => preferences.get().language });
const tour = new TourModel(client, practice.mine);
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

/** Who may get a call goes off the queue first: nobody is joined to an empty chair. */
async function lockNow(): Promise<void> {
  if (hub.get().agent?.state === "available") {
    const reason = offered(pauses.list.get().data ?? []).find(({ counts_as }) => counts_as !== "work");
    await (reason === undefined ? desk.act("off_duty") : desk.act("pause", reason.code));
  }
  await session.lock();
}

const otherTabs = new BroadcastChannel("dialer-hands");
const idle = new IdleModel({
  lockAfter: () => {
    const now = session.get();
    return now.kind === "signed_in" ? now.lockAfter : null;
  },
  inCall: () => ["reserved", "talking"].includes(hub.get().agent?.state ?? "") || listening.get().wish !== null,
  lock: lockNow,
  tellOthers: () => otherTabs.postMessage(null), // that there was a hand, nothing else
  now: Date.now,
});
otherTabs.addEventListener("message", idle.elsewhere);
for (const hand of ["keydown", "pointerdown", "pointermove", "wheel"] as const) addEventListener(hand, idle.touched, { capture: true, passive: true });
setInterval(idle.tick, 1000);

hub.subscribe(() => phone.follow(hub.get().agent));
session.subscribe(() => {
  if (!["signed_out", "locked"].includes(session.get().kind)) return;
  phone.stop();
  practice.leave();
  practice.mine.clear(); // whoever signs in next has his own
  tour.place.set(null);
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
const app = createRoot(root);
const draw = (): void =>
  app.render(
    <StrictMode>
      <App parts={{ client, session, hub, desk, pauses, preview, practice, tour, phone, ear, listening, preferences, idle, lockNow }} />
    </StrictMode>,
  );
void loadLanguage(preferences.get().language).then(draw, draw); // in Dutch when the English cannot be had
