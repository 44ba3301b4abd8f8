/**
 * `groundswell probe` as a technician runs it: the program as a process of its own, against the simulated site as another.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { Ready } from "../../fixtures/site/site.ts";
import { FAULT_KINDS } from "../../protocols/core/fault.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The contract for scripts: nothing else stands in it. */
const via = z.enum(["tls", "https", "http", "sip", "snmp", "ssh", "telnet"]);
const probeForm = z.strictObject({
  schema: z.literal("groundswell.probe/1"),
  address: z.ipv4(),
  family: z.string().optional(),
  vendor: z.string().optional(),
  model: z.string().optional(),
  partNumber: z.string().optional(),
  mac: z
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .optional(),
  serial: z.string().optional(),
  running: z.strictObject({ application: z.string().optional(), updater: z.string().optional() }).optional(),
  inUse: z.strictObject({ state: z.enum(["idle", "busy", "unknown"]), reason: z.string().optional() }).optional(),
  managedBy: z.string().optional(),
  lines: z.array(z.strictObject({ address: z.string(), registered: z.boolean() })),
  readings: z.record(z.string(), z.number()),
  evidence: z.array(z.strictObject({ via, what: z.string().min(1), at: z.iso.datetime() })),
  faults: z.array(z.strictObject({ via: via.optional(), kind: z.enum(FAULT_KINDS), detail: z.string().min(1) })),
});

interface Truth {
  readonly mac: string;
  readonly kind: string;
  readonly address: string;
  readonly model: string;
  readonly running: string;
}

let site: ChildProcess;
let ready: Ready;
let phones: readonly Truth[];
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "groundswell-probe-"));
  const options = ["--seed", "7", "--devices", "6", "--clock-origin-ms", "1795305600000", "--clock-real-origin-ms", String(Date.now())];
  site = spawn(process.execPath, [join(ROOT, "fixtures/site/main.ts"), ...options], { stdio: ["pipe", "pipe", "inherit"] });
  let said = "";
  for await (const piece of site.stdout ?? []) {
    said += String(piece);
    if (said.includes("\n")) break;
  }
  ready = JSON.parse(said) as Ready;
  phones = ((await (await fetch(`${ready.control}/devices`)).json()) as readonly Truth[]).filter(({ kind }) => kind === "vvx");
  writeFileSync(join(home, "password"), `${ready.credentials.phonePassword}\n`, { mode: 0o600 });
});

afterAll(async () => {
  const over = once(site, "exit");
  site.stdin?.end();
  await over;
  rmSync(home, { recursive: true, force: true });
});

async function tell(device: Truth, action: string, body: unknown): Promise<void> {
  const answer = await fetch(`${ready.control}/devices/${device.mac}/${action}`, { method: "POST", body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
}

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function probe(device: Truth, ...more: readonly string[]): Promise<Ran> {
  const where = Object.entries(ready.ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const login = ["--user", ready.credentials.phoneUser, "--password-file", join(home, "password"), "--timeout", "6s"];
  const child = spawn(join(ROOT, "bin/groundswell"), ["probe", device.address, ...where, ...login, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: "/usr/bin:/bin", HOME: home },
  });
  const ran = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    ran.out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    ran.err += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  expect(ran.out + ran.err).not.toContain(ready.credentials.phonePassword);
  return { code, ...ran };
}

const phone = (index: number): Truth => phones[index] as Truth;
const documentOf = (ran: Ran): z.infer<typeof probeForm> => probeForm.parse(JSON.parse(ran.out));

test("probe: a live phone: exit 0, one document in the contract's form on stdout, nothing on stderr", async () => {
  const device = phone(0);
  const ran = await probe(device, "--json");
  expect([ran.code, ran.err, ran.out.endsWith("}\n"), ran.out.trimEnd().includes("\n")]).toEqual([0, "", true, false]);
  expect(documentOf(ran)).toMatchObject({
    address: device.address,
    family: "uc-phone",
    model: device.model,
    mac: device.mac,
    running: { application: device.running },
    inUse: { state: "idle" },
  });
});

test("probe: a live phone, for people: what it is on stdout", async () => {
  const ran = await probe(phone(0));
  expect([ran.code, ran.err]).toEqual([0, ""]);
  for (const part of [phone(0).address, phone(0).model, phone(0).running, "idle"]) expect(ran.out).toContain(part);
  expect(() => JSON.parse(ran.out)).toThrow();
});

test("probe: a phone that answers noise: exit 1, garbled by each door, and for people what to do on stderr", async () => {
  const device = phone(1);
  await tell(device, "misbehave", { kind: "garbage", handshake: true });
  const json = await probe(device, "--json");
  const { family, faults } = documentOf(json);
  expect([json.code, json.err, family]).toEqual([1, "", undefined]);
  const said = faults.map(({ kind, via: way }) => `${kind} ${way}`);
  expect(said).toContain("garbled tls");
  expect(said).toContain("garbled sip");
  const text = await probe(device);
  expect([text.code, text.err]).toEqual([1, expect.stringContaining("Somebody answers, but nothing it shows is known.")]);
  expect(text.out).toContain("tls answered something that is not a TLS handshake");
});

test("probe: a phone without power: exit 3, unreachable by each door, and for people where to look on stderr", async () => {
  const device = phone(2);
  await tell(device, "power", { on: false });
  const json = await probe(device, "--json");
  const { faults, evidence } = documentOf(json);
  expect([json.code, json.err, evidence]).toEqual([3, "", []]);
  expect(faults.map(({ kind, via: way }) => `${kind} ${way}`).toSorted()).toEqual([
    "unreachable sip",
    "unreachable ssh",
    "unreachable tls",
  ]);
  const text = await probe(device);
  expect([text.code, text.err]).toEqual([3, expect.stringContaining("Nobody answers there.")]);
  expect(text.out).toContain("not identified");
});

test("probe: what is no address is a usage error: exit 2, told to people on stderr and to scripts on stdout", async () => {
  const ran = await probe({ ...phone(0), address: "phone.example" }, "--json");
  expect(ran.code).toBe(2);
  expect(JSON.parse(ran.out)).toMatchObject({ schema: "groundswell.error/1", code: "usage" });
  expect(ran.err).toContain("is not the address of one device");
});
