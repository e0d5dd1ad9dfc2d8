import { expect, it, vi } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { SignOnModel, takeSignOnAnswer } from "./sign-on";

it("leaves for the provider only when the service says where it is", async () => {
  const api = new FakeApi({ "GET /session/ways": { sign_on: "Gemeente" }, "POST /session/sign-on": { status: 503, code: "sign-on-away" } });
  const leave = vi.fn();
  const model = new SignOnModel(api.client, leave);
  await model.ways.reload();
  expect(model.ways.get().data).toBe("Gemeente");
  expect(await model.start()).toBe(false);
  expect(model.acting.get().error?.code).toBe("sign-on-away");
  expect(leave).not.toHaveBeenCalled();
  api.answers["POST /session/sign-on"] = { url: "https://huis.example/auth" };
  expect(await model.start()).toBe(true);
  expect(leave).toHaveBeenCalledWith("https://huis.example/auth");
});

it("links with the password, and is linked no more", async () => {
  const api = new FakeApi({ "GET /session/sign-on": { name: "Gemeente", linked: false }, "POST /session/sign-on/link": { url: "u" }, "DELETE /session/sign-on": null });
  const leave = vi.fn();
  const model = new SignOnModel(api.client, leave);
  expect(await model.link("geheim")).toBe(true);
  expect(api.body("POST /session/sign-on/link")).toEqual({ password: "geheim" });
  expect(await model.unlink()).toBe(true);
  expect(model.mine.get().data?.linked).toBe(false);
});

it("takes out of the address what it says", () => {
  const replaceState = vi.fn();
  expect(takeSignOnAnswer({ search: "?sign-on=linked", pathname: "/account" }, { replaceState })).toBe("linked");
  expect(replaceState).toHaveBeenCalledWith(null, "", "/account");
  replaceState.mockClear();
  expect(takeSignOnAnswer({ search: "", pathname: "/account" }, { replaceState })).toBeNull();
  expect(replaceState).not.toHaveBeenCalled();
});
