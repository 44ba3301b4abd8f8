/**
 * MACs a bridge has learnt: finds Poly devices that announce nothing, by their MAC prefix and the port they sit on.
 * Source: protocols/snmp.md 5.5; RFC 4188, RFC 4363.
 */
import { type Mac, parseMac } from "../core/ids.ts";
import { worthProbing } from "../families/oui.ts";
import { BRIDGE } from "../snmp/oids.ts";
import { numberOf } from "../snmp/values.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Ports } from "./ports.ts";
import { type Column, indexOf, type TableReader } from "./tables.ts";

/** dot1dTpFdbStatus and dot1qTpFdbStatus. */
const LEARNED = 3;
/** More MACs than this on a port and it leads to other switches: a phone with a PC shows two, in two VLANs at most four. */
const MAX_EDGE_MACS = 8;

interface Learnt {
  readonly mac: Mac;
  readonly bridgePort: number;
}

function learnt(ports: Column, status: Column): readonly Learnt[] {
  const found: Learnt[] = [];
  for (const [row, value] of ports) {
    const bridgePort = numberOf(value);
    const octets = indexOf(row).slice(-6);
    const state = numberOf(status.get(row));
    if (bridgePort === undefined || bridgePort === 0 || octets.length !== 6 || octets.some((octet) => octet > 255)) continue;
    const mac = parseMac(Buffer.from(octets).toString("hex"));
    if (mac !== undefined && (state === undefined || state === LEARNED)) found.push({ mac, bridgePort });
  }
  return found;
}

/**
 * Devices with a Poly MAC on an edge port, each on the port with the fewest MACs.
 *
 * @param uplinks  names of ports with a bridge behind them, whatever they have learnt
 */
export async function readBridge(read: TableReader, ports: Ports, uplinks: ReadonlySet<string>): Promise<Neighbour[]> {
  let entries = learnt(await read.column(BRIDGE.qFdbPort), await read.column(BRIDGE.qFdbStatus));
  if (entries.length === 0) entries = learnt(await read.column(BRIDGE.fdbPort), await read.column(BRIDGE.fdbStatus));
  const macsOn = new Map<number, Set<Mac>>();
  for (const { mac, bridgePort } of entries) macsOn.set(bridgePort, (macsOn.get(bridgePort) ?? new Set()).add(mac));
  const count = (bridgePort: number): number => macsOn.get(bridgePort)?.size ?? 0;
  const best = new Map<Mac, number>();
  for (const { mac, bridgePort } of entries) {
    const other = best.get(mac);
    if (worthProbing(mac) && (other === undefined || count(bridgePort) < count(other))) best.set(mac, bridgePort);
  }
  const found: Neighbour[] = [];
  for (const [mac, bridgePort] of best) {
    const port = ports.byBridgePort(bridgePort);
    if (port === undefined || uplinks.has(port.name) || count(bridgePort) > MAX_EDGE_MACS) continue;
    const { name, ...rest } = port;
    found.push({ ...rest, portName: name, mac, facts: { mac }, isBridge: false, learntFrom: "bridge" });
  }
  return found;
}
