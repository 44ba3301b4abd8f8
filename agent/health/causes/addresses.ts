/**
 * DHCP: devices that are silent while their ports are up have power and a link, and no address that works. Several who were
 * given it by one server, or share a subnet, have that as their cause. Pure.
 */
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { ALIKE_MIN, type Case, type Cause, type View } from "./picture.ts";
import { portSince } from "./power.ts";
import { together } from "./services.ts";
import { nameOf } from "./site.ts";

/** Whom its address comes from: the server it named, else its subnet. IPv4 /24: the usual size of a voice network. A guess. */
function originOf(id: DeviceId, view: View): string | undefined {
  const device = view.site.devices.get(id);
  const server = device?.services.dhcp?.[0];
  if (server !== undefined) return `server ${server}`;
  const subnet = /^(\d+\.\d+\.\d+)\.\d+$/.exec(device?.address ?? "")?.[1];
  return subnet === undefined ? undefined : `subnet ${subnet}.0/24`;
}

export function lostAddresses(cases: readonly Case[], view: View): ReadonlyMap<number, Cause> {
  const found = new Map<number, Cause>();
  const linked = cases.filter((one) => portSince(one, view)?.isUp === true);
  for (const [origin, all] of Map.groupBy(linked, ({ deviceId }) => originOf(deviceId, view) ?? "")) {
    // One server takes all of them within the time of their leases: three that went on three days are three.
    const list = together(all);
    if (origin === "" || new Set(list.map(({ deviceId }) => deviceId)).size < ALIKE_MIN) continue;
    const cause = addressCause(origin, view);
    for (const one of list) found.set(one.id, cause);
  }
  return found;
}

function addressCause(origin: string, view: View): Cause {
  const [what, name = ""] = origin.split(" ");
  const service = what === "server" ? view.site.services.get(`dhcp:${name}`) : undefined;
  const total = service?.members.length ?? [...view.site.devices.keys()].filter((id) => originOf(id, view) === origin).length;
  const server = service?.server === undefined ? name : nameOf(view.site, service.server);
  const who = what === "server" ? `DHCP server ${server}` : `DHCP or the router of ${name}`;
  return {
    key: `addresses:${origin}`,
    kind: "addresses",
    scope: name,
    causeClass: "network",
    total,
    words: (affected) => ({
      title: `${who}: ${affected} devices have a link and answer at no address`,
      why: `their switches answer and say that their ports are up; what they share is ${origin}`,
      advice: `Look whether ${who} runs and has free addresses, and at the router between here and there`,
    }),
  };
}
