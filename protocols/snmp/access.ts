/**
 * How we show an agent who we are.
 */
import { createHmac } from "node:crypto";
import { isIP } from "node:net";
import type { Fault } from "../core/fault.ts";
import { type Credential, Secret } from "../core/secret.ts";

/** Versions 1 and 2c send the community in clear. */
export type SnmpAccess =
  | { readonly version: "1" | "2c"; readonly community: Secret }
  | {
      readonly version: "3";
      readonly user: string;
      readonly auth?: { readonly protocol: "md5" | "sha" | "sha256"; readonly key: Secret };
      /** Needs `auth`. */
      readonly priv?: { readonly protocol: "des" | "aes" | "aes256"; readonly key: Secret };
      readonly context?: string;
    };

/** One agent, and who we are to it. `address` is a literal IP address. */
export interface SnmpTarget {
  readonly address: string;
  readonly port: number;
  readonly access: SnmpAccess;
}

/** Why nothing may be sent at all. */
export function askFault({ address, access }: SnmpTarget): Fault | undefined {
  if (isIP(address) === 0) return { kind: "unreachable", via: "snmp", detail: "not an address" };
  const open = access.version === "3" && access.priv !== undefined && access.auth === undefined;
  return open ? { kind: "denied", via: "snmp", detail: "privacy needs authentication" } : undefined;
}

/** What a stored credential can be tried as, best first: a community as 2c then 1, a USM user as 3, all else as nothing. */
export function accessFrom(credential: Credential): readonly SnmpAccess[] {
  if (credential.kind === "password" || credential.kind === "certificate") return [];
  if (credential.kind === "community") {
    const { community } = credential;
    return [
      { version: "2c", community },
      { version: "1", community },
    ];
  }
  const { user, auth, priv } = credential;
  return [{ version: "3", user, ...(auth === undefined ? {} : { auth }), ...(priv === undefined ? {} : { priv }) }];
}

/**
 * The same access to the tables of one VLAN, as Cisco keeps a forwarding table for each. Source: protocols/snmp.md 5.5.
 */
export function inVlan(access: SnmpAccess, vlan: number): SnmpAccess {
  if (access.version === "3") return { ...access, context: `vlan-${vlan}` };
  return { ...access, community: new Secret(`${access.community.reveal()}@${vlan}`) };
}

/** A name for one access to one agent, for caches: keyed and hashed, because it is made of secrets; parts carry their length, so no two make one. */
export function nameOfTarget(target: SnmpTarget, nameKey: string): string {
  const { access } = target;
  const parts =
    access.version === "3"
      ? [access.user, access.auth?.protocol, access.auth?.key.reveal(), access.priv?.protocol, access.priv?.key.reveal(), access.context]
      : [access.community.reveal()];
  const text = [access.version, ...parts].map((part) => `${part?.length ?? "-"}:${part ?? ""}`).join("");
  return `${target.address}|${target.port}|${createHmac("sha256", nameKey).update(text).digest("base64")}`;
}

/** Secrets are compared by what they hold; those of one credential are one object. */
export function sameAccess(a: SnmpAccess, b: SnmpAccess): boolean {
  if (a === b) return true;
  if (a.version === "3") {
    if (b.version !== "3" || a.user !== b.user || a.context !== b.context) return false;
    return sameKey(a.auth, b.auth) && sameKey(a.priv, b.priv);
  }
  return b.version === a.version && (a.community === b.community || a.community.reveal() === b.community.reveal());
}

type KeyOf = { readonly protocol: string; readonly key: { reveal(): string } } | undefined;

function sameKey(a: KeyOf, b: KeyOf): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.protocol === b.protocol && (a.key === b.key || a.key.reveal() === b.key.reveal());
}
