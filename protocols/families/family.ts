/**
 * The shape of a device family: data plus a few small functions. A family decides nothing about when or whom to update.
 */

import type { CoupledPart, DeviceFacts, DevicePorts, DeviceRead, Evidence, FamilyId, InUse } from "../core/device.ts";
import type { Fault, Result, Transport } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import type { Credential, Secret } from "../core/secret.ts";
import type { Clock, Ms } from "../core/time.ts";
import type { Version } from "../core/version.ts";
import type { HttpClient } from "../http/client.ts";
import type { Lens } from "../lens/inventory.ts";
import type { SipClient } from "../sip/probe.ts";
import type { SnmpClient } from "../snmp/client.ts";
import type { SshClient } from "../ssh/client.ts";
import type { TelnetClient } from "../telnet/client.ts";
import type { Boards } from "./boards.ts";
import type { Pins } from "./pins.ts";
import type { Refusals } from "./refusals.ts";
import type { DeviceSettings } from "./settings.ts";
import type { Door, Silences } from "./silences.ts";
import type { Unsupported } from "./unsupported.ts";
import type { WebSessions } from "./web-sessions.ts";

/** Whom to ask, and with what. */
export interface Target {
  readonly address: string;
  readonly ports: DevicePorts;
  /** Checked against the certificate subject before any credential is sent. */
  readonly expectMac?: Mac;
  /** For devices a manager answers for, where they have no MAC. */
  readonly serial?: string;
  readonly credentials: readonly Credential[];
  /** A person said to leave these alone: whoever names such a MAC in its certificate is shown nothing secret, and is not read. */
  readonly leaveAlone?: readonly Mac[];
  /**
   * `pin`: certificate and host key must match `pins`; `first`: they must where `pins` names one; `any`: whatever is shown is
   * taken (and reported as evidence).
   */
  readonly trust: "any" | "pin" | "first";
  readonly pins?: { readonly tlsFingerprint?: string; readonly sshFingerprint?: string };
  /** The device knows only TLS 1.0: said by a person, per device. */
  readonly oldTls?: boolean;
  /** Telnet may be used where SSH is off: said by a person, because nothing there is encrypted and nothing proves who answers. */
  readonly telnet?: boolean;
  /** REST calls by SIP are enabled (`apps.restapi.sipNotify.enabled`): said by a person, because nothing tells. */
  readonly sipNotify?: boolean;
  /** Where a phone may fetch an image by its own upgrade page, a folder's URL: said by a person, because such an upgrade waits for nobody. */
  readonly upgradeUrl?: string;
  /** Real milliseconds a door may stay silent once another of the device has answered; without it each door has its own limit. */
  readonly patienceMs?: Ms;
  /** Doors just found silent there: not knocked at again in this visit. */
  readonly silent?: readonly Door[];
}

/** The clients a family may use; one set per field thread. */
export interface FamilyIo {
  readonly http: HttpClient;
  readonly snmp: SnmpClient;
  readonly ssh: SshClient;
  readonly telnet: TelnetClient;
  readonly sip: SipClient;
  readonly clock: Clock;
  /** Absent where no Lens account is configured. */
  readonly lens?: Lens;
  /** Takes note of the host key a device shows first; without it none is kept. */
  readonly pins?: Pins;
  /** Stops a credential that a device refused twice; without it every visit starts afresh. */
  readonly refusals?: Refusals;
  /** Spares a silent door its time-outs for a while; without it every visit knocks. */
  readonly silences?: Silences;
  /** Spares a firmware the calls it does not have; without it every visit asks. */
  readonly unsupported?: Unsupported;
  /** Part numbers of phones that were asked for them; without it every read asks. */
  readonly boards?: Boards;
  /** Spares a phone's web server a session for each visit; without it every visit that needs one opens its own. */
  readonly webSessions?: WebSessions;
}

/** What the unauthenticated probes of one address brought; each field absent where that door did not answer. */
export interface FirstLook {
  readonly tls?: {
    /** `CN` and `O` of the subject; fingerprint is SHA-256 of the certificate, hex. */
    readonly commonName?: string;
    readonly organisation?: string;
    readonly fingerprint: string;
    readonly serverHeader?: string;
    readonly title?: string;
  };
  readonly sip?: { readonly userAgent?: string };
  /** `leftOut`: texts that were too long to be any, in words. */
  readonly snmp?: {
    readonly sysDescr?: string;
    readonly sysObjectId?: string;
    readonly sysName?: string;
    readonly leftOut?: readonly string[];
  };
  readonly ssh?: { readonly banner: string };
}

/** How sure a family is that a device is its own: 0 not at all, 1 certain. Two equal best answers are an ambiguity, reported as such. */
export interface Recognised {
  readonly confidence: number;
  readonly facts: DeviceFacts;
  readonly evidence: readonly Evidence[];
}

export type TriggerId = "updateConfiguration" | "safeRestart" | "checkSync" | "actionUri" | "webUpgrade" | "poll";

/** One way to make a device fetch what we offer. */
export interface Trigger {
  readonly id: TriggerId;
  readonly via: Transport;
  /** True where the device itself waits for calls to end before it goes down. */
  readonly waitsForCalls: boolean;
  /** Sends it once. An accepted answer means accepted, not done. */
  send(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Result<{ readonly said: string }>>;
}

/** How a family is moved to another version where a master file at our endpoint names the image, and the device fetches both when told. */
export interface UpdateRecipe {
  readonly offer?: "masterFile";
  /** The file name a master file names; the device derives the image's name from it. */
  readonly imageName: string;
  /** In order of preference; the next is used only where the one before is `off`, never after an unknown outcome. */
  readonly triggers: readonly Trigger[];
  /** From the trigger to the first sign of the device fetching something, call-free. */
  readonly reactMs: Ms;
  /** Why it did not take the image it has, in words for people; `undefined` where it does not say. Asked once, after a failure. */
  whyRefused(target: Target, io: FamilyIo, signal: AbortSignal): Promise<string | undefined>;
}

/** The device's own settings name a server of updates, which it asks by itself in a window of its own. */
export interface UpdateServerRecipe {
  readonly offer: "updateServer";
  /** What can be served to it from here: the vendor's own tree of files, or nothing while no document shows what it asks. */
  readonly serves: "tree" | "nothing";
  /** What the steps set, in their order; `undefined` where the order cannot be set. Pure. */
  sets(order: UpdateOrder): readonly Setting[] | undefined;
  /** What those settings are now. `off` where it does not know one of them, `refused` where another's word stands in them. */
  readSettings(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Result<UpdateSettingsNow>>;
  /** What was set goes back to what it was; what somebody else has set since stays. Twice is as good as once. */
  giveBack(target: Target, kept: readonly KeptSetting[], io: FamilyIo, signal: AbortSignal): Promise<Result<{ readonly said: string }>>;
  /** Sent in this order, each only after the one before was taken. Twice the same is as good as once. */
  readonly steps: readonly UpdateStep[];
  /** Ways to make it ask at once, after the steps; empty where it can only be waited for. */
  readonly triggers: readonly Trigger[];
  /** From the opening of its window to its next question, at its longest interval. */
  readonly reactMs: Ms;
  /** From the opening of its window until an unchanged or silent device has failed. */
  readonly failAfterMs: Ms;
  /** When to look again at a device that is in a call, and at one that does not answer. */
  readonly lookAgain: { readonly busyMs: Ms; readonly silentMs: Ms };
  /** Does this step need a key made for the device? Absent where none ever does. Pure. */
  readonly needsKey?: (from: Version, to: Version) => boolean;
  /** What is missing before anything may be sent: a key, a comparable version. Pure. */
  lacks(order: UpdateOrder, facts: DeviceFacts): string | undefined;
  /** How it goes. Pure. */
  judge(course: UpdateCourse, sight: UpdateSight | undefined, nowMs: Ms): UpdateVerdict;
}

export type Setting = readonly [name: string, value: string];

/** A setting an order changes, as it was and as it is set. */
export interface KeptSetting {
  readonly name: string;
  readonly before: string;
  readonly set: string;
}

export interface UpdateSettingsNow {
  readonly values: Readonly<Record<string, string>>;
  /** Of its local time from UTC, where it tells. */
  readonly timeOffsetMs?: Ms;
}

/** What is ordered of a device whose image comes from an update server. */
export interface UpdateOrder {
  readonly version: Version;
  /** Where the device finds updates, as its setting takes it. */
  readonly source: string;
  /** The device's local time, `HH:MM`. */
  readonly window: { readonly start: string; readonly hours: number };
  /** Made by the vendor from serial number and version, where a release needs one. */
  readonly keyCode?: Secret;
}

/** `busy` means that the step had something else done first (a reboot): all steps again, later. */
export interface UpdateStep {
  readonly id: "rebootFirst" | "keyCode" | "updateWindow" | "updateSource";
  readonly via: Transport;
  send(target: Target, order: UpdateOrder, io: FamilyIo, signal: AbortSignal): Promise<Result<{ readonly said: string }>>;
}

/** One update under way. */
export interface UpdateCourse {
  readonly from: Version;
  readonly wanted: Version;
  /** The parts that were connected before: panels are updated by their codec. */
  readonly partsBefore: readonly CoupledPart[];
  /** The opening of the window, or the trigger. */
  readonly startedAtMs: Ms;
}

/** What the last look at the device saw; absent fields were not told. */
export interface UpdateSight {
  readonly running?: Version;
  readonly rebootNeeded?: boolean;
  readonly parts?: readonly CoupledPart[];
}

export type UpdateVerdict =
  | { readonly at: "waiting"; readonly waitsFor: string }
  | { readonly at: "succeeded" }
  | { readonly at: "failed"; readonly fault: Fault };

export interface Family {
  readonly id: FamilyId;
  readonly name: string;
  /** Pure: decides from what the open doors said. */
  recognise(look: FirstLook, atMs: Ms): Recognised | undefined;
  /** Everything worth knowing in one polite visit: identity, version, lines, use, health. Closes what it opened. */
  read(target: Target, io: FamilyIo, signal: AbortSignal): Promise<DeviceRead>;
  /** The shortest visit that answers "what runs, and may I?": asked before every command. */
  look(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Look>;
  /** What it is set to, in one polite visit. Absent where no document says how to ask. */
  settings?(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Result<DeviceSettings>>;
  /** Absent on families we only watch. */
  readonly update?: UpdateRecipe | UpdateServerRecipe;
  /** Its read asks nothing but SNMP, and shows the agent no more than the first look did: it is made however unlikely the family is. */
  readonly snmpAlone?: true;
  /** Read without an address: its manager answers for it. */
  readonly addressless?: true;
  readonly limits: { readonly inFlightPerSite: number; readonly pollMs: Ms };
}

/** The answer to a look. `facts.running` is absent where the device did not say. */
export interface Look {
  readonly facts: DeviceFacts;
  readonly inUse: InUse;
  /** Distinct registered and configured lines; absent where the device did not say. */
  readonly lines?: { readonly registered: number; readonly configured: number };
  readonly uptimeSeconds?: number;
  /** What has to be back after an update, and whether a reboot is still to come: where the family's updates are judged by it. */
  readonly parts?: readonly CoupledPart[];
  readonly rebootNeeded?: boolean;
  readonly faults: readonly Fault[];
}

export function defineFamily(family: Family): Family {
  return family;
}
