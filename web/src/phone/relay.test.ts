import { describe, expect, it } from "vitest";
import { gatherMs, iceServers, isRelayed } from "./relay";

const RELAY = { urls: ["turn:a?transport=udp", "turns:a:443?transport=tcp"], username: "1:w-1", credential: "c" };

describe("the way of sound", () => {
  it("is the machine's own where no relay is named", () => {
    expect(iceServers(null)).toEqual([]);
    expect(gatherMs(null)).toBe(1000);
  });

  it("may lead over the relay, which gets time to answer", () => {
    expect(iceServers(RELAY)).toEqual([RELAY]);
    expect(gatherMs(RELAY)).toBeGreaterThan(gatherMs(null));
  });

  it("is complete with an address at the relay", () => {
    expect(isRelayed("candidate:1 1 udp 41885439 192.0.2.30 40012 typ relay raddr 0.0.0.0 rport 0")).toBe(true);
    expect(isRelayed("candidate:1 1 udp 41885439 192.0.2.30 40012 typ relay")).toBe(true);
    expect(isRelayed("candidate:1 1 udp 2122260223 192.168.1.7 50000 typ host generation 0")).toBe(false);
  });
});
