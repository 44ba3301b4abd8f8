/**
 * A made-up site of any size: who there is, where it hangs, whom it registers with. The same seed gives the same site.
 */
import type { CoupledPart, DeviceFacts, FamilyId, Line } from "../../protocols/core/device.ts";
import { type DeviceId, type Mac, parseMac } from "../../protocols/core/ids.ts";
import { type Random, seededRandom } from "../../protocols/core/random.ts";
import type { Version } from "../../protocols/core/version.ts";

export interface FleetDevice {
  readonly id: DeviceId;
  readonly mac: Mac;
  readonly family: FamilyId;
  readonly address: string;
  readonly facts: DeviceFacts;
  /** The server of its lines; absent where it has none. */
  readonly registrar?: string;
  readonly lines: readonly Line[];
  readonly parts: readonly CoupledPart[];
  /** What it hangs on; of an access switch the core. */
  readonly port?: { readonly switchAddress: string; readonly name: string; readonly powered: boolean };
  /** Where in its own noise it stands. */
  readonly salt: number;
}

export interface Fleet {
  readonly seed: number;
  /** Switches first: whoever finds the others finds them. */
  readonly devices: readonly FleetDevice[];
  readonly byAddress: ReadonlyMap<string, FleetDevice>;
  /** The access switch that hangs exactly `PHONES_ON_LOST` phones and nothing else. */
  readonly lostSwitch: FleetDevice;
  readonly networks: readonly string[];
}

/** A SIP provider outside, and a server of the site itself. */
export const PROVIDER = "sip.provider.example";
export const OWN_SERVER = "10.20.255.10";
export const PHONES_ON_LOST = 22;

const PORTS_USED = 40;
const ROOM_SHARE = 0.18;
/** So many of the phones have their lines at the provider. */
const PROVIDER_SHARE = 0.6;
const PHONES: readonly (readonly [model: string, running: string])[] = [
  ["VVX 450", "6.4.6.2494"],
  ["VVX 350", "6.4.6.2494"],
  ["VVX 250", "6.4.7.4560"],
  ["Edge E350", "8.5.0.1107"],
];
const ROOMS: readonly (readonly [model: string, running: string])[] = [
  ["Studio X50", "4.2.0"],
  ["Studio X30", "4.2.0"],
  ["G7500", "4.1.0"],
];

/** @param count all devices together, switches included; 60 at least */
export function makeFleet(seed: number, count: number): Fleet {
  const random = seededRandom(seed);
  const switchCount = Math.max(3, Math.ceil((count - PHONES_ON_LOST) / (PORTS_USED + 1)) + 1);
  const core = switchOf(0, undefined, random);
  const access = Array.from({ length: switchCount }, (_, i) =>
    switchOf(i + 1, { switchAddress: core.address, name: `Te1/${i + 1}`, powered: false }, random),
  );
  const lostSwitch = access[0] as FleetDevice;
  const ends: FleetDevice[] = [];
  const place = { at: 1, port: 1 };
  const left = count - 1 - access.length;
  for (let n = 0; n < left; n++) {
    const onLost = n < PHONES_ON_LOST;
    const on = onLost ? lostSwitch : (access[place.at] as FleetDevice);
    const port = { switchAddress: on.address, name: `Gi1/0/${onLost ? n + 1 : place.port}`, powered: true };
    const isRoom = !onLost && random.next() < ROOM_SHARE;
    ends.push(isRoom ? roomOf(n, { ...port, powered: false }, random) : phoneOf(n, port, random));
    if (onLost) continue;
    place.port++;
    if (place.port > PORTS_USED && place.at < access.length - 1) Object.assign(place, { at: place.at + 1, port: 1 });
  }
  const devices = [core, ...access, ...ends];
  const networks = [...new Set(devices.map(({ address }) => `${address.split(".").slice(0, 3).join(".")}.0/24`))];
  return { seed, devices, byAddress: new Map(devices.map((device) => [device.address, device])), lostSwitch, networks };
}

type Port = NonNullable<FleetDevice["port"]>;

const macOf = (oui: string, n: number): Mac => parseMac(oui + n.toString(16).padStart(6, "0")) as Mac;
/** Networks of 200 addresses: 10.20 holds switches, the others what hangs on them. */
const addressOf = (net: number, n: number): string => `10.${net}.${Math.floor(n / 200)}.${(n % 200) + 10}`;

function switchOf(n: number, port: Port | undefined, random: Random): FleetDevice {
  const mac = macOf("525400", n + 1);
  return {
    id: `d-${mac}` as DeviceId,
    mac,
    family: "switch",
    address: addressOf(20, n),
    facts: { family: "switch", vendor: "Example", model: "Access switch", mac, name: n === 0 ? "core" : `sw-${n}`, managedBy: "none" },
    lines: [],
    parts: [],
    salt: random.below(2 ** 31),
    ...(port === undefined ? {} : { port }),
  };
}

function phoneOf(n: number, port: Port, random: Random): FleetDevice {
  const mac = macOf("64167f", n + 1);
  const [model, running] = PHONES[random.below(PHONES.length)] as (typeof PHONES)[number];
  const registrar = random.next() < PROVIDER_SHARE ? PROVIDER : OWN_SERVER;
  const number = String(1_000 + n);
  return {
    id: `d-${mac}` as DeviceId,
    mac,
    family: "uc-phone",
    address: addressOf(21, n),
    facts: { family: "uc-phone", vendor: "Poly", model, mac, running: { application: running as Version }, managedBy: "none" },
    registrar,
    lines: [{ address: `${number}@${registrar}`, registered: true }],
    parts: [],
    salt: random.below(2 ** 31),
    port,
  };
}

function roomOf(n: number, port: Port, random: Random): FleetDevice {
  const mac = macOf("00e0db", n + 1);
  const [model, running] = ROOMS[random.below(ROOMS.length)] as (typeof ROOMS)[number];
  return {
    id: `d-${mac}` as DeviceId,
    mac,
    family: "video-os",
    address: addressOf(22, n),
    facts: {
      ...{ family: "video-os", vendor: "Poly", model, mac, serial: `8L21AA${mac.slice(6).toUpperCase()}FD`, name: `Room ${n}` },
      ...{ running: { application: running as Version }, managedBy: "none" },
    },
    lines: [],
    parts: [],
    salt: random.below(2 ** 31),
    port,
  };
}
