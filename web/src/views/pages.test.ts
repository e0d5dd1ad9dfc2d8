import { expect, it } from "vitest";
import { menuOf, type PageId } from "./pages";

it("puts what is opened now and then behind one button, where not all fits in a line", () => {
  const supervisor: PageId[] = ["floor", "day", "campaigns", "deliveries", "cases", "questions", "callbacks", "bookings", "exports", "reports", "quality", "scripts", "knowledge", "clients", "team", "users", "handbook"];
  const menu = menuOf(supervisor);
  expect(menu.setup).toEqual(["exports", "quality", "scripts", "knowledge", "clients", "team", "users"]);
  expect(menu.links).toEqual([...supervisor.slice(0, 8), "reports"]);
  expect(menu.links.filter((page) => page === "bookings")).toHaveLength(1);
});

it("shows a short menu whole, without the pages of one's own menu", () => {
  expect(menuOf(["desk", "practice", "callbacks", "handbook"])).toEqual({ links: ["desk", "practice", "callbacks"], setup: [] });
  expect(menuOf(["floor", "campaigns", "clients", "team", "users", "tokens"]).setup).toEqual([]);
});
