/** The whole daemon beside a site with three DHCP servers and a Lens account: what others wrote down, and a table of devices. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Agent, startAgent } from "../../agent/compose.ts";
import { fileConfigIo } from "../../agent/config/files.ts";
import { loadConfig } from "../../agent/config/load.ts";
import { SILENT } from "../../agent/log.ts";
import { type RunningSite, startSite } from "../../fixtures/site/site.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { run } from "../agent/cli/kit.ts";

let site: RunningSite;
let agent: Agent;
let folder: string;

interface Listed {
  readonly mac?: string;
  readonly name?: string;
  readonly model?: string;
  readonly room?: string;
  readonly managedBy?: string;
}
const ask = (...argv: readonly string[]) => run([...argv, "--socket", join(folder, "s")], { clock: systemClock() });
const listed = async (): Promise<readonly Listed[]> => (await ask("device", "list", "--json")).json()["devices"] as Listed[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "groundswell-records-"));
  const leaseFolder = join(folder, "leases");
  site = await startSite({ seed: 7, devices: 8, provisioning: undefined, channelFolder: undefined, clock: systemClock(), leaseFolder });
  const { lens, leases, networks, ports } = site.ready;
  const secret = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return name;
  };
  const config = {
    site: { id: "zug-01", name: "Zug" },
    dataDirectory: "data",
    socket: "s",
    networks,
    ports,
    dhcp: [
      { format: "isc", leaseFile: leases?.isc },
      { format: "kea", leaseFile: leases?.kea },
      { format: "dnsmasq", leaseFile: leases?.dnsmasq },
      { format: "kea", leaseFile: "none.csv" },
    ],
    lens: {
      clientIdFile: secret("id", lens.account.clientId),
      clientSecretFile: secret("secret", lens.account.clientSecret),
      caFile: secret("ca.pem", lens.ca),
      tokenUrl: lens.token,
      graphqlUrl: lens.graphql,
    },
  };
  const path = join(folder, "groundswell.yaml");
  writeFileSync(path, JSON.stringify(config));
  chmodSync(path, 0o600);
  const loaded = await loadConfig(path, fileConfigIo({}));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.warnings).toContainEqual(
    expect.objectContaining({ path: "dhcp[3].leaseFile", what: expect.stringContaining("it does not exist") }),
  );
  const io = { environment: {}, log: SILENT, random: systemRandom(), onReady: () => undefined };
  agent = await startAgent({ config: loaded.config, path }, io);
});
afterAll(async () => {
  await agent?.stop();
  await site?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("discover: each record is told with what it holds, and one that cannot be read stops nobody", async () => {
  const ran = await ask("discover", "--json");
  expect(ran.code).toBe(0);
  const records = ran.json()["records"] as { source: string; listed: number; devices: number; fault?: string }[];
  const clients = site.site.devices.filter(({ kind }) => !["switch", "mcu", "panel"].includes(kind)).length;
  for (const ending of ["dhcpd.leases", "kea-leases4.csv", "dnsmasq.leases"]) {
    expect(records.find(({ source }) => source.endsWith(ending))).toMatchObject({ listed: clients + 1, devices: clients });
  }
  expect(records.find(({ source }) => source.endsWith("none.csv"))?.fault).toContain("it does not exist");
  expect(records.find(({ source }) => source === "lens")).not.toHaveProperty("fault");
  const known = await listed();
  const plugged = site.site.devices.filter(({ kind }) => kind !== "switch").map(({ mac }) => mac);
  for (const mac of plugged) expect(known.filter((device) => device.mac === mac)).toHaveLength(1);
  expect(known.some(({ mac }) => mac === undefined)).toBe(true); // at a USB port, known to Lens alone
});

test("status: the fault stays until the file is there", async () => {
  expect((await ask("status")).out).toMatch(/none\.csv: no answer by dhcp: cannot read ".*none\.csv": it does not exist/);
  writeFileSync(join(folder, "none.csv"), "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\n");
  await ask("discover");
  expect((await ask("status")).out).toMatch(/none\.csv: 0 devices of 0 listed/);
  rmSync(join(folder, "none.csv"));
});

test("device import: shown, then done, and the table is the last to be believed", async () => {
  const [phone] = site.site.devices.filter(({ kind }) => kind === "vvx");
  const table = join(folder, "site.csv");
  writeFileSync(table, `mac;name;model;room\n${phone?.mac};Reception;VVX 101;Hall\n64167fffff01;Spare;VVX 411;\n`);
  const shown = await ask("device", "import", table, "--dry-run");
  expect(shown.out).toMatch(/room - → Hall/);
  expect(shown.out).toMatch(/model stays "VVX \d+", better known than "VVX 101"/);
  expect((await listed()).some(({ mac }) => mac === "64167fffff01")).toBe(false);
  const done = await ask("device", "import", table, "--yes", "--json");
  expect(done.json()).toMatchObject({ applied: true, new: 1, changed: 1, refused: 0 });
  const known = await listed();
  expect(known.find(({ mac }) => mac === phone?.mac)).toMatchObject({
    name: "Reception",
    room: "Hall",
    model: phone?.model.replace(/^VVX ?/, "VVX "),
  });
  expect(known.find(({ mac }) => mac === "64167fffff01")).toMatchObject({ name: "Spare", model: "VVX 411" });
  const audit = (await ask("audit", "list", "--json")).json()["entries"] as { action: string }[];
  expect(audit.map(({ action }) => action)).toEqual(expect.arrayContaining(["device.import", "device.import:rows"]));
  expect((await ask("device", "import", table, "--yes", "--json")).json()).toMatchObject({ new: 0, changed: 0, unchanged: 2 });
});
