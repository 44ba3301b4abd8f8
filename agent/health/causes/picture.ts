/**
 * What a decision sees: open conditions, the site, what was looked at, what is planned to be dark. Plain data, all from rows.
 */
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE, type Ms } from "../../../protocols/core/time.ts";
import type { IncidentRow } from "../../../store/incident-rows.ts";
import type { CauseClass, OpenCondition } from "../../../store/incidents.ts";
import type { LookRow, SwitchPortRow } from "../../../store/looks.ts";
import { PROVISIONING_KIND, type Site } from "./site.ts";

/** Devices that are expected to be dark, from when until when. */
export interface Dark {
  readonly devices: ReadonlySet<DeviceId> | "all";
  readonly fromMs: Ms;
  /** Absent where nobody can say. */
  readonly untilMs?: Ms;
  readonly why: string;
}

export interface Picture {
  readonly site: Site;
  readonly conditions: readonly OpenCondition[];
  /** When devices that are offline now were last heard. */
  readonly lastHeardMs: ReadonlyMap<DeviceId, Ms>;
  readonly looks: ReadonlyMap<DeviceId, LookRow>;
  /** Being looked at now: not answered yet, and not given up. */
  readonly lookingAt: ReadonlySet<DeviceId>;
  /** By switch address and port name, see `portKey`. */
  readonly ports: ReadonlyMap<string, SwitchPortRow>;
  readonly darks: readonly Dark[];
  /** Since when somebody looks: what was over while nobody did is waited for again. */
  readonly watchedSinceMs?: Ms;
}

/** A condition about one device. */
export interface Case extends OpenCondition {
  readonly deviceId: DeviceId;
}

export type CauseKind =
  | "switch"
  | "uplink"
  | "power"
  | "coupled"
  | "server"
  | "addresses"
  | "cloud"
  | "internet"
  | "release"
  | "device"
  | "site";

export interface Cause {
  /** The same cause has the same key, whenever it is found. */
  readonly key: string;
  readonly kind: CauseKind;
  readonly scope: string;
  readonly causeClass: CauseClass;
  readonly service?: string;
  /** The device that is the cause itself: not counted among those it takes with it. */
  readonly culprit?: DeviceId;
  /** How many devices it could take with it. */
  readonly total: number;
  words(affected: number): { readonly title: string; readonly why: string; readonly advice: string };
}

export interface Waits {
  readonly why: string;
  readonly untilMs: Ms;
  /** Whom to ask now. */
  readonly look: readonly DeviceId[];
}

export interface View extends Picture {
  readonly nowMs: Ms;
  /** The open condition of each device that is dark, or comes and goes. */
  readonly offline: ReadonlyMap<DeviceId, Case>;
  /** Switches that are silent while most of what hangs on them is not: their management is gone, not they. */
  readonly onlySilent: ReadonlySet<DeviceId>;
  /** Switches that seem so, and have to be asked whether they are. */
  readonly lookFirst: readonly DeviceId[];
  /** Codecs that say a panel is missing. */
  readonly missingParts: ReadonlySet<DeviceId>;
  /** Conditions that stand in an open incident already, and which: these wait no more. */
  readonly placed: ReadonlyMap<number, Pick<IncidentRow, "cause" | "kind">>;
}

/** Three asks of a silent switch, one a turn, each with its time-out of some 10 s, and some queueing. */
export const PARENT_WAIT_MS: Ms = 2 * MINUTE;
/** A look that began is waited for: its own time-outs end it, long before this on a clock of the usual pace. */
export const LOOK_WAIT_MS: Ms = 15 * MINUTE;
/** Phones are asked every 2 min: by then each has told how its lines are. */
export const PEERS_WAIT_MS: Ms = 3 * MINUTE;
/** A silent device is asked every 8 min at the slowest, and a phone boots in 2. */
export const GRACE_MS: Ms = 10 * MINUTE;
/** What a service took from its devices comes back at their next try, within the hour of a registration at the slowest. */
export const SERVICE_GRACE_MS: Ms = HOUR;
/** Whose devices come back at their own next try, not when they are asked. */
export const SERVICE_KINDS: readonly string[] = ["server", "cloud", "internet"];
/** The same cause within it is the same incident: what flaps every half hour is one. A guess. */
export const REOPEN_MS: Ms = HOUR;
/** Registrations are renewed within the hour, so those that fail of one cause may show it as far apart. */
export const TOGETHER_MS: Ms = HOUR;
/** Fewer that fail alike are chance. A guess; tickets go by the same number. */
export const ALIKE_MIN = 3;

/** Whoever hung on it is found silent by then: three asks, 8 min apart at the slowest. */
export const LATE_MS: Ms = 30 * MINUTE;

/** Over so many devices nothing of it is small. A guess. */
export const MANY = 10;

export const OFFLINE = "deviceOffline";
export const FLAPPING = "flapping";

export const portKey = (switchAddress: string, port: string): string => `${switchAddress} ${port}`;

/** From when a condition waits for others to tell: its begin, or ours. */
export function waitsFromMs({ sinceMs }: Pick<OpenCondition, "sinceMs">, { watchedSinceMs }: Pick<Picture, "watchedSinceMs">): Ms {
  return Math.max(sinceMs, watchedSinceMs ?? sinceMs);
}

/** Has the first of them been there long enough for the others to have told? Until then neither a release nor a service is judged. */
export function isRipe(cases: readonly OpenCondition[], nowMs: Ms): boolean {
  return cases.some(({ sinceMs }) => nowMs >= sinceMs + PEERS_WAIT_MS);
}

/** Can somebody else be the cause of it? Hardware, software and settings are a device's own. */
export function isReach({ causeClass }: OpenCondition): boolean {
  return causeClass === "network" || causeClass === "power" || causeClass === "cloud";
}

export function isProvisioning({ kind }: Pick<OpenCondition, "kind">): boolean {
  return PROVISIONING_KIND.test(kind);
}

/** Is it about a service, of a device that answers us itself? Bad sound is the network's between, and no service's. */
export function isServiceCase(one: Case, view: View): boolean {
  const isAbout = one.kind === "registrationLost" || one.causeClass === "cloud" || isProvisioning(one);
  return isAbout && !view.offline.has(one.deviceId);
}

export function deviceKey(id: DeviceId, group: "reach" | "hardware" | "software" | "configuration" = "reach"): string {
  return `device:${id}:${group}`;
}

/** Was it looked at since, so that what it is now is known? */
export function lookedAt(parent: DeviceId, sinceMs: Ms, view: View): boolean {
  const look = view.looks.get(parent);
  return look !== undefined && look.atMs >= sinceMs;
}

/** Did the child's trouble begin when the parent went? */
export function isLost(parent: DeviceId, child: OpenCondition, view: View): boolean {
  const own = view.offline.get(parent);
  if (own === undefined || view.onlySilent.has(parent)) return false;
  // Between its last word and our finding it silent lies the moment it went.
  const heardMs = Math.min(view.lastHeardMs.get(parent) ?? own.sinceMs, own.sinceMs);
  // Who comes and goes is heard all the time; that it does is found by each at another time.
  const fromMs = own.kind === FLAPPING ? own.sinceMs - LATE_MS : heardMs;
  return child.sinceMs >= fromMs && child.sinceMs <= own.sinceMs + LATE_MS;
}
