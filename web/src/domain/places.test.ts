import { describe, expect, it } from "vitest";
import { editPlace, monthDays, newPlace, type Place, placeBody, placeChange, placeFaults, placeForm } from "./places";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO8vJ2w0VvS0T0lS7wJ1kq1oPpJm8o2vN1xQy0Xq4v9w beheer";
const SERVER: Place = { kind: "sftp", name: "Week", path: "/in", host: "sftp.stad.example", port: 22, user: "dialer", host_key: KEY, weekdays: [0, 3], time: "17:00" };
const FORM = placeForm(SERVER);

describe("a place of files", () => {
  it("is whole as it comes from the service, and sends nothing when nothing changed", () => {
    expect(placeFaults(FORM, true)).toEqual({});
    expect(placeChange(FORM, SERVER)).toEqual({});
  });

  it("names what is missing, of a server only where there is one", () => {
    expect(placeFaults(newPlace("sftp", ""), true)).toEqual({ name: "empty", path: "empty", host: "empty", user: "empty", hostKey: "key", time: "time" });
    expect(placeFaults(newPlace("folder", ""), false)).toEqual({ name: "empty", path: "empty" });
  });

  it.each([
    ["folder", "stad/uit", undefined],
    ["folder", "/etc", "below"],
    ["folder", "stad/../dorp", "folder"],
    ["sftp", "/in", undefined],
    ["push", "https://stad.example/in", undefined],
    ["push", "http://stad.example/in", "address"],
    ["push", "https://wie:wat@stad.example/in", "address"],
  ] as const)("of kind %s at %s is held to what the service takes", (kind, path, fault) => {
    expect(placeFaults({ ...FORM, kind, path }, true).path).toBe(fault);
  });

  it.each([
    [{ host: "sftp://stad.example" }, { host: "host" }],
    [{ port: "70000" }, { port: "port" }],
    [{ port: "x" }, { port: "port" }],
    [{ hostKey: "SHA256:abc" }, { hostKey: "key" }],
  ])("with %o is refused at its field", (change, faults) => {
    expect(placeFaults({ ...FORM, ...change }, true)).toEqual(faults);
  });

  it("on another server asks for that one's key, and has its own back with the name", () => {
    const moved = editPlace(FORM, { host: "elders.example" }, SERVER);
    expect(moved.hostKey).toBe("");
    expect(editPlace(moved, { host: SERVER.host }, SERVER)).toEqual(FORM);
    expect(editPlace({ ...moved, hostKey: "typed" }, { host: "elders.exampl" }, SERVER).hostKey).toBe("typed");
    expect(editPlace(FORM, { host: "x" }, null).hostKey).toBe(KEY);
    expect(editPlace(FORM, { user: "x" }, SERVER).hostKey).toBe(KEY);
  });

  it("sends what differs, and another server with its key", () => {
    expect(placeChange({ ...FORM, name: " Maand ", weekdays: [3, 0, 4] }, SERVER)).toEqual({ name: "Maand", weekdays: [0, 3, 4] });
    const other = KEY.replace("beheer", "ander");
    expect(placeChange({ ...FORM, host: "elders.example", hostKey: `${other}\n` }, SERVER)).toEqual({ host: "elders.example", host_key: other });
    expect(placeChange({ ...FORM, host: " elders.example" }, SERVER)).toEqual({ host: "elders.example", host_key: KEY });
  });

  it("is sent whole when it is new, without a server's part where there is none", () => {
    expect(placeBody({ ...FORM, kind: "push", path: " https://stad.example/in " })).toEqual({ name: "Week", path: "https://stad.example/in", weekdays: [0, 3] });
    expect(placeBody(FORM)).toEqual({ name: "Week", path: "/in", weekdays: [0, 3], host: "sftp.stad.example", port: 22, user: "dialer", host_key: KEY });
  });

  it.each([
    ["", []],
    [" 15, 1;1 ", [1, 15]],
    ["28", [28]],
    ["29", null],
    ["0", null],
    ["eerste", null],
  ] as const)("of days of the month %o has %o", (typed, days) => {
    expect(monthDays(typed)).toEqual(days);
  });
});
