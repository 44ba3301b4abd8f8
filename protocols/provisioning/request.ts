/**
 * What a phone's request says of its sender. Headers and paths are trivially forged: they discover, they prove nothing.
 * Source: protocols/provisioning.md 1, 4 and 11.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { Running } from "../core/device.ts";
import { type Mac, parseMac } from "../core/ids.ts";
import { parseUserAgent, type UserAgentFacts } from "../families/user-agent.ts";
import type { ProvisionMessage } from "./provision-message.ts";

/** One HTTP request, as it came. Headers absent where not sent. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly userAgent?: string | undefined;
  readonly xDevice?: string | undefined;
  /** `X-Forwarded-For`, which a proxy in front of us adds. */
  readonly forwardedFor?: string | undefined;
  /** Names of the configuration files our master files name. */
  readonly configFiles?: readonly string[] | undefined;
}

/** The parts of an HTTP request that are read. */
export function rawRequest(request: { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders }): RawRequest {
  const { method, url, headers } = request;
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === "string" ? value : undefined;
  };
  return { method, target: url, userAgent: header("user-agent"), xDevice: header("x-device"), forwardedFor: header("x-forwarded-for") };
}

/** The address a connection comes from, IPv4 in its own form. */
export function addressOf(socket: { readonly remoteAddress?: string | undefined }): string {
  return (socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
}

/** What is asked for. `directory` holds call lists too: both are personal data. */
export type Asked =
  | { readonly kind: "master"; readonly mac: Mac }
  /** `000000000000.cfg` */
  | { readonly kind: "defaultMaster" }
  | { readonly kind: "override"; readonly mac: Mac; readonly which: "phone" | "web" }
  | { readonly kind: "log"; readonly mac: Mac; readonly which: "boot" | "app" }
  | { readonly kind: "directory"; readonly mac?: Mac }
  | { readonly kind: "licence"; readonly mac?: Mac }
  /** A file of CONFIG_FILES: ours by its name, a site's own by the MAC before it. */
  | { readonly kind: "config"; readonly mac?: Mac }
  /** A room system that wants to be managed by its maker's dynamic management. Source: protocols/provisioning.md 11. */
  | { readonly kind: "dynamic" }
  /** Without a token it is no offer of ours. */
  | { readonly kind: "image"; readonly imageName: string; readonly partNumber?: string; readonly token?: string }
  /** A file in a folder below that of an offer: one of a tree. */
  | { readonly kind: "tree"; readonly path: string; readonly token: string }
  | { readonly kind: "other" };

export type AskedKind = Asked["kind"];

/** `X-Device: <serial>/<mac>/<address>` of VideoOS. Source: protocols/provisioning.md 11 (HL727/Meeting). */
export interface XDevice {
  readonly serial?: string;
  readonly mac?: Mac;
  readonly address?: string;
}

/** A request as understood. What the sender did not say, or not readably, is absent. */
export interface ProvisioningRequest {
  readonly asked: Asked;
  /** From the path, else `X-Device`, else the user agent. */
  readonly mac?: Mac;
  readonly userAgent?: string;
  readonly agent?: UserAgentFacts;
  readonly xDevice?: XDevice;
  /** Whom a proxy says it asks for: then the connection's address is the proxy's. As forgeable as the rest. */
  readonly forwardedFor?: string;
  /** What a `dynamic` request states. */
  readonly message?: ProvisionMessage;
}

/** Longer header texts are cut, and longer targets are nobody's: no device of ours sends them. */
const LONGEST_HEADER = 256;
const LONGEST_TARGET = 1024;

/** Reads a request. Never fails: what cannot be read is absent, and an unknown path is `other`. */
export function readRequest(raw: RawRequest): ProvisioningRequest {
  const asked = readTarget(raw.target, raw.configFiles ?? []);
  const userAgent = raw.userAgent?.slice(0, LONGEST_HEADER);
  const agent = userAgent === undefined ? undefined : parseUserAgent(userAgent);
  const xDevice = raw.xDevice === undefined ? undefined : readXDevice(raw.xDevice);
  const forwardedFor = addressIn(raw.forwardedFor);
  const mac = ("mac" in asked ? asked.mac : undefined) ?? xDevice?.mac ?? agent?.mac;
  return {
    asked,
    ...(mac === undefined ? {} : { mac }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(agent === undefined ? {} : { agent }),
    ...(xDevice === undefined ? {} : { xDevice }),
    ...(forwardedFor === undefined ? {} : { forwardedFor }),
  };
}

/** The first of `client, proxy, proxy`. */
function addressIn(forwardedFor: string | undefined): string | undefined {
  const first = forwardedFor?.slice(0, LONGEST_HEADER).split(",", 1)[0]?.trim();
  return first !== undefined && isIP(first) !== 0 ? first : undefined;
}

const NOBODY = "000000000000";
/** `<mac>.cfg`, `<mac>-phone.cfg`; the microbrowser writes the MAC in upper case. Source: protocols/provisioning.md 1. */
const deviceFile = /^([0-9a-f]{12})(-[a-z]+)?\.(cfg|log|xml)$/i;
/** `fw/<token>/<part number>.<image name>`: the phone puts its own part number before the name it was told. Source: protocols/provisioning.md 1. */
const offeredImage = /^fw\/([A-Za-z0-9_-]{1,80})\/(?:(\d{4}-\d{5}-\d{3})\.)?([A-Za-z0-9][A-Za-z0-9._-]{0,80})$/;
/** `fw/<token>/<folder>/<file>`, with as many folders as the vendor's tree has, and longer names than images have. */
const offeredFile = /^fw\/([A-Za-z0-9_-]{8,80})\/((?:[A-Za-z0-9][A-Za-z0-9._-]*\/)*[A-Za-z0-9][A-Za-z0-9._-]*)$/;
const looseImage = /^(?:(\d{4}-\d{5}-\d{3})\.)?((?:[A-Za-z0-9-]+\.)?sip\.ld)$/;

function readTarget(target: string, configFiles: readonly string[]): Asked {
  const other: Asked = { kind: "other" };
  // Only plain paths are ours; nothing is decoded, so nothing can be hidden by encoding.
  const path = /^\/+([A-Za-z0-9][A-Za-z0-9._/-]*)(?:\?|$)/.exec(target)?.[1];
  if (path === undefined || target.length > LONGEST_TARGET || path.includes("..")) return other;
  const offered = offeredImage.exec(path);
  if (offered !== null) return image(offered[3] as string, offered[2], offered[1]);
  const inTree = offeredFile.exec(path);
  if (inTree !== null) return { kind: "tree", token: inTree[1] as string, path: inTree[2] as string };
  const loose = looseImage.exec(path);
  if (loose !== null) return image(loose[2] as string, loose[1], undefined);
  if (configFiles.includes(path)) return { kind: "config" };
  const file = deviceFile.exec(path);
  return file === null ? other : readDeviceFile((file[1] as string).toLowerCase(), `${file[2] ?? ""}.${file[3]}`.toLowerCase());
}

function image(imageName: string, partNumber: string | undefined, token: string | undefined): Asked {
  return {
    kind: "image",
    imageName,
    ...(partNumber === undefined ? {} : { partNumber }),
    ...(token === undefined ? {} : { token }),
  };
}

function readDeviceFile(name: string, ending: string): Asked {
  const mac = parseMac(name);
  const owner = mac === undefined ? {} : { mac };
  if (ending === "-directory.xml" || ending === "-calls.xml") return { kind: "directory", ...owner };
  if (ending === "-license.cfg") return { kind: "licence", ...owner };
  if (ending === ".cfg" && name === NOBODY) return { kind: "defaultMaster" };
  if (mac === undefined) return { kind: "other" };
  switch (ending) {
    case ".cfg":
      return { kind: "master", mac };
    case "-phone.cfg":
      return { kind: "override", mac, which: "phone" };
    case "-web.cfg":
      return { kind: "override", mac, which: "web" };
    case "-boot.log":
      return { kind: "log", mac, which: "boot" };
    case "-app.log":
      return { kind: "log", mac, which: "app" };
    default:
      // `-user.cfg` and whatever else a site's CONFIG_FILES name after the MAC.
      return ending.endsWith(".cfg") ? { kind: "config", mac } : { kind: "other" };
  }
}

function readXDevice(text: string): XDevice {
  const [serial = "", macText = "", address = ""] = text.slice(0, LONGEST_HEADER).split("/", 3);
  const mac = parseMac(macText);
  return {
    ...(/^[0-9A-Za-z-]{4,32}$/.test(serial) ? { serial } : {}),
    ...(mac === undefined ? {} : { mac }),
    ...(/^[0-9a-fA-F.:]{3,45}$/.test(address) ? { address } : {}),
  };
}

/** Paths only the application asks for, never the Updater. Source: protocols/provisioning.md 4 (the rule wazo uses). */
const APPLICATION_ONLY: readonly AskedKind[] = ["override", "directory", "licence", "config"];

/**
 * What may be stored as running: a version from an agent that does not say which program it is counts only where the
 * path is one only the application asks for. Source: protocols/provisioning.md 4.
 */
export function runningOf(request: ProvisioningRequest): Running | undefined {
  const { asked, agent } = request;
  if (agent?.running !== undefined || agent?.version === undefined) return agent?.running;
  const byApplication = APPLICATION_ONLY.includes(asked.kind) || (asked.kind === "log" && asked.which === "app");
  return byApplication ? { application: agent.version } : undefined;
}

/**
 * Where an upload begins that says of itself that it is the rest of a file, up to its end as far as it knows.
 * @returns `undefined` for anything else: a part with more to come after it is of no use
 */
export function restFrom(contentRange: string): number | undefined {
  const [, first, last, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(contentRange) ?? [];
  if (first === undefined || Number(last) < Number(first)) return undefined;
  return total === "*" || Number(total) <= Number(last) + 1 ? Number(first) : undefined;
}
