import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readLeaseFile, readLeaseFiles } from "../../../../../agent/discovery/sources/dhcp/file.ts";
import type { Lease } from "../../../../../agent/discovery/sources/dhcp/lease.ts";
import { readLeases, sightingOf } from "../../../../../agent/discovery/sources/dhcp/leases.ts";
import type { Mac } from "../../../../../protocols/core/ids.ts";
import { HOUR } from "../../../../../protocols/core/time.ts";
import { temporaryFolder } from "../../../../store/temporary.ts";

const NOW = 1_795_377_600_000;
const HEAD = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n";
const row = (address: string, mac: string, expire = 1_795_381_200, lifetime = 3_600): string =>
  `${address},${mac},,${lifetime},${expire},1,0,0,,0,,0\n`;
const A = "64:16:7f:00:00:01";
const B = "64:16:7f:00:00:02";
const read = (leaseFile: string, format: "isc" | "kea" | "dnsmasq" = "kea") => readLeases({ format, leaseFile }, NOW);
const addressesIn = async (file: string): Promise<unknown> => {
  const answer = await read(file);
  return answer.ok ? answer.value.sightings.map(({ facts, address }) => [facts.mac?.slice(-1), address]) : answer.fault;
};

test("readLeases(): the last word on an address counts, expired leases are none, and of a device the address it asked for last", async () => {
  const file = join(temporaryFolder(), "leases.csv");
  const rows = [
    row("10.20.0.5", A, 1_795_370_000),
    row("10.20.0.5", A),
    row("10.20.0.6", A, 1_795_381_000),
    row("10.20.0.7", B, 1_795_377_600),
    row("10.20.0.8", "00:11:22:33:44:55"),
  ];
  writeFileSync(file, HEAD + rows.join(""));
  expect(await read(file)).toMatchObject({ ok: true, value: { leases: 2, unreadable: 0 } });
  expect(await addressesIn(file)).toEqual([["1", "10.20.0.5"]]);
});

test("readLeases(): Kea's parts of a clean-up under way are read, older before newer", async () => {
  const file = join(temporaryFolder(), "leases.csv");
  writeFileSync(`${file}.2`, HEAD + row("10.20.0.5", A) + row("10.20.0.6", B));
  writeFileSync(`${file}.1`, HEAD + row("10.20.0.5", A, 1_795_381_200, 0));
  writeFileSync(file, HEAD + row("10.20.0.9", A));
  expect(await addressesIn(file)).toEqual([
    ["2", "10.20.0.6"],
    ["1", "10.20.0.9"],
  ]);
  // Done but for the names: what is in the older parts is in it, or gone for good.
  writeFileSync(`${file}.completed`, HEAD);
  expect(await addressesIn(file)).toEqual([["1", "10.20.0.9"]]);
  rmSync(file);
  expect(await addressesIn(file)).toEqual([]);
});

test.each(["isc", "kea", "dnsmasq"] as const)(
  "readLeases(): a file of %s that is not there, a folder, or of another format is a clear fault",
  async (format) => {
    const folder = temporaryFolder();
    const none = join(folder, "none");
    expect(await read(none, format)).toEqual({
      ok: false,
      fault: { kind: "unreachable", via: "dhcp", detail: `cannot read "${none}": it does not exist` },
    });
    mkdirSync(join(folder, "sub"));
    expect(await read(join(folder, "sub"), format)).toMatchObject({ fault: { detail: expect.stringContaining("it is a folder") } });
    writeFileSync(join(folder, "other"), "<html>\nno leases here\n</html>\n");
    expect(await read(join(folder, "other"), format)).toMatchObject({
      ok: false,
      fault: { kind: "garbled", wanted: `a lease file of ${format}` },
    });
  },
);

test("readLeases(): a path that leads through a file says so", async () => {
  const file = join(temporaryFolder(), "leases");
  writeFileSync(file, HEAD);
  expect(await read(join(file, "deeper"))).toMatchObject({
    fault: { kind: "unreachable", detail: expect.stringContaining("is no folder") },
  });
});

test("readLeases(): dnsmasq remembers, and does not say that it heard the device", async () => {
  const file = join(temporaryFolder(), "leases");
  writeFileSync(file, `1795381200 ${A} 10.20.0.5 * *\n`);
  const answer = await read(file, "dnsmasq");
  expect(answer.ok && answer.value.sightings[0]).toMatchObject({ heard: false, address: "10.20.0.5" });
});

test("readLeaseFiles(): more bytes than allowed are refused, all parts together", async () => {
  const file = join(temporaryFolder(), "leases");
  for (const name of [file, `${file}.1`]) writeFileSync(name, "x".repeat(60));
  expect(await readLeaseFiles([file], 100)).toMatchObject({ ok: true });
  expect(await readLeaseFiles([file, `${file}.1`], 100)).toEqual({
    ok: false,
    fault: { kind: "overBudget", via: "dhcp", budget: "bytes", limit: 100 },
  });
});

test("readLeaseFiles(): a file that is replaced while it is read is read again; one that only grows is not", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "leases");
  writeFileSync(file, "old\n");
  let reads = 0;
  /** Something happens to the file right after each of the first readings of it. */
  const meanwhile = (times: number, what: () => void) => async (path: string, bytesMax: number) => {
    const read = await readLeaseFile(path, bytesMax);
    if (reads++ < times) what();
    return read;
  };
  const replace = (): void => {
    writeFileSync(join(folder, "new"), "new\n");
    renameSync(join(folder, "new"), file);
  };
  const read = await readLeaseFiles([file], 1_000, meanwhile(1, replace));
  expect([reads, read.ok && read.value.map(({ text }) => text)]).toEqual([2, ["new\n"]]);
  expect(await readLeaseFiles([file], 1_000, meanwhile(99, replace))).toMatchObject({
    fault: { detail: expect.stringContaining("replaced 3 times") },
  });
  reads = 0;
  await readLeaseFiles(
    [file],
    1_000,
    meanwhile(99, () => appendFileSync(file, "more\n")),
  );
  expect(reads).toBe(1);
});

const lease = (changes: Partial<Lease> = {}): Lease => ({
  address: "10.20.0.5",
  mac: "64167f000001" as Mac,
  endsMs: NOW + HOUR,
  ...changes,
});

test("sightingOf(): option 60 as text says maker, model and family, the evidence all of it", () => {
  expect(sightingOf(lease({ vendorClass: "Polycom-VVX411", hostName: "desk5" }), NOW, true)).toEqual([
    {
      source: "dhcp",
      atMs: NOW,
      address: "10.20.0.5",
      facts: { vendor: "Polycom", family: "uc-phone", model: "VVX 411", mac: "64167f000001" },
      evidence: [
        {
          via: "dhcp",
          what: '10.20.0.5 is leased to 64:16:7f:00:00:01 until 2026-11-22T21:00:00.000Z, option 60 "Polycom-VVX411", host name "desk5"',
          atMs: NOW,
        },
      ],
    },
  ]);
});

test("sightingOf(): option 60 as sub-options says part number and version, too", () => {
  const part = (code: number, text: string): string => Buffer.from([code, text.length, ...Buffer.from(text)]).toString("hex");
  const body = part(1, "Polycom") + part(2, "VVX-VVX_411") + part(3, "3111-48450-001,A") + part(4, "SIP/6.4.6.2327/08-Jun-22 10:44");
  const vendorClass = `0000363d${(body.length / 2).toString(16)}${body}`;
  expect(sightingOf(lease({ vendorClass }), NOW, true)[0]?.facts).toEqual({
    vendor: "Polycom",
    family: "uc-phone",
    model: "VVX 411",
    partNumber: "3111-48450-001",
    revision: "A",
    running: { application: "6.4.6.2327" },
    mac: "64167f000001",
  });
});

test("sightingOf(): without option 60 the MAC's maker or the host name makes it ours, and nothing else does", () => {
  expect(sightingOf(lease(), NOW, true)[0]?.facts).toEqual({ mac: "64167f000001", vendor: "Polycom" });
  const stranger = "001122334455" as Mac;
  expect(sightingOf(lease({ mac: stranger, hostName: "Polycom_001122334455" }), NOW, true)).toHaveLength(1);
  for (const hostName of ["polynesia-laptop", "laptop"])
    expect(sightingOf(lease({ mac: stranger, hostName, vendorClass: "MSFT 5.0" }), NOW, true)).toEqual([]);
});
