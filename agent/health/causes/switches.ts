/**
 * A switch that does not answer takes all below it: the topmost of a row of silent switches is the cause, or the uplink that
 * several share. Pure.
 */
import type { DeviceId } from "../../../protocols/core/ids.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import {
  ALIKE_MIN,
  type Case,
  type Cause,
  deviceKey,
  isLost,
  LOOK_WAIT_MS,
  lookedAt,
  PARENT_WAIT_MS,
  type View,
  type Waits,
  waitsFromMs,
} from "./picture.ts";
import { allBelow, nameOf, type SiteSwitch } from "./site.ts";

export interface Above {
  /** The topmost switch that is lost. */
  readonly lost?: DeviceId;
  readonly waits?: Waits;
}

/** The switch a device hangs on; of a switch the one above it. */
function parentAddress(id: DeviceId, view: View): string | undefined {
  const device = view.site.devices.get(id);
  if (device?.family !== "switch") return device?.port?.switchAddress;
  return device.address === undefined ? undefined : view.site.switches.get(device.address)?.above?.address;
}

/** Walks up from a silent device: as far as switches are lost, and no further than one that answers. */
export function switchAbove(one: Case, view: View): Above {
  let lost: DeviceId | undefined;
  const seen = new Set<string>();
  let address = parentAddress(one.deviceId, view);
  while (address !== undefined && !seen.has(address)) {
    seen.add(address);
    const node: SiteSwitch | undefined = view.site.switches.get(address);
    const parent = node?.device;
    if (parent !== undefined) {
      if (isLost(parent, one, view)) lost = parent;
      else if (isPending(parent, one, view)) return { waits: waitsFor(parent, one, view) };
      else break;
    }
    address = node?.above?.address;
  }
  return lost === undefined ? {} : { lost };
}

export function isPending(parent: DeviceId, one: Case, view: View): boolean {
  if (view.placed.has(one.id) || view.offline.has(parent) || view.nowMs >= waitEndMs(parent, one, view)) return false;
  return !lookedAt(parent, one.sinceMs, view);
}

function waitEndMs(parent: DeviceId, one: Case, view: View): Ms {
  return waitsFromMs(one, view) + (view.lookingAt.has(parent) ? LOOK_WAIT_MS : PARENT_WAIT_MS);
}

export function waitsFor(parent: DeviceId, one: Case, view: View): Waits {
  return { why: `waits for ${nameOf(view.site, parent)} to be asked`, untilMs: waitEndMs(parent, one, view), look: [parent] };
}

/** The causes of lost switches: each its own, or the uplink where several hang on one port of a switch that answers. */
export function lostSwitchCauses(lost: ReadonlySet<DeviceId>, view: View): ReadonlyMap<DeviceId, Cause> {
  const byUplink = Map.groupBy(lost, (id) => {
    const above = switchOf(id, view)?.above;
    return above === undefined ? `alone ${id}` : `${above.address} ${above.port}`;
  });
  const causes = new Map<DeviceId, Cause>();
  for (const [uplink, members] of byUplink) {
    const shared = members.length > 1 ? uplinkCause(uplink, members, view) : undefined;
    for (const id of members) causes.set(id, shared ?? switchCause(id, view));
  }
  return causes;
}

function switchOf(id: DeviceId, view: View): SiteSwitch | undefined {
  const address = view.site.devices.get(id)?.address;
  return address === undefined ? undefined : view.site.switches.get(address);
}

function switchCause(id: DeviceId, view: View): Cause {
  const node = switchOf(id, view);
  const name = nameOf(view.site, id);
  const below = node === undefined ? [] : allBelow(view.site, node.address);
  const lostUnder = (node === undefined ? [] : (view.site.under.get(node.address) ?? [])).filter((address) => {
    const other = view.site.switches.get(address)?.device;
    return other !== undefined && view.offline.has(other);
  });
  const { above } = node ?? {};
  const at = above === undefined ? "" : `, or its uplink at port ${above.port} of switch ${above.address},`;
  return {
    key: deviceKey(id),
    kind: lostUnder.length > 0 ? "uplink" : "switch",
    scope: id,
    culprit: id,
    causeClass: "network",
    total: below.length + lostUnder.length,
    words: (affected) => ({
      title: `Switch ${name}${at} is lost${affected === 0 ? "" : `: ${affected} of ${below.length + lostUnder.length} behind it are dark`}`,
      why: `${name} does not answer, and what hangs on it went silent after it was last heard`,
      advice: `Look whether ${name} has power${above === undefined ? "" : `, and at port ${above.port} of switch ${above.address}`}`,
    }),
  };
}

function uplinkCause(uplink: string, members: readonly DeviceId[], view: View): Cause {
  const [address = "", ...port] = uplink.split(" ");
  const names = members.map((id) => nameOf(view.site, id)).sort();
  const total = new Set(members.flatMap((id) => [id, ...allBelow(view.site, view.site.devices.get(id)?.address ?? "")])).size;
  return {
    key: `uplink:${uplink}`,
    kind: "uplink",
    scope: uplink,
    causeClass: "network",
    total,
    words: (affected) => ({
      title: `The uplink at port ${port.join(" ")} of switch ${address} is lost: ${affected} of ${total} behind it are dark`,
      why: `${names.join(", ")} hang on this one port and went silent, while switch ${address} answers`,
      advice: `Look at port ${port.join(" ")} of switch ${address} and its cable`,
    }),
  };
}

/** A switch we cannot ask, below which all are silent: nothing else explains it. */
export function unaskedSwitch(cases: readonly Case[], view: View): ReadonlyMap<number, Cause> {
  const found = new Map<number, Cause>();
  const byAddress = Map.groupBy(cases, ({ deviceId }) => parentAddress(deviceId, view) ?? "");
  for (const [address, list] of byAddress) {
    const members = view.site.onSwitch.get(address) ?? [];
    if (
      address === "" ||
      view.site.switches.get(address)?.device !== undefined ||
      members.length < ALIKE_MIN ||
      !members.every((id) => view.offline.has(id))
    )
      continue;
    const cause: Cause = {
      key: `switch:${address}`,
      kind: "switch",
      scope: address,
      causeClass: "network",
      total: members.length,
      words: (affected) => ({
        title: `Switch ${address} seems lost: all ${affected} devices on it are dark`,
        why: `every device on switch ${address} is silent; the switch itself cannot be asked`,
        advice: `Look whether switch ${address} has power and its uplink; give it an SNMP credential, so that it can be asked`,
      }),
    };
    for (const one of list) found.set(one.id, cause);
  }
  return found;
}
