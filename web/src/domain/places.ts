/**
 * A place of files as somebody fills it in: where it is, and on which days something goes or comes. The same for what is
 * sent and for what is fetched.
 */

import type { Outlet, Source } from "../api/types";

export type PlaceKind = Outlet["kind"];

export interface PlaceForm {
  readonly kind: PlaceKind;
  readonly name: string;
  /** The folder; of a push its address. */
  readonly path: string;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly hostKey: string;
  /** 0 is Monday. */
  readonly weekdays: readonly number[];
  /** `17:00`, by the clocks of Amsterdam; empty while it is not whole. */
  readonly time: string;
}

export type PlaceField = "name" | "path" | "host" | "port" | "user" | "hostKey" | "time";
type PlaceFault = "empty" | "folder" | "below" | "address" | "host" | "port" | "key" | "time";
export type PlaceFaults = Readonly<Partial<Record<PlaceField, PlaceFault>>>;

/** What the service has of a place. */
export type Place = Pick<Outlet, "kind" | "name" | "path" | "host" | "port" | "user" | "host_key" | "weekdays"> & { readonly time: string };

interface PlaceBody {
  readonly name?: string;
  readonly path?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly host_key?: string;
  readonly weekdays?: number[];
}

const USUAL_PORT = 22;

export function newPlace(kind: PlaceKind, time: string): PlaceForm {
  return { kind, name: "", path: "", host: "", port: String(USUAL_PORT), user: "", hostKey: "", weekdays: [], time };
}

export function placeOf(outlet: Outlet): Place {
  return { ...outlet, time: outlet.at };
}

export function placeOfSource(source: Source): Place {
  return { ...source, time: source.by };
}

/** Days of the month as somebody types them, `1, 15`; null: something else. */
export function monthDays(typed: string): readonly number[] | null {
  const words = typed.split(/[\s,;]+/).filter((word) => word !== "");
  if (!words.every((word) => /^\d{1,2}$/.test(word))) return null;
  const days = [...new Set(words.map(Number))].sort((a, b) => a - b);
  return days.every((day) => day >= 1 && day <= 28) ? days : null; // each month has these
}

export function placeForm(place: Place): PlaceForm {
  const { kind, name, path, host, port, user, host_key: hostKey, weekdays, time } = place;
  return { kind, name, path, host, port: String(port), user, hostKey, weekdays, time };
}

/** Another server needs its own key, asked anew: the old one would vouch for a stranger. `before`: what it was. */
export function editPlace(form: PlaceForm, change: Partial<PlaceForm>, before: Place | null): PlaceForm {
  const next = { ...form, ...change };
  if (change.host === undefined || before === null) return next;
  if (next.host.trim() === before.host) return { ...next, hostKey: next.hostKey === "" ? before.host_key : next.hostKey };
  return { ...next, hostKey: next.hostKey === before.host_key ? "" : next.hostKey };
}

/** What is wrong, by field. `timed`: whether the time counts. */
export function placeFaults(form: PlaceForm, timed: boolean): PlaceFaults {
  const faults: Partial<Record<PlaceField, PlaceFault>> = {};
  if (form.name.trim() === "") faults.name = "empty";
  const path = pathFault(form.kind, form.path.trim());
  if (path !== null) faults.path = path;
  if (form.kind === "sftp") Object.assign(faults, serverFaults(form));
  if (timed && form.time === "") faults.time = "time";
  return faults;
}

function pathFault(kind: PlaceKind, path: string): PlaceFault | null {
  if (path === "") return "empty";
  if (kind === "push") return /^https:\/\/[^\s/@]+(\/\S*)?$/.test(path) ? null : "address";
  if (path.split("/").includes("..")) return "folder";
  return kind === "folder" && path.startsWith("/") ? "below" : null;
}

function serverFaults(form: PlaceForm): PlaceFaults {
  const faults: Partial<Record<PlaceField, PlaceFault>> = {};
  const host = form.host.trim();
  if (host === "") faults.host = "empty";
  else if (/[/@\s]/.test(host)) faults.host = "host";
  if (form.user.trim() === "") faults.user = "empty";
  const port = /^\d{1,5}$/.test(form.port.trim()) ? Number(form.port.trim()) : 0;
  if (port < 1 || port > 65_535) faults.port = "port";
  if (!/^(ssh|ecdsa|sk)-[\w@.-]+ [\w+/]+=*( .*)?$/.test(evenKey(form.hostKey))) faults.hostKey = "key";
  return faults;
}

const evenKey = (key: string): string => key.trim().replace(/\s+/g, " ");

interface Whole extends PlaceBody {
  readonly name: string;
  readonly path: string;
  readonly weekdays: number[];
}

/** All of it, as the service takes it; a server's part of a server only. */
export function placeBody(form: PlaceForm): Whole {
  const server = { host: form.host.trim(), port: Number(form.port), user: form.user.trim(), host_key: evenKey(form.hostKey) };
  return {
    name: form.name.trim(), path: form.path.trim(), weekdays: [...form.weekdays].sort(),
    ...(form.kind === "sftp" ? server : {}),
  };
}

/** What differs from `before`. Another server goes with its key. */
export function placeChange(form: PlaceForm, before: Place): PlaceBody {
  const whole: PlaceBody = placeBody(form);
  const was: PlaceBody = placeBody(placeForm(before));
  const moved = whole.host !== was.host;
  const differs = (key: keyof PlaceBody): boolean => JSON.stringify(whole[key]) !== JSON.stringify(was[key]);
  const kept = (Object.keys(whole) as (keyof PlaceBody)[]).filter((key) => differs(key) || (moved && key === "host_key"));
  return Object.fromEntries(kept.map((key) => [key, whole[key]]));
}
