import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeKey } from "../../../agent/commands/keys.ts";
import { verifyAttestation } from "../../../agent/coverage/attest-sign.ts";
import { type CoverageDesk, createCoverageDesk, type DeskIo } from "../../../agent/coverage/desk.ts";
import type { ReadList } from "../../../agent/coverage/sources.ts";
import { createTeller } from "../../../agent/feed/tell.ts";
import { renderReport } from "../../../agent/reports/pdf.ts";
import type { Report } from "../../../agent/reports/report-shape.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { deviceId, T0, temporaryFolder } from "../../store/temporary.ts";
import { type CoverageKit, coverageKit, line, phone, SITE, ZONE } from "./kit.ts";

const never = new AbortController().signal;
const silent = { debug() {}, info() {}, warn() {}, error() {} } as unknown as DeskIo["log"];

async function opened(
  kit: CoverageKit,
  lens: unknown = ok({ entitlements: [], devices: 2 }),
): Promise<{ desk: CoverageDesk; directory: string; publicKey: string }> {
  const directory = temporaryFolder();
  const key = await makeKey();
  const teller = createTeller({ store: kit.store, site: SITE, nowMs: kit.clock.nowMs, wake: () => undefined });
  const history = { ask: async (_name: string, report: unknown) => renderReport(report as Report) } as unknown as DeskIo["history"];
  const field = { ask: async () => lens } as unknown as DeskIo["sources"]["field"];
  const desk = createCoverageDesk({
    ...{
      store: kit.store,
      clock: kit.clock,
      log: silent,
      site: { id: SITE, name: "Contoso", environment: "test" },
      brand: undefined,
      zone: ZONE,
    },
    ...{ agentVersion: "0.1.0", agentKey: key, dataDirectory: directory, teller, history, sources: { field, zone: ZONE } },
  });
  return { desk, directory, publicKey: key.publicKey };
}

test("judge(): what is not covered stands in the kept file, and goes when it is covered", async () => {
  const kit = coverageKit([1, 2]);
  const { desk } = await opened(kit);
  desk.take({ source: "csv", name: "l", actor: "a", lines: [line({ serial: "8L1" })] });
  await desk.judge(never);
  expect(readFileSync(desk.registrationFile, "utf8").split("\r\n")).toEqual([
    expect.stringContaining("serial,mac"),
    expect.stringContaining("8L2"),
    "",
  ]);
  desk.take({ source: "csv", name: "l", actor: "a", lines: [line({ serial: "8L1" }), line({ serial: "8L2" })] });
  await desk.judge(never);
  expect(readFileSync(desk.registrationFile, "utf8")).not.toContain("8L2");
});

test("judge(): a start writes the kept file though nothing changed: the stop before may have come between rows and file", async () => {
  const kit = coverageKit([1, 2]);
  const before = await opened(kit);
  before.desk.take({ source: "csv", name: "l", actor: "a", lines: [line({ serial: "8L1" })] });
  await before.desk.judge(never);
  const { desk } = await opened(kit);
  expect((await desk.judge(never)).changed).toBe(0);
  expect(readFileSync(desk.registrationFile, "utf8")).toContain("8L2");
});

test("judge(): two at once are one pass", async () => {
  const { desk } = await opened(coverageKit([1]));
  const first = desk.judge(never);
  expect(desk.judge(never)).toBe(first);
  await first;
});

test.each<[string, unknown, string]>([
  ["is away", fail({ kind: "unreachable", via: "lens" }), "no answer by lens"],
  ["does not tell", ok("Lens does not tell entitlements to this account"), "does not tell"],
  ["names no contract at all", ok({ entitlements: [], devices: 40 }), "not taken as a list"],
])("refresh(): a Lens that %s leaves everything as it was", async (_name, lens, why) => {
  const kit = coverageKit([1]);
  const { desk } = await opened(kit, lens);
  expect(await desk.refresh("lens", never)).toContain(why);
  await desk.judge(never);
  expect([kit.store.entitlements.newest(), kit.state(1)]).toEqual([[], "unknown"]);
});

test("refresh(): what Lens tells is taken in and judged; of a list of which most is gone nothing", async () => {
  const kit = coverageKit([1, 2]);
  const told = (count: number) =>
    ok({ devices: 20, entitlements: Array.from({ length: count }, (_, i) => ({ serial: `8L${i + 1}`, untilMs: T0 + 400 * DAY })) });
  const { desk } = await opened(kit, told(20));
  expect([await desk.refresh("lens", never), kit.state(1)]).toEqual([undefined, "covered"]);
  const { desk: later } = await opened(kit, told(1));
  expect(await later.refresh("lens", never)).toContain("--accept-removals");
  expect(kit.store.entitlements.list("lens")).toHaveLength(20);
});

test("read(): without a portal the setting is named", async () => {
  const { desk } = await opened(coverageKit([1]));
  expect(await desk.read("portal", never)).toEqual({ ok: false, why: expect.stringContaining("coverage.portal") } satisfies ReadList);
});

test("attest(): both files are there, belong together, hold by the agent's key, and are in the audit", async () => {
  const kit = coverageKit([1]);
  const { desk, directory, publicKey } = await opened(kit);
  desk.take({ source: "csv", name: "l", actor: "a", lines: [line()] });
  await desk.judge(never);
  const made = await desk.attest("2026-11", "local", never);
  const [json, pdf] = [made.json, made.pdf].map(({ name }) => readFileSync(join(directory, "attestations", name)));
  expect(await verifyAttestation(json?.toString("utf8") ?? "", publicKey)).toMatchObject({
    ok: true,
    attestation: { pdf: made.pdf, counts: { covered: 1 } },
  });
  expect(pdf?.subarray(0, 5).toString()).toBe("%PDF-");
  expect(kit.store.audit.list({ limit: 1 })).toMatchObject([
    { action: "coverage.attested", subject: "2026-11", detail: { pdf: made.pdf.sha256 } },
  ]);
});

test("attestLastMonth(): once, when the month is over and there was something to attest", async () => {
  const kit = coverageKit([1]);
  const { desk, directory } = await opened(kit);
  await desk.attestLastMonth(never);
  desk.take({ source: "csv", name: "l", actor: "a", lines: [line()] });
  await desk.judge(never);
  await desk.attestLastMonth(never);
  expect(existsSync(join(directory, "attestations"))).toBe(false);
  await kit.clock.advance(9 * DAY);
  await desk.attestLastMonth(never);
  const first = kit.store.coverage.attestation("2026-11");
  await kit.clock.advance(DAY);
  await desk.attestLastMonth(never);
  expect([first?.month, kit.store.coverage.attestation("2026-11")]).toEqual(["2026-11", first]);
});

test("piece(): a file in pieces; none of a month that was not attested", async () => {
  const kit = coverageKit(Array.from({ length: 400 }, (_, i) => i + 1));
  const { desk } = await opened(kit);
  expect(await desk.piece("2026-11", "json", 0)).toBeUndefined();
  const made = await desk.attest("2026-11", "local", never);
  const pieces: Buffer[] = [];
  for (let done = 0; done < made.json.sizeBytes; ) {
    const piece = await desk.piece("2026-11", "json", done);
    pieces.push(piece?.bytes ?? Buffer.alloc(0));
    done += pieces.at(-1)?.length ?? made.json.sizeBytes;
  }
  expect(pieces.length).toBeGreaterThan(1);
  expect(await verifyAttestation(Buffer.concat(pieces).toString("utf8"), undefined)).toMatchObject({ ok: true });
});

test("judge(): a phone that changed its name is registered under its hardware", async () => {
  const kit = coverageKit([1]);
  const { desk } = await opened(kit);
  desk.take({ source: "csv", name: "l", actor: "a", lines: [line({ serial: "8L9" })] });
  kit.store.devices.save(phone(1, { name: "Reception" }));
  await desk.judge(never);
  expect(readFileSync(desk.registrationFile, "utf8")).toContain("Reception");
  expect(kit.store.conditions.listOpen({ deviceId: deviceId(1) })).toHaveLength(1);
});
