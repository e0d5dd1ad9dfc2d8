/** How sound finds its way: the machine's own addresses, and a relay where the service named one. Pure. */

import type { Relay } from "./ports";

/** Addresses of this machine are at hand at once; one that a relay lends takes some trips, over TLS a few more. */
const OWN_MS = 1000;
const RELAYED_MS = 4000;

export function iceServers(relay: Relay | null): RTCIceServer[] {
  return relay === null ? [] : [{ urls: [...relay.urls], username: relay.username, credential: relay.credential }];
}

/** For how long addresses are gathered at most: a server that does not answer must not hold the answer up. */
export function gatherMs(relay: Relay | null): number {
  return relay === null ? OWN_MS : RELAYED_MS;
}

/** Whether this is an address at a relay, the last that is waited for. */
export function isRelayed(candidate: string): boolean {
  return / typ relay( |$)/.test(candidate);
}
