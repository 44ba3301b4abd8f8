/** Recordings made by hand, with somebody's values in every place a device may say them. */
import fc from "fast-check";
import type { Expected, Plain, Recording } from "../../../agent/recording/format.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { showMac } from "../../../protocols/core/ids.ts";

/** Whose device it is. */
export interface Owner {
  readonly mac: string;
  /** Of a video system: holds the low half of its MAC. */
  readonly serial: string;
  readonly other: string;
  readonly address: string;
  readonly address6: string;
  readonly host: string;
  readonly user: string;
  readonly phoneNumber: string;
  readonly person: string;
  readonly device: string;
  readonly ssid: string;
  readonly place: string;
  readonly password: string;
  readonly session: string;
  readonly key: string;
  readonly fingerprint: string;
}

export const OWNER: Owner = {
  mac: "00e0db4b1c2d",
  serial: "8L21C64B1C2D96",
  other: "FOC2031Z0AB",
  address: "10.20.0.57",
  address6: "fd12:3456:789a::57",
  host: "pbx.contoso.ch",
  user: "jane.roe",
  phoneNumber: "+41445551234",
  person: "Jane Roe-Müller",
  device: "Böardroom Zürich",
  ssid: "Contoso & Voice",
  place: "Bahnhofstrasse 1, 3rd floor",
  password: "s3cret-pass word",
  session: "PSx8Kq2mVt01",
  key: "KA2E-9F31-77BC-0000-000A",
  fingerprint: "1c4be78ffa1977b9fffced4d5a5c831a0ae67f4deb3cb40085ecc1cc300cb5a9",
};

const letters = (from: string, min: number, max: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...from), { minLength: min, maxLength: max }).map((all) => all.join(""));
const hex = (length: number): fc.Arbitrary<string> => letters("0123456789abcdef", length, length);
const word = letters("abcdefghijklmnopqrstuvwxyz", 6, 12);
const odd = letters("abcdefghijklmnopqrstuvwxyzäöüßé &'<>-_.#", 8, 20).map((text) => `Q${text}Z`);

/** Any owner. MACs have a letter, so that nobody takes them for a number. */
export const owners: fc.Arbitrary<Owner> = fc
  .record({
    low: hex(5).map((five) => `c${five}`),
    head: letters("BCDEFGHJKLMNPQRSTVWXYZ0123456789", 5, 5),
    tail: letters("ABCDEFGHJKLMNPQRSTVWXYZ", 2, 2),
    other: letters("ABCDEFGHJKLMNPQRSTVWXYZ0123456789", 9, 11).map((text) => `FO${text}`),
    octets: fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 254 })),
    groups: fc.tuple(hex(4), hex(4)).map((pair) => pair.map((group) => `1${group.slice(1)}`)),
    host: fc.tuple(word, word).map(([one, two]) => `${one}.${two}.ch`),
    user: word.map((text) => `u${text}`),
    phoneNumber: letters("0123456789", 8, 12).map((digits) => `+41${digits}`),
    person: odd,
    device: odd,
    ssid: odd,
    place: odd,
    password: odd,
    session: letters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 10, 20),
    key: letters("ABCDEF0123456789", 16, 16).map(
      (text) => `KA2E-${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8, 12)}-0${text.slice(13)}`,
    ),
    fingerprint: hex(63).map((rest) => `f${rest}`),
  })
  .map(({ low, head, tail, octets, groups, ...rest }) => ({
    ...rest,
    mac: `00e0db${low}`,
    serial: `8${head}${low.toUpperCase()}${tail}`,
    address: `10.${octets.join(".")}`,
    address6: `fd12:${groups.join(":")}::7`,
  }));

const xml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function bodies(owner: Owner): readonly Plain[] {
  const { mac, serial, address, host, user, phoneNumber, person, device, ssid, place, password, session, key } = owner;
  return [
    {
      json: {
        MACAddress: mac,
        IPV4Address: address,
        IPV6Address: owner.address6,
        DNSDomain: host,
        ProvServerAddress: `https://${user}:${encodeURIComponent(password)}@${host}:8443/${showMac(mac as Mac).toUpperCase()}.cfg`,
        SIPAddress: `${user}@${host}`,
        "Remote Party Number": phoneNumber,
        RemotePartyName: person,
        systemName: device,
        Wifi: { SSID: ssid },
        location: place,
        "reg.1.auth.password": password,
        session: { sessionId: session },
        vars: [{ name: "comm.nics.sipnic.displayname", value: person }],
        "device.prov.user": { Value: user, Source: "config" },
        [mac]: { seenAs: `SEP${mac.toUpperCase()}` },
      },
    },
    { text: `<html><title>${xml(device)}</title><p>Call ${xml(person)} or ${phoneNumber}, serial ${serial}, from ${address}</p></html>` },
    { text: `<ALL reg.1.displayName="${xml(person)}" device.prov.serverName="${host}" sec.option.optionKey="${key}"/>` },
    { text: `systemname,${device.replaceAll(",", " ")}\nserialnumber,${serial}\nhostname: ${host}\nkey ${key} of ${user}@${host}` },
  ];
}

/** One in which each of the owner's values stands in several places and spellings. */
export function recordingOf(owner: Owner): Recording {
  const { mac, serial, address, host, user, phoneNumber, device, session, fingerprint } = owner;
  const decimals = [...Buffer.from(mac, "hex")].join(".");
  const octets = Buffer.from(address.split(".").map(Number)).toString("hex");
  const expected: Expected = {
    visit: {
      at: "2026-11-22T12:00:00.000Z",
      address,
      trust: "any",
      credentials: [{ kind: "password", id: "password", user }],
    },
    facts: { family: "group", model: "RealPresence Group 500", mac: mac as Mac, serial, name: device, vendor: "Polycom" },
    confidence: 0.95,
    inUse: { state: "busy", reason: `call to ${phoneNumber}` },
    lines: [{ address: `${user}@${host}`, registered: true }],
    parts: [],
    reading: { uptimeSeconds: 100 },
    evidence: [{ via: "tls", what: `certificate ${serial}, SHA-256 ${fingerprint}` }],
    faults: [{ kind: "impostor", via: "tls", wanted: mac, found: `${host}` }],
  };
  return {
    expected,
    look: {
      tls: { commonName: serial, organisation: "Polycom Inc.", fingerprint },
      sip: { userAgent: `PolycomVVX-VVX_411-UA/6.4.6.2327_${mac}` },
    },
    doors: {
      https: {
        certificate: { commonName: serial, fingerprint, notAfterSeconds: 5 },
        exchanges: bodies(owner).map((body, index) => ({
          ask: { path: `/a/${index}?mac=${showMac(mac as Mac).replaceAll(":", "%3A")}&user=${user}`, method: "GET" },
          answer: {
            status: 200,
            headers: { "set-cookie": `session_id=${session}; Path=/`, location: `https://${host}/`, server: "lighttpd" },
            ...(body as object),
          },
        })),
      },
      snmp: {
        exchanges: [
          {
            ask: { version: "2c", walk: "1.3.6.1.2.1.17.4.3.1.2" },
            answer: { [`1.3.6.1.2.1.17.4.3.1.2.${decimals}`]: { integer: 3 } },
          },
          {
            ask: { version: "2c", get: ["1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.47.1.1.1.1.11.1"] },
            answer: {
              "1.0.8802.1.1.2.1.4.1.1.5.0.1.1": { hex: `01${octets}` },
              [`1.0.8802.1.1.2.1.4.2.1.3.0.1.1.1.4.${address}`]: { integer: 1 },
              "1.3.6.1.2.1.1.5.0": { text: device },
              "1.3.6.1.2.1.1.6.0": { text: owner.place },
              "1.3.6.1.2.1.17.1.1.0": { hex: mac },
              "1.3.6.1.2.1.4.20.1.1.1": { ip: address },
              "1.3.6.1.2.1.47.1.1.1.1.11.1": { text: owner.other },
            },
          },
        ],
      },
      ssh: {
        exchanges: [
          { ask: { command: "systemname get" }, answer: { lines: [`systemname "${device}"`] } },
          { ask: { command: "serialnum" }, answer: { lines: [`serialnum ${serial}`] } },
          {
            ask: { command: "callinfo all" },
            answer: { lines: [`callinfo:36:${user}:${phoneNumber}:1024:connected:notmuted:outgoing:videocall`, "callinfo end"] },
          },
        ],
      },
      sip: {
        exchanges: [{ ask: { method: "OPTIONS" }, answer: { status: 200, contactUser: user, userAgent: `Poly ${serial.toLowerCase()}` } }],
      },
    },
  };
}
