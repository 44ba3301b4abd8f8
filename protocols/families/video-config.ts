/**
 * Settings of video systems, from two sources that name them differently and are never mixed: the exported file uses the new
 * tree (`upgrade.auto.enable`), `config` on the wire the old one (`management.provisioning.server`), also on Studio X. Pure.
 * Source: protocols/video.md 2.5 and 3; protocols/lens-and-portal.md 12.
 */
import * as z from "zod";
import type { ManagedBy } from "../core/device.ts";
import { ok, type Result } from "../core/fault.ts";
import { isLensServer, managerOf } from "../lens/managed.ts";
import { decode, looseFlag, looseText, parsePlainJson } from "./json.ts";
import { hostOf } from "./server-host.ts";
import { managedByConfig } from "./video-answers.ts";

/** How the system updates itself; absent where the file does not say. */
export interface UpdateSettings {
  readonly on?: boolean;
  /** `polycom_support_server`, `user_defined_server`, `prov_server`, `microsoft_teams_device_management`. */
  readonly source?: string;
  readonly address?: string;
  /** `01:00 to 05:00` of its own time; absent where it may at any time. */
  readonly window?: string;
  readonly pollSeconds?: number;
  /** May it go back to an older version? */
  readonly mayGoBack?: boolean;
}

/** The exported file, as far as it is of use. Its keys and passwords are not kept. */
export interface ExportedConfig {
  readonly managedBy: ManagedBy;
  /** Whom it asks for its settings; empty where nobody is set, absent where the file does not say. */
  readonly provisioning?: readonly string[];
  readonly updates: UpdateSettings;
  /** Why a door is silent: what its settings say of it. */
  readonly doors: { readonly ssh?: boolean; readonly telnet?: boolean; readonly snmp?: boolean };
}

const VALUE_CHARS = 300;

/** GET provisioning/config: PHONE_CONFIG as XML, its settings as attributes. Read by name, because the file is not always whole XML. */
export function decodeExport(body: Buffer): Result<ExportedConfig> {
  const managedBy = managedByConfig(body);
  if (!managedBy.ok) return managedBy;
  const text = body.toString("utf8");
  const setting = (name: string): string | undefined => {
    const value = new RegExp(`[\\s"]${name.replaceAll(".", "\\.")}="([^"]{0,${VALUE_CHARS}})"`).exec(text)?.[1]?.trim();
    return value === undefined || value === "" || value === "REMOVED_SECURE_CONTENT" ? undefined : value;
  };
  const server = new RegExp(`[\\s"]device\\.prov\\.serverName="([^"]{0,${VALUE_CHARS}})"`).exec(text)?.[1];
  const flag = (name: string): boolean | undefined => looseFlag.parse(setting(name));
  const source = setting("upgrade.auto.server.type")?.toLowerCase();
  const address = setting("upgrade.auto.server.address");
  const start = setting("upgrade.auto.timeFrame.startTime");
  const stop = setting("upgrade.auto.timeFrame.stopTime");
  const timed = flag("upgrade.auto.timeFrame.enable") !== false && start !== undefined && stop !== undefined;
  const poll = /^\d{1,9}$/.exec(setting("upgrade.auto.polling.interval") ?? "")?.[0];
  return ok({
    managedBy: managedBy.value,
    ...present("provisioning", server === undefined ? undefined : hostOf(server)),
    updates: {
      ...present("on", flag("upgrade.auto.enable")),
      ...present("source", source),
      ...present("address", address),
      ...(timed ? { window: `${start} to ${stop}` } : {}),
      ...(poll === undefined ? {} : { pollSeconds: Number(poll) }),
      ...present("mayGoBack", flag("upgrade.auto.backwardCompatible")),
    },
    doors: {
      ...present("ssh", flag("sec.ssh.enable")),
      ...present("telnet", flag("sec.telnet.enable")),
      ...present("snmp", flag("snmp.enable")),
    },
  });
}

function present<N extends string, T>(name: N, value: T | undefined): { readonly [key in N]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in N]?: T });
}

/** One line for people: who updates it, and when. */
export function showUpdates(updates: UpdateSettings): string | undefined {
  const { on, source, address, window } = updates;
  if (on === undefined && source === undefined) return undefined;
  if (on === false) return "does not update itself";
  const from = address === undefined ? (source ?? "an unnamed source") : `${source ?? "a server"} ${address}`;
  return `updates itself from ${from}${window === undefined ? "" : `, ${window}`}`;
}

export function showDoors(doors: ExportedConfig["doors"]): string | undefined {
  const said = Object.entries(doors).map(([name, on]) => `${name} ${on ? "on" : "off"}`);
  return said.length === 0 ? undefined : `its settings: ${said.join(", ")}`;
}

/** Names asked on the wire: who provisions it. Source: protocols/lens-and-portal.md 12. */
export const PROVISIONING_NAMES = [
  "management.provisioning.enabled",
  "management.provisioning.server",
  "management.provisioning.servertype",
] as const;

export interface ConfigValue {
  readonly value: string | undefined;
  readonly known: boolean;
  readonly editable: boolean;
}

export interface ConfigAnswer {
  readonly values: ReadonlyMap<string, ConfigValue>;
  readonly rebootNeeded: boolean;
}

const answered = z.object({
  vars: z.array(z.object({ name: looseText, value: looseText, result: looseText, iseditable: looseFlag })).max(500),
  rebootneeded: looseFlag,
});

/** POST config with names, or with values: what the system says of each. Secure values are shown to nobody. */
export function decodeConfig(body: Buffer): Result<ConfigAnswer> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  const read = decode(answered, json.value, "an answer for each setting");
  if (!read.ok) return read;
  const values = new Map<string, ConfigValue>();
  for (const { name, value, result, iseditable } of read.value.vars) {
    if (name !== undefined) values.set(name, { value, known: result === "NOERROR", editable: iseditable !== false });
  }
  return ok({ values, rebootNeeded: read.value.rebootneeded === true });
}

/** Whom it asks for its settings; `undefined` where it does not say. */
export function provisioningByValues(values: ReadonlyMap<string, ConfigValue>): readonly string[] | undefined {
  const [enabled, server] = PROVISIONING_NAMES.map((name) => values.get(name)).map((found) =>
    found?.known === true ? found.value : undefined,
  );
  const on = looseFlag.parse(enabled);
  if (on === undefined) return undefined;
  return on ? hostOf(server ?? "") : [];
}

/** A management server (`DMS`) or Lens that provisions it; `none` where the system says that nobody does, absent where it does not say. */
export function managedByValues(values: ReadonlyMap<string, ConfigValue>): ManagedBy | undefined {
  const [enabled, server, type] = PROVISIONING_NAMES.map((name) => {
    const found = values.get(name);
    return found?.known === true ? (found.value ?? "") : undefined;
  });
  const on = looseFlag.parse(enabled);
  if (on === undefined) return isLensServer(server ?? "") ? "lens" : undefined;
  if (!on) return "none";
  const manager = managerOf({ servers: [server ?? ""], provisioning: { enabled: on, serverType: type ?? "" } });
  // Somebody provisions it, and nothing says who.
  return manager === "none" && (server ?? "") !== "" ? "unknown" : manager;
}
