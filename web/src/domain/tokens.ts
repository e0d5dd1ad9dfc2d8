/** Keys of other systems: what each purpose may do, and whether a key still opens anything. */

import type { Permission, Role, Token } from "../api/types";

export type Purpose = "exchange" | "results" | "dashboard";

/** No more than the purpose needs. */
export const PURPOSES: Readonly<Record<Purpose, { readonly role: Role; readonly scopes: readonly Permission[] }>> = {
  exchange: { role: "client", scopes: ["campaign.read", "delivery.read", "delivery.write", "export.read", "export.write"] },
  results: { role: "client", scopes: ["campaign.read", "export.read", "export.write"] },
  dashboard: { role: "monitor", scopes: ["floor.read", "live"] },
};

export function tokenState(token: Token, now: number): "valid" | "expired" | "revoked" {
  if (token.revoked_at !== null) return "revoked";
  return Date.parse(token.expires_at) / 1000 <= now ? "expired" : "valid";
}
