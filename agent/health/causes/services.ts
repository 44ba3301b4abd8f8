/**
 * Whose service fails? A server at the site that is silent, or that all of its phones lost; a provider or cloud whose devices
 * fail together while they answer us; the way to the internet where every such service fails at once. Pure.
 */
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { DAY, MINUTE, type Ms } from "../../../protocols/core/time.ts";
import {
  ALIKE_MIN,
  type Case,
  type Cause,
  deviceKey,
  isLost,
  isProvisioning,
  isRipe,
  isServiceCase,
  PEERS_WAIT_MS,
  SERVICE_KINDS,
  TOGETHER_MS,
  type View,
  type Waits,
  waitsFromMs,
} from "./picture.ts";
import { nameOf, type Service, serviceKey, TELL_SETTINGS } from "./site.ts";
import { isPending, waitsFor } from "./switches.ts";

/** Of a cloud or provider at least so many of its devices that answer fail; below that it is theirs. A guess. */
export const CLOUD_SHARE = 0.5;
/** Of a server at the site that cannot be asked itself: nearly all, as its lines go with it. A guess. */
export const SERVER_SHARE = 0.8;
/** While more and more of a service fail, the first are waited with so long: else each would open an incident of its own before. A guess. */
const GROWING_WAIT_MS: Ms = 15 * MINUTE;
/** A service with fewer failing than this is well, and proves the way to the internet. */
const WELL_SHARE = 0.2;
/**
 * So many that fail one after another are an outage that has not reached the others yet. Guesses: at one loss in a hundred
 * devices a day, five of a hundred by chance within such a row come once in centuries.
 */
const SPREAD_MIN = 5;
export const SPREAD_SHARE = 0.05;
/** The first is so old, and the last one is no older: after it those that waited open incidents of their own. */
export const SPREAD_MS: Ms = GROWING_WAIT_MS;
/** Phones look for settings once a day. Source: protocols/provisioning.md 9 (prov.polling.period 86400). */
const SETTINGS_TOGETHER_MS: Ms = DAY;
/** Who fails while the incident is open belongs to it, however rarely it asks: some register once in many hours. A guess. */
export const JOIN_MS: Ms = DAY;

export interface Served {
  readonly causes: ReadonlyMap<number, Cause>;
  readonly waits: ReadonlyMap<number, Waits>;
}

interface Standing {
  readonly service: Service;
  readonly cases: readonly Case[];
  readonly failing: number;
  /** Members that could tell. */
  readonly total: number;
  /** Of these, those that answer us. */
  readonly answering: number;
  readonly serverLost: boolean;
  /** The server says itself that it fails. */
  readonly serverSays: boolean;
  readonly ripe: boolean;
  /** Its incident is open. */
  readonly isOpen: boolean;
  /** One after another loses it. */
  readonly spreads: boolean;
}

/** The services a case may be about: its settings' server where that is what fails, else what makes its calls. */
function servicesOf(one: Case, view: View): readonly Service[] {
  const { services = {} } = view.site.devices.get(one.deviceId) ?? {};
  const roles = isProvisioning(one) ? (["provisioning"] as const) : (["app", "sip"] as const);
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
    const own = standing.serverSays ? cases.filter((one) => one.deviceId === standing.service.server && isProvisioning(one)) : [];
    for (const one of [...standing.cases, ...own]) if (!causes.has(one.id)) causes.set(one.id, cause);
  }
  const growing = new Set(standings.filter((one) => isGrowing(one, view.nowMs)).map(({ service }) => service.key));
  return { causes, waits: waitsOf(cases, { causes, growing }, view) };
}

function standingOf(service: Service, cases: readonly Case[], view: View): Standing {
  const { server, role } = service;
  const serverLost = server !== undefined && view.offline.has(server);
  const mine = [ownKey(service), INTERNET];
  const held = cases.filter(({ id }) => mine.includes(view.placed.get(id)?.cause ?? ""));
  const withinMs = role === "provisioning" ? SETTINGS_TOGETHER_MS : TOGETHER_MS;
  const row = held.length > 0 ? joined(cases, held, withinMs) : together(cases, withinMs);
  const kept = serverLost ? cases.filter((one) => isLost(server, one, view)) : row;
  const devices = new Set(kept.map(({ deviceId }) => deviceId));
  const failing = devices.size;
  const tellers = role === "provisioning" ? service.members.filter((id) => devices.has(id) || tellsSettings(id, view)) : service.members;
  const answering = tellers.filter((id) => !view.offline.has(id)).length;
  return {
    ...{ service, cases: kept, failing, total: tellers.length, answering, serverLost },
    serverSays: role === "provisioning" && isSaidBy(server, view),
    ripe: isRipe(kept, view.nowMs),
    isOpen: held.length > 0,
    spreads: failing >= spreadMin(answering) && isSpreading(kept, view.nowMs),
  };
}

function isSaidBy(server: DeviceId | undefined, { conditions }: View): boolean {
  return server !== undefined && conditions.some((one) => one.deviceId === server && isProvisioning(one));
}

/** Phones that never say how they got their settings are no proof that others could get theirs. */
function tellsSettings(id: DeviceId, { site }: View): boolean {
  return TELL_SETTINGS.has(site.devices.get(id)?.family ?? "");
}

function isFailed({ service, failing, answering, serverLost, serverSays, ripe, isOpen, spreads }: Standing): boolean {
  if (serverLost || serverSays) return failing > 0;
  if (failing < ALIKE_MIN) return false;
  if (isOpen) return failing >= answering * SPREAD_SHARE;
  return ripe && (spreads || failing >= answering * (service.onSite ? SERVER_SHARE : CLOUD_SHARE));
}

/** The largest row of cases of which each began within so long of the one before. */
export function together(cases: readonly Case[], withinMs: Ms = TOGETHER_MS): readonly Case[] {
  return rowsOf(cases, withinMs).reduce<readonly Case[]>((best, row) => (row.length >= best.length ? row : best), []);
}

/** Those an open incident holds, and who came since or shortly before. What was there long before is another trouble. */
export function joined(cases: readonly Case[], held: readonly Case[], withinMs: Ms = TOGETHER_MS): readonly Case[] {
  const fromMs = Math.min(...held.map(({ sinceMs }) => sinceMs)) - withinMs;
  const ids = new Set(held.map(({ id }) => id));
  const since = cases.filter(({ sinceMs }) => sinceMs >= fromMs);
  return rowsOf(since, JOIN_MS).flatMap((row) => (row.some(({ id }) => ids.has(id)) ? row : []));
}

function rowsOf(cases: readonly Case[], withinMs: Ms): readonly (readonly Case[])[] {
  const rows: Case[][] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const one of cases.toSorted((a, b) => a.sinceMs - b.sinceMs || a.id - b.id)) {
    if (one.sinceMs - lastMs > withinMs) rows.push([]);
    rows.at(-1)?.push(one);
    lastMs = one.sinceMs;
  }
  return rows;
}

const spreadMin = (answering: number): number => Math.max(SPREAD_MIN, answering * SPREAD_SHARE);

/** Each device notices at its own next registration: the row has gone on for a while, and has not ended. What came at once is no row. */
function isSpreading(cases: readonly Case[], nowMs: Ms): boolean {
  const began = cases.map(({ sinceMs }) => sinceMs);
  const [firstMs, lastMs] = [Math.min(...began), Math.max(...began)];
  return lastMs - firstMs >= PEERS_WAIT_MS && nowMs - firstMs >= SPREAD_MS && nowMs - lastMs <= SPREAD_MS;
}

/**
 * Held by a service's incident that nobody has joined for a while: those who come back last are no sample of their model, which
 * may only try more rarely than others.
 */
export function leftOver(cases: readonly Case[], { placed, nowMs }: Pick<View, "placed" | "nowMs">): ReadonlySet<number> {
  const held = cases.filter(({ id }) => SERVICE_KINDS.includes(placed.get(id)?.kind ?? ""));
  return new Set(
    [...Map.groupBy(held, ({ id }) => placed.get(id)?.cause).values()].flatMap((own) =>
      own.every(({ sinceMs }) => nowMs - sinceMs > SPREAD_MS) ? own.map(({ id }) => id) : [],
    ),
  );
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

/** Do more and more fail? Each notices at its own next request that its server has gone: fast at first, or as many as make an outage of it. */
function isGrowing({ cases, answering }: Standing, nowMs: Ms): boolean {
  const since = (forMs: Ms): number => cases.filter(({ sinceMs }) => nowMs < sinceMs + forMs).length;
  return since(PEERS_WAIT_MS) >= ALIKE_MIN || since(GROWING_WAIT_MS) >= spreadMin(answering);
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

const INTERNET = "internet";

/** The cause of its outage, where that is not the way to it. */
function ownKey({ key, onSite, server }: Service): string {
  if (!onSite) return `cloud:${key}`;
  return server === undefined ? `server:${key}` : deviceKey(server);
}

function cloudCause({ service, answering, total, spreads }: Standing): Cause {
  const { name, role } = service;
  const what = role === "app" ? name : role === "sip" ? `SIP service ${name}` : `Provisioning service ${name}`;
  return {
    key: ownKey(service),
    kind: "cloud",
    scope: service.key,
    service: name,
    causeClass: "cloud",
    total,
    words: (affected) => ({
      title: `${what} fails for ${shareOf(affected, total)}`,
      why: `its devices fail ${spreads ? "one after another" : "together"}, while all of them answer here: the site's network is well (${answering} answer)`,
      advice:
        role === "app"
          ? `Look at the state of ${name} as its operator tells it; open a case with Ecosystem Cloud Partner Support, naming tenant and first seen`
          : `Call the operator of ${name}; restarting ${role === "sip" ? "phones" : "devices"} does not help`,
    }),
  };
}

function internetCause(clouds: readonly Standing[]): Cause {
  const names = clouds.map(({ service }) => service.name).sort();
  const total = new Set(clouds.flatMap(({ service }) => service.members)).size;
  return {
    key: INTERNET,
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

function serverCause(standing: Standing, view: View): Cause {
  const { service, total } = standing;
  const { name, role, server } = service;
  const what = role === "sip" ? "SIP server" : "Provisioning server";
  const shown = server === undefined ? name : nameOf(view.site, server);
  const { does, why } = serverWords(standing, shown);
  return {
    key: ownKey(service),
    kind: "server",
    scope: service.key,
    service: name,
    ...(server === undefined ? {} : { culprit: server }),
    causeClass: "network",
    total,
    words: (affected) => ({
      title: `${what} ${shown} ${does}: ${shareOf(affected, total)} are without it`,
      why,
      advice: `Look at ${shown}: does it run, and does it ${role === "sip" ? "take registrations" : "hand out settings, to whom it should"}?`,
    }),
  };
}

function serverWords(
  { failing, answering, serverLost, serverSays }: Standing,
  shown: string,
): { readonly does: string; readonly why: string } {
  if (serverLost) return { does: "does not answer", why: `${shown} is silent, and its devices lost it after it was last heard` };
  if (serverSays) return { does: "fails", why: `${shown} says so itself, and so do its devices` };
  return failing >= answering * SERVER_SHARE
    ? { does: "serves nobody", why: "nearly all of its devices lost it at once, and answer here themselves" }
    : { does: "fails", why: "its devices lost it one after another, or have not all come back, and answer here themselves" };
}
