import fc from "fast-check";
import { expect, test } from "vitest";
import { groupsOf, topologyOf, type Wiring } from "../../../agent/discovery/topology.ts";
import type { SightingSource } from "../../../protocols/core/device.ts";
import type { DeviceId, Mac } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import type { DeviceRow, FactRow } from "../../../store/devices.ts";
import { device, deviceId, macOf, T0 } from "../../store/temporary.ts";

interface On {
  readonly number: number;
  readonly on: string;
  readonly port: string;
  readonly atMs?: number;
  readonly source?: SightingSource;
  readonly row?: Partial<DeviceRow>;
  readonly behind?: readonly Mac[];
}

const switchRow = (number: number, address: string): DeviceRow => device(number, { family: "switch", address, name: `sw-${number}` });
const fact = ({ number, on, port, atMs = T0, source = "lldp" }: On): FactRow => ({
  device: deviceId(number),
  field: "switchPort",
  source,
  value: `${on} ${port}`,
  rank: 70,
  atMs,
  evidence: [],
});

function wiring(switches: readonly DeviceRow[], plugged: readonly On[], rooms: Readonly<Record<string, string>> = {}): Wiring {
  const known = new Map(switches.map((row) => [row.id, row]));
  for (const { number, on, port, row, behind } of plugged) {
    const before = known.get(deviceId(number)) ?? device(number);
    known.set(before.id, {
      ...before,
      ...row,
      switchPort: { switchAddress: on, name: port, poeDelivering: true, ...(behind === undefined ? {} : { behind }) },
    });
  }
  return { devices: [...known.values()], ports: plugged.map(fact), roomOf: (id) => rooms[id] };
}

const A = "10.20.9.1";
const B = "10.20.9.2";

test("topologyOf(): switch, port, two phones on one of them, the PC behind", () => {
  const pc = "3c5282000001" as Mac;
  const tree = topologyOf(
    wiring(
      [switchRow(90, A)],
      [
        { number: 3, on: A, port: "Gi1/0/10" },
        { number: 1, on: A, port: "Gi1/0/2", behind: [pc] },
        { number: 2, on: A, port: "Gi1/0/2", behind: [pc] },
      ],
    ),
  );
  expect(tree.switches).toMatchObject([
    {
      address: A,
      device: deviceId(90),
      ports: [
        { name: "Gi1/0/2", plugs: [{ device: deviceId(1), poe: true, gone: false }, { device: deviceId(2) }], behind: [pc] },
        { name: "Gi1/0/10", plugs: [{ device: deviceId(3) }], behind: [] },
      ],
    },
  ]);
  expect([tree.unplugged, tree.rings]).toEqual([[], []]);
});

test("topologyOf(): whom a switch does not name any more is gone from its port; one never named has none", () => {
  const tree = topologyOf(
    wiring(
      [switchRow(90, A), device(5)],
      [
        { number: 1, on: A, port: "1", atMs: T0 + HOUR },
        { number: 2, on: A, port: "2", atMs: T0, behind: ["3c5282000001" as Mac] },
        { number: 3, on: B, port: "7", atMs: T0 },
      ],
    ),
  );
  expect(
    tree.switches.flatMap(({ ports }) => ports.flatMap(({ plugs, behind }) => plugs.map(({ gone }) => [gone, behind.length]))),
  ).toEqual([
    [false, 0],
    [true, 0],
    [false, 0],
  ]);
  expect(tree.unplugged).toEqual([deviceId(5)]);
  expect(groupsOf(tree).find(({ id }) => id === `switch:${A}`)?.members).toEqual([deviceId(1)]);
});

test("topologyOf(): a switch that only its ports tell of stands in the tree without a device", () => {
  const [node] = topologyOf(wiring([], [{ number: 1, on: A, port: "1" }])).switches;
  expect([node?.address, node?.device, node?.ports.length]).toEqual([A, undefined, 1]);
});

test("topologyOf(): rooms, and a codec with its panels as one set; a part nobody knows is left out", () => {
  const parts = [
    { model: "TC10", mac: macOf(2), connected: true },
    { model: "TC8", mac: macOf(99), connected: true },
  ];
  const tree = topologyOf(
    wiring(
      [],
      [
        { number: 1, on: A, port: "1", row: { parts } },
        { number: 2, on: A, port: "2" },
        { number: 3, on: A, port: "3", row: { retiredAtMs: T0 } },
      ],
      { [deviceId(1)]: "Matterhorn", [deviceId(2)]: "Matterhorn", [deviceId(3)]: "Matterhorn" },
    ),
  );
  expect(tree.coupled).toEqual([[deviceId(1), deviceId(2)]]);
  expect([...tree.rooms]).toEqual([["Matterhorn", [deviceId(1), deviceId(2)]]]);
  expect(groupsOf(tree).map(({ id }) => id)).toEqual([`coupled:${deviceId(1)}`, "room:Matterhorn", `switch:${A}`]);
});

test("groupsOf(): below a switch are its subordinate switches' devices too", () => {
  const tree = topologyOf(
    wiring(
      [switchRow(90, A), switchRow(91, B)],
      [
        { number: 91, on: A, port: "48" },
        { number: 1, on: B, port: "1" },
        { number: 2, on: A, port: "1" },
      ],
    ),
  );
  expect(tree.switches.find(({ address }) => address === B)?.above).toEqual({ address: A, port: "48" });
  expect(
    groupsOf(tree)
      .filter(({ kind }) => kind === "switch")
      .map(({ members }) => members),
  ).toEqual([[1, 2, 91].map(deviceId), [deviceId(1)]]);
});

test("topologyOf(): switches that hang on each other are a ring, cut at its first", () => {
  const tree = topologyOf(
    wiring(
      [switchRow(90, A), switchRow(91, B)],
      [
        { number: 90, on: B, port: "48" },
        { number: 91, on: A, port: "48" },
        { number: 1, on: B, port: "1" },
      ],
    ),
  );
  expect(tree.rings).toEqual([[A, B]]);
  expect(tree.switches.map(({ address, above, ports }) => [address, above?.address, ports.map(({ name }) => name)])).toEqual([
    [A, undefined, ["48"]],
    [B, A, ["1"]],
  ]);
});

test("topologyOf(): of one pass the better source tells the port, after it the newer", () => {
  const row = { switchPort: { switchAddress: B, name: "2" } };
  const told = (bridgeAtMs: number): readonly FactRow[] => [
    fact({ number: 1, on: A, port: "1" }),
    fact({ number: 1, on: B, port: "2", source: "bridge", atMs: bridgeAtMs }),
  ];
  const seenMs = (ports: readonly FactRow[]) =>
    topologyOf({ devices: [device(1, row)], ports, roomOf: () => undefined }).switches.at(-1)?.ports[0]?.plugs[0]?.seenMs;
  expect(seenMs(told(T0 + MINUTE))).toBe(T0);
  expect(seenMs(told(T0 + HOUR))).toBe(T0 + HOUR);
});

const anySite = fc.array(
  fc.record({
    number: fc.integer({ min: 1, max: 12 }),
    on: fc.constantFrom("10.0.0.9", "10.0.0.10", "10.0.0.11", "10.0.0.12"),
    port: fc.constantFrom("1", "2", "10"),
    atMs: fc.constantFrom(T0, T0 + HOUR),
  }),
  { maxLength: 20 },
);
/** Numbers 9 to 12 are the switches, so links make any graph, rings included. */
const switchesOfAny = [9, 10, 11, 12].map((number) => switchRow(number, `10.0.0.${number}`));

test("topologyOf(), groupsOf(): whatever is told, every device stands once, and what falls together is told without end or doubles", () => {
  fc.assert(
    fc.property(anySite, (told) => {
      const plugged = [...new Map(told.map((one) => [one.number, one])).values()];
      const tree = topologyOf(wiring(switchesOfAny, plugged));
      const standing = tree.switches.flatMap(({ ports }) => ports.flatMap(({ plugs }) => plugs.map((plug) => plug.device)));
      const cut = plugged.filter(({ number }) => number >= 9 && !standing.includes(deviceId(number)));
      const phones = plugged.filter(({ number }) => number < 9).map(({ number }) => deviceId(number));
      expect(new Set(standing).size).toBe(standing.length);
      expect(phones.every((id: DeviceId) => standing.includes(id))).toBe(true);
      // Only a switch that closes a ring, or hangs on itself, is left out.
      expect(cut.length).toBe(tree.rings.length + plugged.filter(({ number, on }) => on === `10.0.0.${number}`).length);
      for (const { members } of groupsOf(tree)) expect(members).toEqual([...new Set(members)]);
    }),
  );
});

test("topologyOf(): the order of devices and facts does not matter", () => {
  fc.assert(
    fc.property(anySite, fc.integer(), (told, seed) => {
      const plugged = [...new Map(told.map((one) => [one.number, one])).values()];
      const one = wiring(switchesOfAny, plugged);
      const turn = <T>(list: readonly T[]): readonly T[] => list.toSorted((_a, _b) => (seed % 2 === 0 ? 1 : -1)).toReversed();
      const two = { ...one, devices: turn(one.devices), ports: turn(one.ports) };
      expect(topologyOf(two).switches).toEqual(topologyOf(one).switches);
    }),
  );
});
