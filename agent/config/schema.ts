/**
 * The agent's settings: one declaration for type, check and documentation. Secrets are named by file, never written here.
 */
import * as z from "zod";
import { calendarSchema, duration, policySchema, zoneSchema } from "../../firmware/waves/policy.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../protocols/core/time.ts";
import { LENS_ENDPOINTS } from "../../protocols/lens/endpoints.ts";
import { LEASE_FORMATS } from "../discovery/sources/dhcp/lease.ts";
import { siteRulesSchema } from "../health/rules-schema.ts";
import { address, cidr, id, mac, macOrAddress, name, oui, path, port, publicKey, secureUrl, webUrl } from "./basics.ts";
import { brandSchema } from "./brand-schema.ts";
import { bytes } from "./bytes.ts";
import { endpointAccount, endpointTls } from "./door-schema.ts";
import { firmwareSchema } from "./firmware-schema.ts";
import { groupSchema } from "./group-schema.ts";
import { roomsSchema } from "./rooms-schema.ts";

const FAMILIES = ["uc-phone", "soundpoint", "video-os", "group", "hdx", "switch", "generic-snmp"] as const;
const credential = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("password"),
    id,
    user: name,
    passwordFile: path,
    /** Where it is tried; without it, everywhere a user and password fit. `state-polling` is the account of `apps.statePolling`. */
    families: z
      .array(z.enum([...FAMILIES, "state-polling"]))
      .min(1)
      .optional(),
  }),
  /** Shown to devices of these families (all, without it) that demand a certificate of ours in the TLS handshake; both files PEM. */
  z.strictObject({
    kind: z.literal("certificate"),
    id,
    certFile: path,
    keyFile: path,
    families: z.array(z.enum(FAMILIES)).min(1).optional(),
  }),
  z.strictObject({ kind: z.literal("community"), id, communityFile: path }),
  z.strictObject({
    kind: z.literal("usm"),
    id,
    user: name,
    auth: z.strictObject({ protocol: z.enum(["md5", "sha", "sha256"]), keyFile: path }).optional(),
    priv: z.strictObject({ protocol: z.enum(["des", "aes", "aes256"]), keyFile: path }).optional(),
  }),
]);

/** A credential with the files its secrets are in. */
export type CredentialSetting = z.infer<typeof credential>;

export const placeSchema = z.strictObject({
  mac,
  name,
  room: name.optional(),
  floor: name.optional(),
  /** Emergency zone: phones of which some must always be able to call. */
  zone: name.optional(),
  /** Standing risk class; `policy.rings` says in which order they are updated. */
  ring: name.optional(),
  duties: z.array(z.enum(["vip", "reception", "emergency"])).default([]),
});

export type PlaceSetting = z.infer<typeof placeSchema>;

const ports = z.strictObject({
  https: port.optional(),
  http: port.optional(),
  snmp: port.optional(),
  ssh: port.optional(),
  telnet: port.optional(),
  sip: port.optional(),
});

/** Packets a second and times: design section 5. */
const sweep = z.strictObject({
  ratePerSecond: z.int().min(1).max(20_000).default(2_000),
  /** Into each of the networks. */
  ratePerSubnet: z.int().min(1).max(20_000).default(2_000),
  every: duration({ min: "30s", max: "7d" }).default(15 * MINUTE),
  timeout: duration({ min: "100ms", max: "30s" }).default(SECOND),
  retries: z.int().min(0).max(5).default(1),
});
const health = z.strictObject({
  phones: duration({ min: "5s", max: "1d" }).default(2 * MINUTE),
  rooms: duration({ min: "5s", max: "1d" }).default(MINUTE),
  switches: duration({ min: "5s", max: "1d" }).default(5 * MINUTE),
  /** Devices asked at the same time; a quarter of the places is for those that do not answer. */
  concurrency: z.int().min(1).max(500).default(256),
});
/** Where syslog and SNMP traps are listened for: they bring the next poll of their sender forward. */
const listener = (port: number) => z.strictObject({ host: address.default("0.0.0.0"), port: z.int().min(1).max(65_535).default(port) });
const listeners = z
  .strictObject({ syslog: listener(514).optional(), traps: listener(162).optional() })
  .refine(({ syslog, traps }) => syslog?.port !== traps?.port || syslog === undefined, {
    path: ["traps", "port"],
    error: "syslog has this port",
  });
const channel = z.strictObject({
  url: webUrl.optional(),
  /** Instead of `url`: a folder or stick that carries the channel. */
  folder: path.optional(),
  rootFile: path,
  every: duration({ min: "10s", max: "7d" }).default(HOUR),
});
const staging = z.strictObject({
  /** Cap for the site's uplink. */
  bytesPerSecond: bytes(1_000).default(2_000_000),
  diskBudgetBytes: bytes(1_000_000).default(20_000_000_000),
});
const provisioning = z.strictObject({
  host: address,
  port,
  /** What devices are told; needed where they reach us under another address. */
  baseUrl: webUrl.optional(),
  /** Image bytes per second over all devices. */
  pace: bytes(1_000).default(20_000_000),
  /** `own`: the boot server. `overlay`: in front of the one at `upstream`. `image-only`: images and nothing else. See docs/provisioning.md. */
  mode: z.enum(["own", "overlay", "image-only"]).default("own"),
  /** The customer's boot server, with the folder phones were sent to. */
  upstream: z
    .strictObject({
      url: webUrl,
      /** For requests of phones that only read and bring no account of their own. */
      user: name.optional(),
      passwordFile: path.optional(),
      /** Roots in place of the system's, for https. */
      caFile: path.optional(),
    })
    .optional(),
  tls: endpointTls.optional(),
  credentials: endpointAccount.optional(),
  /** Image bytes per second over the devices of one /24 or /64: the line to a branch. */
  perSubnetBytesPerSecond: bytes(1_000).optional(),
  /** Answers RealPresence Groups that want dynamic management, which then take no scheduled updates. See docs/rooms-updates.md. */
  groupManagement: z.boolean().default(false),
});
const mqtt = z.strictObject({
  /** `mqtts://host[:port]` or `wss://host[:port]/path`; in clear (`mqtt`, `ws`) on this machine only. */
  url: z.url({ protocol: /^(?:mqtt|ws)s?$/, error: "expected an address such as mqtts://broker.example.net" }).optional(),
  username: name.optional(),
  passwordFile: path.optional(),
  /** Roots in place of the system's. */
  caFile: path.optional(),
  /** What we show a broker that demands a certificate; PEM, with its chain. */
  certFile: path.optional(),
  keyFile: path.optional(),
  /** Opens a `keyFile` that is locked. */
  keyPassphraseFile: path.optional(),
  /** An HTTP proxy on the way to the broker; only with TLS. Its own password goes to it in clear. */
  proxy: z
    .strictObject({
      url: z.url({ protocol: /^http$/, error: "expected an address such as http://proxy.example.net:3128" }),
      username: name.optional(),
      passwordFile: path.optional(),
    })
    .optional(),
  /** A broker inside the agent, on loopback, instead of one at `url`. */
  embedded: z.strictObject({ port }).optional(),
});
const tickets = z.strictObject({
  webhook: z.strictObject({ url: webUrl, secretFile: path, lookupUrl: webUrl.optional() }).optional(),
  /** Like failures before they become one ticket for their cause. */
  groupAt: z.int().min(2).max(100).default(3),
  /** Guessed: more in an hour is a storm, and nobody reads it. */
  perHourMax: z.int().min(1).max(1_000).default(20),
});
/** The account's API connection: a role that may only read is enough. Addresses are the maker's own unless a person says otherwise. */
const lens = z.strictObject({
  clientIdFile: path,
  clientSecretFile: path,
  tokenUrl: secureUrl.default(LENS_ENDPOINTS.token),
  graphqlUrl: secureUrl.default(LENS_ENDPOINTS.graphql),
  /** Roots in place of the system's, where a proxy of the customer opens what is sent. */
  caFile: path.optional(),
  every: duration({ min: "1m", max: "7d" }).default(15 * MINUTE),
});
/** New devices: the first rule that matches decides; where none does, `adopt`. All that a rule names must match. */
const inbox = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        subnet: cidr.optional(),
        family: z.enum([...FAMILIES, "lens-only"]).optional(),
        oui: oui.optional(),
        // biome-ignore lint/suspicious/noThenProperty: a setting's name, in data that is never awaited
        then: z.enum(["adopt", "ask", "ignore"]),
      }),
    )
    .max(200)
    .default([]),
});
/** The lease file of a DHCP server on this machine, or one copied or mounted here. It is only read. */
const dhcp = z.strictObject({ format: z.enum(LEASE_FORMATS), leaseFile: path });
/** What devices are set to is read so often, and besides after a change. */
const configWatch = z.strictObject({
  enabled: z.boolean().default(true),
  every: duration({ min: "10m", max: "30d" }).default(DAY),
});
/** Which lists say who is under contract. Without any, CSV files are taken in by hand. */
const coverage = z.strictObject({
  /** Whose days count; without it the calendar's zone, else UTC. */
  zone: zoneSchema.optional(),
  /** What Lens tells of contracts is taken in with every read of it. */
  lens: z.boolean().default(false),
  /** A support portal that speaks the contract of docs/coverage.md. */
  portal: z.strictObject({ url: webUrl, tokenFile: path, every: duration({ min: "1m", max: "7d" }).default(6 * HOUR) }).optional(),
});
/** A port for those who watch the agent: `/metrics`, `/healthz`, `/readyz`. `perDevice`: so many devices get series of their own. */
const metrics = z.strictObject({ host: address.default("127.0.0.1"), port, perDevice: z.int().min(0).max(5_000).default(0) });
/** Megabytes of heap a worker thread may use before it is ended and started anew. Guessed; measured use is a fifth. */
const threads = z.strictObject({
  fieldHeapMb: z.int().min(64).max(8_192).default(512),
  depotHeapMb: z.int().min(64).max(8_192).default(256),
  historyHeapMb: z.int().min(64).max(8_192).default(256),
});

export const configSchema = z.strictObject({
  site: z.strictObject({
    id: z.string().regex(/^[a-z0-9-]{3,64}$/, "expected 3 to 64 lower-case letters, digits and dashes"),
    name,
    environment: z
      .string()
      .regex(/^[a-z0-9-]{1,32}$/)
      .default("production"),
  }),
  brand: brandSchema.optional(),
  dataDirectory: path.default("/var/lib/groundswell"),
  socket: path.default("/run/groundswell/groundswell.sock"),
  networks: z.array(cidr).max(256).default([]),
  exclude: z.array(cidr).max(1_000).default([]),
  ports: ports.prefault({}),
  /** The command line of Group and HDX over telnet, where SSH is off: passwords travel in clear. */
  telnet: z.boolean().default(false),
  /** Phones take REST calls by SIP (`apps.restapi.sipNotify.enabled` is 1): tried where they refuse everything else. */
  restBySip: z.boolean().default(false),
  /** Devices that know only TLS 1.0 (SoundPoint before 4.0.15, VVX 5.5.2), until they are updated. A sweep finds them by address, a poll by MAC too. */
  oldTls: z.array(macOrAddress).max(1_000).default([]),
  allowPublicNetworks: z.boolean().default(false),
  sweep: sweep.prefault({}),
  credentials: z.array(credential).max(50).default([]),
  switches: z.array(address).max(1_000).default([]),
  places: z.array(placeSchema).max(20_000).default([]),
  /** CSV with the columns mac, name, room, floor, zone, ring, duties; instead of `places`. */
  placesFile: path.optional(),
  /** Hunt groups and others of which some stay up while devices are updated: docs/plans.md. */
  groups: z.array(groupSchema).max(500).default([]),
  rooms: roomsSchema.prefault({}),
  adopt: z.enum(["all", "ask"]).default("ask"),
  inbox: inbox.prefault({}),
  health: health.prefault({}),
  /** Rules of the site's own, and what it changes of the starting ones: docs/rules.md. */
  rules: siteRulesSchema.prefault({}),
  /** A YAML file with the same; instead of `rules`. */
  rulesFile: path.optional(),
  listeners: listeners.optional(),
  channel: channel.optional(),
  firmware: firmwareSchema.prefault({}),
  staging: staging.prefault({}),
  provisioning: provisioning.optional(),
  calendar: calendarSchema.optional(),
  policy: policySchema.prefault({}),
  mqtt: mqtt.optional(),
  commands: z.strictObject({ rootKeys: z.array(publicKey).min(1).max(10), rosterFile: path.optional() }).optional(),
  tickets: tickets.prefault({}),
  lens: lens.optional(),
  /** Read with every sweep. */
  dhcp: z.array(dhcp).max(32).default([]),
  coverage: coverage.prefault({}),
  metrics: metrics.optional(),
  configWatch: configWatch.prefault({}),
  log: z
    .strictObject({ level: z.enum(["trace", "debug", "info", "warn", "error"]).default("info"), pretty: z.boolean().default(false) })
    .prefault({}),
  /** For demonstrations: a clock that runs faster than the wall. */
  clock: z.strictObject({ factor: z.number().min(1).max(10_000), originMs: z.int().min(0), realOriginMs: z.int().min(0) }).optional(),
  threads: threads.prefault({}),
});

/** All settings with their defaults. Lengths of time are milliseconds. */
export type Config = z.infer<typeof configSchema>;
