/**
 * What must hold between settings that are each fine alone. Pure; asks only of sections that could be read.
 */

import { longestOpenMs } from "../../firmware/waves/window.ts";
import { type DevicePorts, STANDARD_PORTS } from "../../protocols/core/device.ts";
import { covers, firstOf, isLoopback, isNobody, isPublic, lastOf } from "../../protocols/core/networks.ts";
import { showDuration } from "../../protocols/core/time.ts";
import { brandRelations } from "./brand-schema.ts";
import { doorRelations } from "./door-relations.ts";
import { firmwareRelations } from "./firmware-relations.ts";
import { groupRelations } from "./group-relations.ts";
import { mqttRelations } from "./mqtt-relations.ts";
import type { PathPart } from "./problem.ts";
import { provisioningRelations } from "./provisioning-relations.ts";
import { error, type Related, warning } from "./related.ts";
import { roomsRelations } from "./rooms-relations.ts";
import type { Config } from "./schema.ts";

/** A /15: at the default rate its sweep takes two minutes. A larger site is several agents. */
const NETWORK_SIZE_MAX = 2 ** 17;
/** Longest path of a Unix socket. Source: unix(7), `sun_path` holds 108 octets with the end. */
const SOCKET_PATH_MAX = 107;

/** Every relation that does not hold. */
export function relations(config: Partial<Config>): Related[] {
  return [
    ...brandRelations(config),
    ...networkRelations(config),
    ...portRelations(config),
    ...waveRelations(config),
    ...mqttRelations(config),
    ...listRelations(config),
    ...webRelations(config),
    ...firmwareRelations(config),
    ...inboxRelations(config),
    ...provisioningRelations(config),
    ...doorRelations(config),
    ...groupRelations(config),
    ...roomsRelations(config),
  ];
}

function networkRelations(config: Partial<Config>): Related[] {
  const { networks = [] } = config;
  const alone = eachNetwork(config);
  const four = networks.reduce((sum, { family, size }) => sum + (family === 4 ? size : 0), 0);
  if (four <= NETWORK_SIZE_MAX || networks.some(({ size }) => size > NETWORK_SIZE_MAX)) return alone;
  const together = error(["networks"], `${four} addresses together are more than a /15`, "name the networks that hold devices");
  return [...alone, together];
}

function eachNetwork({ networks = [], exclude = [], allowPublicNetworks = false }: Partial<Config>): Related[] {
  return networks.flatMap((network, i) => {
    const at = ["networks", i];
    const found: Related[] = [];
    const ends = [firstOf(network), lastOf(network)];
    if (network.size > NETWORK_SIZE_MAX) {
      found.push(error(at, `${network.text} is larger than a /${network.family === 4 ? 15 : 111}`, "name the networks that hold devices"));
    }
    if (ends.some(isNobody)) found.push(error(at, `${network.text} holds no single devices`));
    else if (!allowPublicNetworks && ends.some(isPublic)) {
      found.push(error(at, `${network.text} is on the internet`, "set allowPublicNetworks: true if it is the customer's own"));
    }
    const hole = exclude.find((one) => covers(one, network));
    if (hole !== undefined) found.push(error(at, `${network.text} is wholly excluded by ${hole.text}`, "remove one of the two"));
    const outer = networks.find((other, j) => j !== i && covers(other, network) && (j < i || other.size > network.size));
    if (outer !== undefined) found.push(warning(at, `${network.text} is inside ${outer.text} already`));
    return found;
  });
}

/** A rule that can never decide is a mistake of whoever wrote it. */
function inboxRelations({ inbox, networks = [] }: Partial<Config>): Related[] {
  const rules = inbox?.rules ?? [];
  return rules.flatMap((rule, i) => {
    const at = ["inbox", "rules", i];
    const { subnet } = rule;
    const wider = rules.findIndex((other, j) => j < i && coversRule(other, rule));
    const found = wider < 0 ? [] : [warning(at, `can never decide: rule ${wider + 1} matches all it matches`, "move it up, or remove it")];
    const isSwept = subnet === undefined || networks.length === 0 || networks.some((one) => covers(one, subnet) || covers(subnet, one));
    return isSwept ? found : [...found, warning([...at, "subnet"], `${subnet?.text} is in none of the networks`)];
  });
}

type Rule = Config["inbox"]["rules"][number];

function coversRule(wide: Rule, narrow: Rule): boolean {
  return (
    (wide.subnet === undefined || (narrow.subnet !== undefined && covers(wide.subnet, narrow.subnet))) &&
    (wide.family === undefined || wide.family === narrow.family) &&
    (wide.oui === undefined || wide.oui === narrow.oui)
  );
}

function portRelations({ ports, provisioning, mqtt, metrics }: Partial<Config>): Related[] {
  const found: Related[] = [];
  if (ports !== undefined) {
    const stated = Object.fromEntries(Object.entries(ports).filter(([, value]) => value !== undefined));
    const all: DevicePorts = { ...STANDARD_PORTS, ...stated };
    for (const names of [["https", "http", "ssh", "telnet"] as const, ["snmp", "sip"] as const]) {
      names.forEach((name, i) => {
        const other = names.slice(0, i).find((one) => all[one] === all[name]);
        if (other !== undefined) found.push(error(["ports", name], `${name} and ${other} are both on port ${all[name]}`));
      });
    }
  }
  if (provisioning !== undefined && provisioning.port === mqtt?.embedded?.port) {
    found.push(error(["mqtt", "embedded", "port"], `port ${provisioning.port} is the provisioning endpoint's`));
  }
  if (metrics === undefined) return found;
  if (metrics.port === provisioning?.port) found.push(error(["metrics", "port"], `port ${metrics.port} is the provisioning endpoint's`));
  if (metrics.port === mqtt?.embedded?.port) found.push(error(["metrics", "port"], `port ${metrics.port} is the embedded broker's`));
  if (!isLoopback(metrics.host)) {
    found.push(
      warning(["metrics", "host"], "whoever reaches this address may read the metrics", "let only the monitoring in, or use 127.0.0.1"),
    );
  }
  return found;
}

function waveRelations({ calendar, policy }: Partial<Config>): Related[] {
  if (policy === undefined) return [];
  const found: Related[] = [];
  if (policy.lookAgain >= policy.deferral) {
    found.push(
      error(["policy", "lookAgain"], `a busy device is given up after ${showDuration(policy.deferral)}, before it is looked at again`),
    );
  }
  if (policy.canaryCount > policy.atRiskMax) {
    found.push(warning(["policy", "canaryCount"], `only ${policy.atRiskMax} of the ${policy.canaryCount} canaries may be at risk at once`));
  }
  if (calendar === undefined) return found;
  const longest = longestOpenMs(calendar);
  if (policy.lostAfter > longest) {
    const what = `no window is long enough: the longest is ${showDuration(longest)}, and a device may be away for ${showDuration(policy.lostAfter)} (lostAfter)`;
    found.push(error(["calendar", "windows"], what, "widen a window or shorten policy.lostAfter"));
  } else if (policy.lostAfter + policy.soak > longest) {
    const what = `no window holds an update and its soak: the longest is ${showDuration(longest)}, lostAfter and soak need ${showDuration(policy.lostAfter + policy.soak)}`;
    found.push(warning(["calendar", "windows"], what, "each wave then takes a window of its own"));
  }
  return found;
}

function listRelations({ places = [], placesFile, credentials = [], channel, socket, ...rest }: Partial<Config>): Related[] {
  const found: Related[] = [...dhcpRelations(rest)];
  if (places.length > 0 && placesFile !== undefined) found.push(error(["placesFile"], "places are given already", "give one of the two"));
  found.push(...repeated(places.map(({ mac }) => mac)).map((i) => error(["places", i, "mac"], "this device has a place already")));
  found.push(...repeated(credentials.map(({ id }) => id)).map((i) => error(["credentials", i, "id"], "another credential has this id")));
  credentials.forEach((one, i) => {
    if (one.kind === "usm" && one.priv !== undefined && one.auth === undefined) {
      found.push(error(["credentials", i, "priv"], "privacy needs authentication", "give auth as well"));
    }
  });
  if (channel !== undefined && (channel.url === undefined) === (channel.folder === undefined)) {
    found.push(error(["channel"], "needs either url or folder"));
  }
  if (socket !== undefined && Buffer.byteLength(socket) > SOCKET_PATH_MAX) {
    found.push(error(["socket"], `is longer than the ${SOCKET_PATH_MAX} octets a socket's path may have`));
  }
  return found;
}

function dhcpRelations({ dhcp = [], networks = [] }: Pick<Partial<Config>, "dhcp" | "networks">): Related[] {
  const found = repeated(dhcp.map(({ leaseFile }) => leaseFile)).map((i) => error(["dhcp", i, "leaseFile"], "this file is named already"));
  if (dhcp.length === 0 || networks.length > 0) return found;
  return [...found, warning(["dhcp"], "finds nobody: leases count inside networks, and none is named")];
}

function webRelations({ tickets, channel, lens, coverage, firmware, rooms }: Partial<Config>): Related[] {
  const found: Related[] = [];
  if (coverage?.lens === true && lens === undefined)
    found.push(error(["coverage", "lens"], "there is no account of Lens to ask", "give the section lens"));
  const urls: [readonly PathPart[], string | undefined][] = [
    [["tickets", "webhook", "url"], tickets?.webhook?.url],
    [["tickets", "webhook", "lookupUrl"], tickets?.webhook?.lookupUrl],
    [["channel", "url"], channel?.url],
    [["coverage", "portal", "url"], coverage?.portal?.url],
    [["firmware", "sources", "portal", "url"], firmware?.sources.portal?.url],
    [["lens", "tokenUrl"], lens?.tokenUrl],
    [["lens", "graphqlUrl"], lens?.graphqlUrl],
    ...(rooms?.calendars ?? []).map(({ url }, i): [readonly PathPart[], string | undefined] => [["rooms", "calendars", i, "url"], url]),
  ];
  for (const [at, text] of urls) {
    if (text === undefined) continue;
    const url = new URL(text);
    if (url.username !== "" || url.password !== "") found.push(error(at, "holds a user or password"));
    if (url.protocol === "http:" && !isOwnHost(url))
      found.push(error(at, "is not encrypted, and leads to another machine", "use https://"));
  }
  return found;
}

function isOwnHost(url: URL): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return host === "localhost" || isLoopback(host);
}

/** Indexes of values that an earlier one equals. */
function repeated(values: readonly string[]): number[] {
  const seen = new Set<string>();
  return values.flatMap((value, i) => {
    if (seen.has(value)) return [i];
    seen.add(value);
    return [];
  });
}
