import { expect, test } from "vitest";
import { dhcpSource } from "../../../../../agent/discovery/sources/dhcp/source.ts";
import type { Thread } from "../../../../../agent/threads/channel.ts";
import type { FieldRequests } from "../../../../../agent/threads/requests.ts";
import type { Sighting } from "../../../../../protocols/core/device.ts";
import { fail, ok } from "../../../../../protocols/core/fault.ts";
import type { DeviceId, Mac } from "../../../../../protocols/core/ids.ts";
import { type Network, parseCidr } from "../../../../../protocols/core/networks.ts";

const never = new AbortController().signal;
const network = (text: string): Network => parseCidr(text) as Network;
const at = (address: string): Sighting => ({ source: "dhcp", atMs: 1, address, facts: { mac: "64167f000001" as Mac }, evidence: [] });

function bench(answer: unknown) {
  const noted: (string | undefined)[] = [];
  const field = { ask: async () => answer } as unknown as Thread<FieldRequests>;
  const inventory = {
    note({ address }: Sighting): DeviceId {
      noted.push(address);
      return "d-64167f000001" as DeviceId;
    },
  };
  const ground = { networks: [network("10.20.0.0/24")], exclude: [network("10.20.0.9")] };
  return { source: dhcpSource({ format: "kea", leaseFile: "/leases" }, { field, inventory, ...ground }), noted };
}

test("dhcpSource(): leases outside the networks, or excluded, lead nobody there", async () => {
  const sightings = ["10.20.0.5", "10.20.1.5", "10.20.0.9", "192.0.2.1"].map(at);
  const { source, noted } = bench(ok({ sightings, leases: 40, unreadable: 2 }));
  expect(await source.take(never)).toEqual({ listed: 40, devices: 1, unreadable: 2 });
  expect(noted).toEqual(["10.20.0.5"]);
  expect(source.name).toBe("dhcp /leases");
});

test("dhcpSource(): a file that cannot be read is a fault of the answer", async () => {
  const fault = { kind: "unreachable", via: "dhcp" } as const;
  expect(await bench(fail(fault)).source.take(never)).toEqual({ fault });
});
