/**
 * What must hold between the settings of who may do what at the provisioning endpoint. Pure.
 */
import { error, type Related, warning } from "./related.ts";
import type { Config } from "./schema.ts";

export function doorRelations({ provisioning, mqtt, metrics }: Partial<Config>): Related[] {
  if (provisioning === undefined) return [];
  const { tls, credentials, mode } = provisioning;
  const found: Related[] = [];
  if (mode !== "own" && credentials !== undefined) {
    const whose = mode === "overlay" ? "the customer's server asks phones for theirs" : "nothing personal is to be had in it";
    found.push(error(["provisioning", "credentials"], `mode ${mode} asks for no account: ${whose}`, "remove it, or set mode: own"));
  }
  if (mode !== "own" && tls !== undefined && tls.clientCertificates !== "off") {
    const at = ["provisioning", "tls", "clientCertificates"];
    found.push(error(at, `mode ${mode} looks at no certificate of phones`, "remove it, or set mode: own"));
  }
  if (credentials?.basicInClear === true) {
    found.push(
      warning(
        ["provisioning", "credentials", "basicInClear"],
        "whoever listens gets the password",
        "leave it out where phones know Digest",
      ),
    );
  }
  if (credentials !== undefined && new Set(credentials.digests).size < credentials.digests.length) {
    found.push(error(["provisioning", "credentials", "digests"], "names one twice"));
  }
  if (tls === undefined) return found;
  const others = [
    [provisioning.port, "the provisioning endpoint's in clear"],
    [mqtt?.embedded?.port, "the embedded broker's"],
    [metrics?.port, "that of the metrics"],
  ] as const;
  for (const [port, whose] of others) {
    if (port === tls.port) found.push(error(["provisioning", "tls", "port"], `port ${tls.port} is ${whose}`));
  }
  return [...found, ...clientRelations(tls, credentials !== undefined)];
}

type Tls = NonNullable<NonNullable<Config["provisioning"]>["tls"]>;

function clientRelations({ oldClients, clientCertificates, clientRootsFile }: Tls, hasAccount: boolean): Related[] {
  const at = ["provisioning", "tls", "clientCertificates"];
  const found: Related[] = [];
  if (oldClients) {
    const what = "lets every client use TLS 1.0 and weak ciphers, not only old phones";
    found.push(warning(["provisioning", "tls", "oldClients"], what, "remove it as soon as the phones are updated"));
  }
  if (clientCertificates === "off") {
    if (clientRootsFile !== undefined)
      found.push(warning(["provisioning", "tls", "clientRootsFile"], "is of no use: no certificate is asked for"));
    return found;
  }
  if (clientRootsFile === undefined) {
    const what = "anybody can make a certificate with any MAC address in it";
    const hint = "give clientRootsFile";
    found.push(clientCertificates === "require" ? error(at, what, hint) : warning(at, what, hint));
  }
  if (clientCertificates === "require" && hasAccount) {
    found.push(warning(["provisioning", "credentials"], "are of no use: a certificate is required"));
  } else if (clientCertificates === "ask" && !hasAccount) {
    found.push(warning(at, "protects nothing from those who show none", "set require, or give credentials"));
  }
  return found;
}
