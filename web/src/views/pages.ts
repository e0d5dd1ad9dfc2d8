/** Which pages there are, where, and which permission each needs. The service decides; this only hides dead ends. */

import type { Permission } from "../api/types";
import type { MessageKey } from "../i18n";

export type PageId = "home" | "followUp" | "desk" | "practice" | "floor" | "day" | "campaigns" | "deliveries" | "cases" | "exports" | "reports" | "bills" | "quality" | "reviews" | "questions" | "callbacks" | "bookings" | "scripts" | "knowledge" | "clients" | "team" | "users" | "tokens" | "privacy" | "account" | "handbook";

interface PageInfo {
  readonly path: string;
  readonly title: MessageKey;
  /** null: for everybody who is signed in. */
  readonly permission: Permission | null;
  /** Opened from the user's own menu. */
  readonly aside?: boolean;
}

export const PAGES: Readonly<Record<PageId, PageInfo>> = {
  home: { path: "/home", title: "nav.home", permission: "follow_up" },
  followUp: { path: "/follow-up", title: "nav.followUp", permission: "follow_up" },
  desk: { path: "/desk", title: "nav.desk", permission: "duty" },
  reviews: { path: "/reviews", title: "nav.reviews", permission: "duty" },
  practice: { path: "/practice", title: "nav.practice", permission: "duty" },
  floor: { path: "/floor", title: "nav.floor", permission: "floor.read" },
  day: { path: "/day", title: "nav.day", permission: "floor.steer" },
  campaigns: { path: "/campaigns", title: "nav.campaigns", permission: "campaign.read" },
  deliveries: { path: "/deliveries", title: "nav.deliveries", permission: "delivery.read" },
  cases: { path: "/cases", title: "nav.cases", permission: "case.read" },
  questions: { path: "/questions", title: "nav.questions", permission: "question" },
  callbacks: { path: "/callbacks", title: "nav.callbacks", permission: "callback" },
  bookings: { path: "/bookings", title: "nav.bookings", permission: "booking.read" },
  exports: { path: "/exports", title: "nav.exports", permission: "export.read" },
  reports: { path: "/reports", title: "nav.reports", permission: "report.read" },
  quality: { path: "/quality", title: "nav.quality", permission: "quality.review" },
  bills: { path: "/bills", title: "nav.bills", permission: "bill.read" },
  scripts: { path: "/scripts", title: "nav.scripts", permission: "script.read" },
  knowledge: { path: "/knowledge", title: "nav.knowledge", permission: "script.read" },
  clients: { path: "/clients", title: "nav.clients", permission: "client.read" },
  team: { path: "/team", title: "nav.team", permission: "team.write" },
  users: { path: "/users", title: "nav.users", permission: "user.read" },
  tokens: { path: "/tokens", title: "nav.tokens", permission: "token" },
  privacy: { path: "/privacy", title: "nav.privacy", permission: "privacy.read" },
  account: { path: "/account", title: "nav.account", permission: null, aside: true },
  handbook: { path: "/handbook", title: "nav.handbook", permission: null, aside: true },
};

const ORDER = Object.keys(PAGES) as PageId[];

export function pagesFor(permissions: ReadonlySet<Permission>): readonly PageId[] {
  return ORDER.filter((page) => {
    const { permission } = PAGES[page];
    return permission === null || permissions.has(permission);
  });
}

/** What is opened now and then, not all day. */
const SETUP: readonly PageId[] = ["bills", "exports", "quality", "scripts", "knowledge", "clients", "team", "users", "tokens", "privacy"];
/** More do not fit in one line. */
const MOST_IN_A_LINE = 12;

interface MainMenu {
  readonly links: readonly PageId[];
  /** Behind one button; empty where all fit. */
  readonly setup: readonly PageId[];
}

/** The main menu of whoever may open these pages. */
export function menuOf(pages: readonly PageId[]): MainMenu {
  const all = pages.filter((page) => PAGES[page].aside !== true);
  if (all.length <= MOST_IN_A_LINE) return { links: all, setup: [] };
  return { links: all.filter((page) => !SETUP.includes(page)), setup: all.filter((page) => SETUP.includes(page)) };
}

/** The page of an address: its own, or the one it is a part of. */
export function pageAt(path: string): PageId | null {
  return ORDER.find((page) => path === PAGES[page].path || path.startsWith(`${PAGES[page].path}/`)) ?? null;
}
