/**
 * What must hold between the settings of the provisioning endpoint. Pure.
 */
import { isLoopback } from "../../protocols/core/networks.ts";
import { error, type Related, warning } from "./related.ts";
import type { Config } from "./schema.ts";

export function provisioningRelations({ provisioning }: Partial<Config>): Related[] {
  if (provisioning === undefined) return [];
  const { mode, upstream } = provisioning;
  const at = ["provisioning", "upstream"];
  if (upstream === undefined) {
    return mode === "overlay" ? [error(at, "is missing: mode overlay needs the boot server it stands in front of", "give its url")] : [];
  }
  const unused = mode === "overlay" ? [] : [error(at, `mode ${mode} asks no other server`, "set mode: overlay, or remove it")];
  return [...unused, ...upstreamRelations(provisioning, upstream)];
}

type Provisioning = NonNullable<Config["provisioning"]>;

function upstreamRelations(own: Provisioning, { url: text, user, passwordFile, caFile }: NonNullable<Provisioning["upstream"]>): Related[] {
  const found: Related[] = [];
  const at = ["provisioning", "upstream", "url"];
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") found.push(error(at, "holds a user or password", "give user and passwordFile"));
  if (url.search !== "" || url.hash !== "") found.push(error(at, "has more than a folder after its host"));
  if (isSelf(url, own)) found.push(error(at, "is this endpoint itself", "name the customer's own boot server"));
  if (caFile !== undefined && url.protocol !== "https:") {
    found.push(error(["provisioning", "upstream", "caFile"], "is of no use without https://"));
  }
  if ((user === undefined) !== (passwordFile === undefined)) {
    const [given, missing] = user === undefined ? ["passwordFile", "user"] : ["user", "passwordFile"];
    found.push(error(["provisioning", "upstream", given as string], `is of no use without ${missing}`));
  } else if (user !== undefined) {
    const what = "whoever reaches the endpoint reads what this account may read, without a password of their own";
    found.push(warning(["provisioning", "upstream", "user"], what, "leave it out where phones have an account"));
    if (url.protocol === "http:" && !isLoopback(hostOf(url))) {
      found.push(
        warning(at, "is not encrypted: the account's password goes over the network in clear", "use https:// where the server has it"),
      );
    }
  }
  return found;
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, "$1");

/** By any of the addresses it can be told from here: the one it listens on, loopback for all of them, and its base. */
function isSelf(url: URL, { host, port, baseUrl }: Provisioning): boolean {
  const base = baseUrl === undefined ? undefined : new URL(baseUrl);
  if (base !== undefined && base.host === url.host) return true;
  const asked = hostOf(url);
  const everywhere = host === "0.0.0.0" || host === "::";
  return portOf(url) === port && (asked === host || (everywhere && (asked === "localhost" || isLoopback(asked))));
}

const portOf = (url: URL): number => (url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port));
