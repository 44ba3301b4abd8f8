/**
 * What network/info says: who manages the phone, and how it is connected. Pure. Source: protocols/uc-phones.md 4.5;
 * protocols/lens-and-portal.md 12.
 */
import * as z from "zod";
import type { DeviceRead, ManagedBy } from "../core/device.ts";
import { isLensServer } from "../lens/managed.ts";
import { looseText } from "./json.ts";
import { hostOf } from "./server-host.ts";

/** Who owns software and settings, by the address of the provisioning server. An empty address is nobody's. */
export const managerOfServer = (address: string): Extract<ManagedBy, "lens" | "none"> => (isLensServer(address) ? "lens" : "none");

/** Who else manages it; `undefined` where no server address is stated, not even an empty one. */
export function decodeManagedBy(data: unknown): "lens" | "none" | undefined {
  const decoded = z.object({ provserveraddress: z.string() }).safeParse(data);
  return decoded.success ? managerOfServer(decoded.data.provserveraddress) : undefined;
}

/** How a phone is connected: a shut LAN port is no fault where it is on Wi-Fi. */
export type Connection =
  | { readonly by: "lan"; readonly active: boolean; readonly speed?: string; readonly vlan?: string }
  | { readonly by: "wifi"; readonly network?: string; readonly signal?: string; readonly security?: string };

const schema = z.object({
  lanportstatus: looseText,
  lanspeed: looseText,
  vlanid: looseText,
  wifi: z
    .object({ state: looseText, ssid: looseText, "signal strength": looseText, "security mode": looseText })
    .optional()
    .catch(undefined),
});

/** `undefined` where the answer tells neither. */
export function decodeConnection(data: unknown): Connection | undefined {
  const decoded = schema.safeParse(data);
  if (!decoded.success) return undefined;
  const { lanportstatus, lanspeed, vlanid, wifi } = decoded.data;
  const active = lanportstatus?.toLowerCase() === "active";
  const onWifi = wifi !== undefined && (wifi.ssid !== undefined || /^(?:connected|active|up|on|enabled)$/i.test(wifi.state ?? ""));
  if (!active && onWifi) {
    const { ssid, "signal strength": signal, "security mode": security } = wifi;
    return {
      by: "wifi",
      ...(ssid === undefined ? {} : { network: ssid }),
      ...(signal === undefined ? {} : { signal }),
      ...(security === undefined ? {} : { security }),
    };
  }
  if (lanportstatus === undefined) return undefined;
  return { by: "lan", active, ...(lanspeed === undefined ? {} : { speed: lanspeed }), ...(vlanid === undefined ? {} : { vlan: vlanid }) };
}

/** For people. */
export function showConnection(connection: Connection): string {
  if (connection.by === "wifi") {
    const { network, signal, security } = connection;
    const details = [signal === undefined ? "" : `signal ${signal}`, security ?? ""].filter((text) => text !== "").join(", ");
    return `on Wi-Fi${network === undefined ? "" : ` "${network.slice(0, 32)}"`}${details === "" ? "" : `, ${details.slice(0, 60)}`}`;
  }
  const { active, speed, vlan } = connection;
  return `LAN port ${active ? "active" : "inactive"}${speed === undefined ? "" : `, ${speed.slice(0, 20)}`}${vlan === undefined ? "" : `, VLAN ${vlan.slice(0, 10)}`}`;
}

/** An empty text is an unset address: it is told, and names nobody. */
const setting = z.string().optional().catch(undefined);
const serversSchema = z.object({ dhcpserver: setting, provserveraddress: setting });

/** The servers its network settings name; `undefined` where the answer names none at all. Source: protocols/uc-phones.md 4.5. */
export function decodeServers(data: unknown): DeviceRead["servers"] {
  const decoded = serversSchema.safeParse(data);
  if (!decoded.success) return undefined;
  const { dhcpserver, provserveraddress } = decoded.data;
  if (dhcpserver === undefined && provserveraddress === undefined) return undefined;
  return { dhcp: hostOf(dhcpserver ?? ""), provisioning: hostOf(provserveraddress ?? "") };
}
