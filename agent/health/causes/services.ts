/**
 * Whose service fails? A server at the site that is silent, or that all of its phones lost; a provider or cloud whose devices
 * fail together while they answer us; the way to the internet where every such service fails at once. Pure.
 */
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { MINUTE, type Ms } from "../../../protocols/core/time.ts";
import {
  ALIKE_MIN,
  type Case,
  type Cause,
  deviceKey,
  isLost,
  isRipe,
  isServiceCase,
  PEERS_WAIT_MS,
  TOGETHER_MS,
  type View,
  type Waits,
  waitsFromMs,
} from "./picture.ts";
import { nameOf, type Service, serviceKey } from "./site.ts";
import { isPending, waitsFor } from "./switches.ts";

/** Of a cloud or provider at least so many of its devices that answer fail; below that it is theirs. A guess. */
export const CLOUD_SHARE = 0.5;
/** Of a server at the site that cannot be asked itself: nearly all, as its lines go with it. A guess. */
export const SERVER_SHARE = 0.8;
/** While more and more of a service fail, the first are waited with so long: else each would open an incident of its own before. A guess. */
const GROWING_WAIT_MS: Ms = 15 * MINUTE;
/** A service with fewer failing than this is well, and proves the way to the internet. */
const WELL_SHARE = 0.2;

export interface Served {
  readonly causes: ReadonlyMap<number, Cause>;
  readonly waits: ReadonlyMap<number, Waits>;
}

interface Standing {
  readonly service: Service;
  readonly cases: readonly Case[];
  readonly failing: number;
  /** Members that answer us. */
  readonly answering: number;
  readonly serverLost: boolean;
  readonly ripe: boolean;
}

/** The services a case may be about: its settings' server where that is what fails, else what makes its calls. */
function servicesOf(one: Case, view: View): readonly Service[] {
  const { services = {} } = view.site.devices.get(one.deviceId) ?? {};
  const roles = /^provision/i.test(one.kind) ? (["provisioning"] as const) : (["app", "sip"] as const);
  return roles.flatMap((role) => (services[role] ?? []).flatMap((name) => view.site.services.get(serviceKey(role, name)) ?? []));
}

export function failedServices(cases: readonly Case[], view: View): Served {
  const byService = new Map<string, Case[]>();
  for (const one of cases.filter((each) => isServiceCase(each, view))) {
    for (const { key } of servicesOf(one, view)) byService.set(key, [...(byService.get(key) ?? []), one]);
  }
  const standings = [...byService].flatMap(([key, list]) => {
    const service = view.site.services.get(key);
    return service === undefined ? [] : [standingOf(service, list, view)];
  });
  const failed = standings.filter(isFailed);
  const clouds = failed.filter(({ service }) => !service.onSite);
  const internet = isInternet(clouds, standings, view) ? internetCause(clouds) : undefined;
  const causes = new Map<number, Cause>();
  // Most devices first: one with lines at two servers belongs to the larger outage.
  for (const standing of failed.toSorted((a, b) => b.failing - a.failing || (a.service.key < b.service.key ? -1 : 1))) {
    const cause = standing.service.onSite ? serverCause(standing, view) : (internet ?? cloudCause(standing));
    for (const one of standing.cases) if (!causes.has(one.id)) causes.set(one.id, cause);
  }
  const growing = new Set(standings.filter(({ cases: own }) => isGrowing(own, view.nowMs)).map(({ service }) => service.key));
  return { causes, waits: waitsOf(cases, { causes, growing }, view) };
}

function standingOf(service: Service, cases: readonly Case[], view: View): Standing {
  const { server } = service;
  const serverLost = server !== undefined && view.offline.has(server);
  const kept = serverLost ? cases.filter((one) => isLost(server, one, view)) : together(cases);
  const failing = new Set(kept.map(({ deviceId }) => deviceId)).size;
  const answering = service.members.filter((id) => !view.offline.has(id)).length;
  return { service, cases: kept, failing, answering, serverLost, ripe: isRipe(kept, view.nowMs) };
}

function isFailed({ service, failing, answering, serverLost, ripe }: Standing): boolean {
  if (serverLost) return failing > 0;
  return ripe && failing >= ALIKE_MIN && failing >= answering * (service.onSite ? SERVER_SHARE : CLOUD_SHARE);
}

/** The largest row of cases of which each began within an hour of the one before. */
export function together(cases: readonly Case[]): readonly Case[] {
  const rows: Case[][] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const one of cases.toSorted((a, b) => a.sinceMs - b.sinceMs || a.id - b.id)) {
    if (one.sinceMs - lastMs > TOGETHER_MS) rows.push([]);
    rows.at(-1)?.push(one);
    lastMs = one.sinceMs;
  }
  return rows.reduce<readonly Case[]>((best, row) => (row.length >= best.length ? row : best), []);
}

/** Two or more services outside fail, and none of those that could tell is well. */
function isInternet(clouds: readonly Standing[], standings: readonly Standing[], view: View): boolean {
  if (clouds.length < 2) return false;
  const failingOf = new Map(standings.map(({ service, failing }) => [service.key, failing]));
  return ![...view.site.services.values()].some(({ key, role, onSite, members }) => {
    if (onSite || (role !== "sip" && role !== "app") || members.length < ALIKE_MIN) return false;
    return (failingOf.get(key) ?? 0) < members.length * WELL_SHARE;
  });
}

/** Do more and more fail? Each notices at its own next request that its server has gone. */
function isGrowing(cases: readonly Case[], nowMs: Ms): boolean {
  return cases.filter(({ sinceMs }) => nowMs < sinceMs + PEERS_WAIT_MS).length >= ALIKE_MIN;
}

interface Known {
  readonly causes: ReadonlyMap<number, Cause>;
  /** Keys of services that fail for ever more devices. */
  readonly growing: ReadonlySet<string>;
}

function waitsOf(cases: readonly Case[], { causes, growing }: Known, view: View): ReadonlyMap<number, Waits> {
  const waits = new Map<number, Waits>();
  for (const one of cases) {
    if (causes.has(one.id) || view.placed.has(one.id) || !isServiceCase(one, view)) continue;
    for (const service of servicesOf(one, view)) {
      const untilMs = waitsFromMs(one, view) + (growing.has(service.key) ? GROWING_WAIT_MS : PEERS_WAIT_MS);
      if (service.server !== undefined && service.server !== one.deviceId && isPending(service.server, one, view))
        waits.set(one.id, waitsFor(service.server, one, view));
      else if (service.members.length >= ALIKE_MIN && view.nowMs < untilMs)
        waits.set(one.id, { why: `waits for the ${service.members.length - 1} others of ${service.name} to be asked`, untilMs, look: [] });
    }
  }
  return waits;
}

const shareOf = (affected: number, total: number): string => `${affected} of ${total} devices`;

function cloudCause({ service, answering }: Standing): Cause {
  const { name, role, members } = service;
  const what = role === "app" ? name : role === "sip" ? `SIP service ${name}` : `Provisioning service ${name}`;
  return {
    key: `cloud:${service.key}`,
    kind: "cloud",
    scope: service.key,
    service: name,
    causeClass: "cloud",
    total: members.length,
    words: (affected) => ({
      title: `${what} fails for ${shareOf(affected, members.length)}`,
      why: `its devices fail together, while all of them answer here: the site's network is well (${answering} answer)`,
      advice:
        role === "app"
          ? `Look at the state of ${name} as its operator tells it; open a case with Ecosystem Cloud Partner Support, naming tenant and first seen`
          : `Call the operator of ${name}; restarting phones does not help`,
    }),
  };
}

function internetCause(clouds: readonly Standing[]): Cause {
  const names = clouds.map(({ service }) => service.name).sort();
  const total = new Set(clouds.flatMap(({ service }) => service.members)).size;
  return {
    key: "internet",
    kind: "internet",
    scope: "internet",
    service: names.join(", ").slice(0, 100),
    causeClass: "network",
    total,
    words: (affected) => ({
      title: `The site's way to the internet fails for ${shareOf(affected, total)}`,
      why: `${names.join(" and ")} fail at once, and no service outside is well; the devices answer here`,
      advice: "Look at the internet line, the firewall and DNS of the site",
    }),
  };
}

function serverCause({ service, serverLost }: Standing, view: View): Cause {
  const { name, role, server, members } = service;
  const what = role === "sip" ? "SIP server" : "Provisioning server";
  const shown = server === undefined ? name : nameOf(view.site, server);
  return {
    key: server === undefined ? `server:${service.key}` : deviceKey(server as DeviceId),
    kind: "server",
    scope: service.key,
    service: name,
    ...(server === undefined ? {} : { culprit: server }),
    causeClass: "network",
    total: members.length,
    words: (affected) => ({
      title: `${what} ${shown} ${serverLost ? "does not answer" : "serves nobody"}: ${shareOf(affected, members.length)} are without it`,
      why: serverLost
        ? `${shown} is silent, and its devices lost it after it was last heard`
        : `nearly all of its devices lost it at once, and answer here themselves`,
      advice: `Look at ${shown}: does it run, and does it take registrations?`,
    }),
  };
}
