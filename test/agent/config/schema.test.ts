import { expect, test } from "vitest";
import { configSchema } from "../../../agent/config/schema.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { LENS_ENDPOINTS } from "../../../protocols/lens/endpoints.ts";
import { given } from "./kit.ts";

async function paths(...lines: string[]): Promise<string[]> {
  return (await given(lines, { secret: "x" }).problems()).filter(({ level }) => level === "error").map(({ path }) => path);
}

test.each<[string, string]>([
  ["sweep: { ratePerSecond: 0 }", "sweep.ratePerSecond"],
  ["sweep: { ratePerSecond: 20001 }", "sweep.ratePerSecond"],
  ["sweep: { every: 10s }", "sweep.every"],
  ["health: { phones: 2d }", "health.phones"],
  ["policy: { soak: 8d }", "policy.soak"],
  ["policy: { soak: -5m }", "policy.soak"],
  ["policy: { attemptsMax: 6 }", "policy.attemptsMax"],
  ["staging: { bytesPerSecond: 10XB }", "staging.bytesPerSecond"],
  ["staging: { diskBudgetBytes: 1kB }", "staging.diskBudgetBytes"],
  ["provisioning: { host: everywhere, port: 8080 }", "provisioning.host"],
  ["listeners: { syslog: { host: everywhere } }", "listeners.syslog.host"],
  ["listeners: { syslog: { port: 1514 }, traps: { port: 1514 } }", "listeners.traps.port"],
  ["provisioning: { host: 127.0.0.1, port: 70000 }", "provisioning.port"],
  ["switches: [10.20.0.0/24]", "switches[0]"],
  ["places: [{ mac: 00:00:00:00:00:00, name: A }]", "places[0].mac"],
  ["places: [{ mac: 64167f000001, name: '' }]", "places[0].name"],
  ["commands: { rootKeys: [] }", "commands.rootKeys"],
  ["commands: { rootKeys: [abc] }", "commands.rootKeys[0]"],
  ["mqtt: { url: 'http://b.example' }", "mqtt.url"],
  ["tickets: { groupAt: 1 }", "tickets.groupAt"],
  ["log: { level: loud }", "log.level"],
  ["clock: { factor: 0.5, originMs: 0, realOriginMs: 0 }", "clock.factor"],
  ["calendar: { zone: UTC, windows: [{ days: [sun], from: '24:00', to: '05:00' }] }", "calendar.windows[0].from"],
  ["calendar: { zone: UTC, windows: [{ days: [], from: '01:00', to: '05:00' }] }", "calendar.windows[0].days"],
  ["calendar: { zone: UTC, windows: [{ days: [sun], from: '01:00', to: '05:00' }], blackout: [2026-02-30] }", "calendar.blackout[0]"],
])("settings: %s is refused at %s", async (line, path) => {
  expect(await paths(line)).toEqual([path]);
});

test("oldTls: by MAC or address, in any spelling of a MAC, and nobody unless a person says so", async () => {
  expect((await given([]).config()).oldTls).toEqual([]);
  expect((await given(["oldTls: ['64:16:7F:AA:BB:CC', 10.20.0.57]"]).config()).oldTls).toEqual(["64167faabbcc", "10.20.0.57"]);
  expect(await paths("oldTls: [10.20.0.0/24]")).toEqual(["oldTls[0]"]);
});

test("settings: a site's id is what a broker takes for a user, and nothing else", () => {
  const site = (id: string): boolean => configSchema.shape.site.safeParse({ id, name: "Zug" }).success;
  expect(["zug-01", "abc", "z".repeat(64)].map(site)).toEqual([true, true, true]);
  for (const id of ["", "ab", "Zug", "zug_01", "z".repeat(65), "../x", "zug-01\n", "zug+"]) expect(site(id)).toBe(false);
});

test("settings: a kind of credential that is none is told with those there are", async () => {
  const problems = await given(["credentials: [{ kind: pasword, id: a }]"]).problems();
  expect(problems[0]).toMatchObject({ path: "credentials[0].kind", suggestion: 'did you mean "password"?' });
});

test("settings: sizes and lengths of time as people write them", async () => {
  const config = await given(["staging: { bytesPerSecond: 2MB, diskBudgetBytes: 20GiB }", "sweep: { every: 1h30m }"]).config();
  expect(config.staging).toEqual({ bytesPerSecond: 2_000_000, diskBudgetBytes: 20 * 2 ** 30 });
  expect(config.sweep.every).toBe(90 * MINUTE);
});

const LENS = "clientIdFile: secret, clientSecretFile: secret";

test("lens: the maker's own addresses unless a person names others [lens 1.3] [lens 1.4]", async () => {
  const { lens } = await given([`lens: { ${LENS} }`], { secret: "x" }).config();
  expect(lens).toMatchObject({ tokenUrl: LENS_ENDPOINTS.token, graphqlUrl: LENS_ENDPOINTS.graphql, every: 15 * MINUTE });
});

test("lens: an address that is not encrypted, or holds a password, is refused", async () => {
  expect(await paths(`lens: { ${LENS}, tokenUrl: "http://x.example/t" }`)).toEqual(["lens.tokenUrl"]);
  expect(await paths(`lens: { ${LENS}, graphqlUrl: "https://u:p@x.example/g" }`)).toEqual(["lens.graphqlUrl"]);
});
