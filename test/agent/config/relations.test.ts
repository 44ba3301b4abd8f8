import { expect, test } from "vitest";
import { relations } from "../../../agent/config/relations.ts";
import { given } from "./kit.ts";

/** Paths of the problems of a level that these settings have, the missing calendar aside. */
async function found(level: "error" | "warning", ...lines: string[]): Promise<string[]> {
  const loaded = await given(lines, { secret: "x" }).load();
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  return problems.filter((one) => one.level === level && one.path !== "calendar").map(({ path }) => path);
}
const errors = (...lines: string[]): Promise<string[]> => found("error", ...lines);
const warnings = (...lines: string[]): Promise<string[]> => found("warning", ...lines);

test.each<[string, string[], string]>([
  ["a network larger than a /15", ["networks: [10.0.0.0/8]"], "networks[0]"],
  ["networks that together are larger than a /15", ["networks: [10.0.0.0/15, 10.9.0.0/24]"], "networks"],
  ["a range on the internet", ["networks: [10.255.255.250-11.0.0.5]"], "networks[0]"],
  ["a range that is wholly excluded", ["networks: [10.1.0.3-10.1.0.9]", "exclude: [10.1.0.0-10.1.0.9]"], "networks[0]"],
  ["a network on the internet", ["networks: [8.8.8.0/24]"], "networks[0]"],
  ["a network of no single devices", ["networks: [224.0.0.0/24]"], "networks[0]"],
  ["a network that is wholly excluded", ["networks: [10.1.0.0/24]", "exclude: [10.1.0.0/16]"], "networks[0]"],
  ["two protocols on one port", ["ports: { https: 8443, http: 8443 }"], "ports.http"],
  ["a protocol on another's usual port", ["ports: { ssh: 443 }"], "ports.ssh"],
  [
    "the broker on the endpoint's port",
    ["provisioning: { host: 127.0.0.1, port: 9000 }", "mqtt: { embedded: { port: 9000 } }"],
    "mqtt.embedded.port",
  ],
  ["a busy device looked at after it is given up", ["policy: { lookAgain: 10m, deferral: 5m }"], "policy.lookAgain"],
  ["a broker without a name", ["mqtt: { username: zug-01 }"], "mqtt"],
  ["two brokers", ["mqtt: { url: mqtts://b.example, embedded: { port: 9000 } }"], "mqtt.embedded"],
  ["a certificate without its key", ["mqtt: { url: mqtts://b.example, certFile: secret }"], "mqtt"],
  ["a password without its user", ["mqtt: { url: mqtts://b.example, passwordFile: secret }"], "mqtt.passwordFile"],
  ["a password in an address", ["mqtt: { url: 'mqtts://u:p@b.example' }"], "mqtt.url"],
  ["a broker elsewhere without TLS", ["mqtt: { url: mqtt://10.0.0.5 }"], "mqtt.url"],
  ["a portal elsewhere without TLS", ["coverage: { portal: { url: http://p.example, tokenFile: secret } }"], "coverage.portal.url"],
  ["entitlements of a Lens that is not configured", ["coverage: { lens: true }"], "coverage.lens"],
  ["a desk elsewhere without TLS", ["tickets: { webhook: { url: http://d.example, secretFile: secret } }"], "tickets.webhook.url"],
  ["a channel elsewhere without TLS", ["channel: { url: http://c.example, rootFile: secret }"], "channel.url"],
  ["a channel from two places", ["channel: { url: https://c.example, folder: x, rootFile: secret }"], "channel"],
  ["a channel from nowhere", ["channel: { rootFile: secret }"], "channel"],
  ["a device with two places", ["places: [{ mac: '64:16:7f:00:00:01', name: A }, { mac: 64167f000001, name: B }]"], "places[1].mac"],
  [
    "privacy without authentication",
    ["credentials: [{ kind: usm, id: a, user: u, priv: { protocol: aes, keyFile: secret } }]"],
    "credentials[0].priv",
  ],
  ["a socket with too long a path", [`socket: /run/${"x".repeat(110)}`], "socket"],
])("relations(): %s is refused, at the setting to mend", async (_name, lines, path) => {
  expect(await errors(...lines)).toEqual([path]);
});

test("relations(): two credentials of one name are refused at the second", async () => {
  const one = "{ kind: community, id: a, communityFile: secret }";
  expect(await errors(`credentials: [${one}, ${one}]`)).toEqual(["credentials[1].id"]);
});

test("relations(): no window is long enough for one device", async () => {
  const calendar = (to: string): string => `calendar: { zone: UTC, windows: [{ days: [sun], from: '01:00', to: '${to}' }] }`;
  expect(await errors(calendar("01:20"))).toEqual(["calendar.windows"]);
  expect(await errors(calendar("01:40"))).toEqual([]);
  expect(await warnings(calendar("01:40"))).toEqual(["calendar.windows"]);
  expect(await warnings(calendar("05:00"))).toEqual([]);
});

test("relations(): windows that touch over midnight count as one", async () => {
  const windows = "[{ days: [sat], from: '23:45', to: '00:00' }, { days: [sun], from: '00:00', to: '00:20' }]";
  expect(await errors(`calendar: { zone: UTC, windows: ${windows} }`)).toEqual([]);
});

test("relations(): what can be lived with is a warning", async () => {
  expect(await warnings("networks: [10.1.0.0/16, 10.1.2.0/24]")).toEqual(["networks[1]"]);
  expect(await warnings("policy: { canaryCount: 20, atRiskMax: 10 }")).toEqual(["policy.canaryCount"]);
  expect(await warnings("mqtt: { url: mqtts://b.example, username: other, passwordFile: secret }")).toEqual(["mqtt.username"]);
});

test("relations(): a rule of the inbox that can never decide, or is about no network of ours, is a warning", async () => {
  const rules = (...list: readonly string[]): string[] => ["networks: [10.1.0.0/16]", `inbox: { rules: [${list.join(", ")}] }`];
  expect(await warnings(...rules("{ family: switch, then: ignore }", "{ then: adopt }", "{ oui: '64:16:7f', then: ask }"))).toEqual([
    "inbox.rules[2]",
  ]);
  expect(await warnings(...rules("{ subnet: 10.1.0.0/20, then: ask }", "{ subnet: 10.1.2.0/24, oui: 64167f, then: adopt }"))).toEqual([
    "inbox.rules[1]",
  ]);
  expect(await warnings(...rules("{ subnet: 10.9.0.0/24, then: ignore }"))).toEqual(["inbox.rules[0].subnet"]);
  expect(await warnings(...rules("{ subnet: 10.1.2.0/24, then: ignore }", "{ family: switch, then: adopt }"))).toEqual([]);
  expect(await errors("inbox: { rules: [{ oui: nonsense, then: adopt }] }")).toEqual(["inbox.rules[0].oui"]);
  expect(await errors("inbox: { rules: [{ then: perhaps }] }")).toEqual(["inbox.rules[0].then"]);
});

test.each(["mqtt://127.0.0.1:1883", "mqtt://localhost", "mqtt://[::1]:1883"])(
  "relations(): %s needs no TLS: it is this machine",
  async (url) => {
    expect(await errors(`mqtt: { url: '${url}' }`)).toEqual([]);
  },
);

test("relations(): networks of the customer's own may be public where that is said; the largest is a /15", async () => {
  expect(await errors("networks: [8.8.8.0/24]", "allowPublicNetworks: true")).toEqual([]);
  expect(await errors("networks: [10.0.0.0/15]")).toEqual([]);
});

test("relations(): asks only of sections that could be read", () => {
  expect(relations({})).toEqual([]);
});
