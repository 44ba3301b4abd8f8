import { expect, test } from "vitest";
import { parsePlainJson } from "../../../protocols/families/json.ts";
import {
  decodeConnection,
  decodeManagedBy,
  decodeServers,
  managerOfServer,
  showConnection,
} from "../../../protocols/families/uc-phone-network.ts";

function plain(value: unknown): unknown {
  const parsed = parsePlainJson(Buffer.from(JSON.stringify(value)));
  if (!parsed.ok) throw new Error("not JSON");
  return parsed.value;
}

test("decodeManagedBy(): an address at Lens means Lens, in any form of URL [uc 4.5.3] [lens 12.1]", () => {
  for (const ProvServerAddress of [
    "https://t123.deviceprovisioning.prod01-eu.dm.lens.poly.com",
    "t1.deviceprovisioning.dm.LENS.poly.com/path",
    "https://user:pass@x.lens.poly.com:443/",
  ]) {
    expect([ProvServerAddress, decodeManagedBy(plain({ ProvServerAddress }))]).toEqual([ProvServerAddress, "lens"]);
  }
});

test("decodeManagedBy(): other servers, none, and names that only look like Lens are nobody else", () => {
  for (const ProvServerAddress of [
    "https://prov.example",
    "",
    "evil-lens.poly.com",
    "lens.poly.com.example",
    "http://prov.example/lens.poly.com",
  ]) {
    expect([ProvServerAddress, decodeManagedBy(plain({ ProvServerAddress }))]).toEqual([ProvServerAddress, "none"]);
  }
});

test("decodeManagedBy(): a phone that states no server address has not said that nobody manages it", () => {
  for (const data of [undefined, null, {}, [], { SubnetMask: "255.255.255.0" }, { ProvServerAddress: null }]) {
    expect([data, decodeManagedBy(data === undefined ? data : plain(data))]).toEqual([data, undefined]);
  }
});

/** Source: protocols/uc-phones.md 4.5. */
const LAN = {
  SubnetMask: "255.255.255.0",
  DHCP: "enabled",
  IPV4Address: "192.0.2.10",
  DefaultGateway: "192.0.2.1",
  LANPortStatus: "active",
  LANSpeed: "100Mbps",
  VLANID: "",
  LLDP: "enabled",
  CDPCompatibility: "enabled",
  ProvServerAddress: "https://prov.example",
};

test("managerOfServer(): every region of Lens is Lens, the European one too [uc 4.5.3]", () => {
  for (const region of ["prod01-eu", "prod01-us", "stage02"]) {
    expect(managerOfServer(`https://t42.deviceprovisioning.${region}.dm.lens.poly.com`)).toBe("lens");
  }
});

test("decodeConnection(): the LAN port with its speed; an empty VLAN is none [uc 4.5.1] [uc 4.4]", () => {
  expect(decodeConnection(plain(LAN))).toEqual({ by: "lan", active: true, speed: "100Mbps" });
  expect(decodeConnection(plain({ ...LAN, VLANID: "20" }))).toMatchObject({ vlan: "20" });
  expect(decodeManagedBy(plain(LAN))).toBe("none");
});

test("decodeConnection(): a phone on Wi-Fi has an inactive LAN port and works [uc 4.5.2]", () => {
  const Wifi = {
    State: "Connected",
    SSID: "Office",
    Duration: "0 days, 3 hours, 8 minutes, 56 seconds",
    "Signal Strength": "-52 dBm",
    "Security Mode": "WPA2",
  };
  expect(decodeConnection(plain({ ...LAN, LANPortStatus: "inactive", Wifi }))).toEqual({
    by: "wifi",
    network: "Office",
    signal: "-52 dBm",
    security: "WPA2",
  });
  expect(decodeConnection(plain({ ...LAN, Wifi }))).toMatchObject({ by: "lan", active: true });
});

test("decodeConnection(): a phone that tells neither is silent about it", () => {
  for (const data of [undefined, null, [], {}, { Wifi: "on" }, { Wifi: { State: "off" } }]) {
    expect([data, decodeConnection(data === undefined ? data : plain(data))]).toEqual([data, undefined]);
  }
});

test("showConnection(): says by which way, short", () => {
  expect(showConnection({ by: "lan", active: false })).toBe("LAN port inactive");
  expect(showConnection({ by: "lan", active: true, speed: "1000Mbps", vlan: "20" })).toBe("LAN port active, 1000Mbps, VLAN 20");
  expect(showConnection({ by: "wifi", network: "Office", signal: "-52 dBm", security: "WPA2" })).toBe(
    'on Wi-Fi "Office", signal -52 dBm, WPA2',
  );
  expect(showConnection({ by: "wifi" })).toBe("on Wi-Fi");
});

test("decodeServers(): hosts without scheme, account, port and path; an unset address is none, an answer without any says nothing", () => {
  const prov = (ProvServerAddress: string) => decodeServers(plain({ ProvServerAddress }))?.provisioning;
  expect(prov("https://user:secret@Prov.Example:8443/phones?x")).toEqual(["prov.example"]);
  expect(prov("10.0.0.5:80")).toEqual(["10.0.0.5"]);
  expect([prov(""), prov("0.0.0.0")]).toEqual([[], []]);
  expect(decodeServers(plain({ ProvServerAddress: "", DHCPServer: "10.0.0.1" }))).toEqual({ provisioning: [], dhcp: ["10.0.0.1"] });
  expect([decodeServers(plain({ LANSpeed: "x" })), decodeServers(undefined)]).toEqual([undefined, undefined]);
});
