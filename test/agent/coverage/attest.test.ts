import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeKey, type SigningKey } from "../../../agent/commands/keys.ts";
import { type Attestation, type Draft, draftAttestation, monthAt, monthOf } from "../../../agent/coverage/attest.ts";
import { reportOf } from "../../../agent/coverage/attest-report.ts";
import { pdfTrouble, sha256Of, signAttestation, verifyAttestation } from "../../../agent/coverage/attest-sign.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { pathOfSchema, renderSchema, SCHEMA_NAMES } from "../../support/schemas.ts";
import { type CoverageKit, coverageKit, line, phone, ZONE } from "./kit.ts";

const site = { id: "contoso-zh", name: "Contoso AG, Zürich", environment: "production" };
const DECEMBER = Date.UTC(2026, 11, 3);
const draftOf = (kit: CoverageKit, month = "2026-11", nowMs = DECEMBER): Promise<Draft> =>
  draftAttestation(month, { store: kit.store, site, zone: ZONE, agentVersion: "0.1.0", nowMs });

async function judged(numbers: readonly number[] = [1, 2, 3]): Promise<CoverageKit> {
  const kit = coverageKit(numbers);
  kit.take([line({ serial: "8L1", until: "2028-01-01", service: "Poly+" }), line({ serial: "8L2", until: "2026-12-20" })]);
  await kit.judge();
  return kit;
}

const pdfBytes = Buffer.from("%PDF-1.3 a file");
const pdf = { name: "coverage-contoso-zh-2026-11.pdf", sha256: sha256Of(pdfBytes), sizeBytes: pdfBytes.length };
const signed = async (draft: Draft, key: SigningKey): Promise<string> =>
  signAttestation({ ...draft, pdf, audit: { count: 7, hash: "ab" } }, key);

test("draftAttestation(): each device with how it was found, its contract and its list; the worst first", async () => {
  const draft = await draftOf(await judged());
  expect(draft.counts).toEqual({ devices: 3, covered: 1, expiring: 1, lapsed: 0, notCovered: 1, unknown: 0, notSeen: 0 });
  expect(draft.devices.map(({ coverage }) => coverage.state)).toEqual(["notCovered", "expiring", "covered"]);
  expect(draft.devices[2]).toMatchObject({
    device: deviceId(1),
    serial: "8L1",
    mac: "64:16:7f:00:00:01",
    found: { source: "lldp", at: "2026-11-22T20:00:00.000Z", evidence: "lldp: neighbour of ge-0/0/7" },
    coverage: { state: "covered", until: "2028-01-01", contract: "C-1", service: "Poly+", list: "csv" },
  });
  expect(draft).toMatchObject({
    complete: true,
    asOf: "2026-11-30T22:59:59.999Z",
    lists: [{ source: "csv", name: "list.csv", listed: 2 }],
  });
});

test("draftAttestation(): what changed after the month does not change it", async () => {
  const kit = await judged();
  const before = await draftOf(kit);
  await kit.clock.advance(DECEMBER - T0);
  kit.take([line({ serial: "8L3" }), line({ serial: "8L1", until: "2028-01-01", service: "Poly+" })]);
  await kit.judge();
  kit.store.devices.save(phone(4, { firstSeenMs: DECEMBER, lastSeenMs: DECEMBER }));
  expect(await draftOf(kit)).toEqual(before);
});

test("draftAttestation(): while the month lasts it is as of now, and says so", async () => {
  const kit = await judged();
  expect(await draftOf(kit, "2026-11", T0 + DAY)).toMatchObject({ complete: false, asOf: "2026-11-23T20:00:00.000Z" });
});

test("draftAttestation(): a device not seen in the month is left out and counted; one not judged by then is unknown", async () => {
  const kit = coverageKit([1, 2]);
  kit.store.devices.save(phone(2, { firstSeenMs: T0 - 90 * DAY, lastSeenMs: T0 - 60 * DAY }));
  const draft = await draftOf(kit);
  expect([draft.counts.notSeen, draft.devices.map(({ coverage }) => coverage.why)]).toEqual([1, ["was not decided in that month"]]);
});

test("monthOf(): a month begins at the site's midnight, the clocks changed or not", () => {
  const { fromMs, untilMs } = monthOf("2026-03", ZONE);
  expect([fromMs, untilMs]).toEqual([Date.UTC(2026, 1, 28, 23), Date.UTC(2026, 2, 31, 22)]);
  expect([monthAt(ZONE, untilMs - 1), monthAt(ZONE, untilMs)]).toEqual(["2026-03", "2026-04"]);
});

test("reportOf(): names the key, the lists and every state in words", async () => {
  const report = reportOf(await draftOf(await judged()), "KEY-1");
  const facts = Object.fromEntries(report.facts);
  expect(facts).toMatchObject({
    "Signed by": "key KEY-1",
    Coverage: "2 under contract, of which 1 within 90 days of the end, 1 not covered",
  });
  expect(report.sections[0]?.rows[0]).toEqual([
    "1",
    "Phone 3",
    "VVX 450",
    "8L3",
    "64:16:7f:00:00:03",
    "",
    "2026-11-22",
    "lldp: neighbour of ge-0/0/7",
    { state: "bad", text: "not covered" },
    "",
    "",
  ]);
  expect(report.sections[0]?.rows).toHaveLength(3);
});

test("verifyAttestation(): as it was signed it holds, by the pinned key or thumbprint too", async () => {
  const key = await makeKey();
  const text = await signed(await draftOf(await judged()), key);
  for (const signer of [undefined, key.kid, key.publicKey]) expect(await verifyAttestation(text, signer)).toMatchObject({ ok: true });
  expect(await verifyAttestation(text, (await makeKey()).kid)).toMatchObject({ ok: false, why: expect.stringContaining("another key") });
});

test("verifyAttestation(): any byte that is another, gone or more is told", async () => {
  const text = await signed(await draftOf(await judged()), await makeKey());
  const bytes = Buffer.from(text);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(bytes.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom("flip", "drop", "add"),
      async (at, mask, how) => {
        const spoilt =
          how === "drop"
            ? Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
            : how === "add"
              ? Buffer.concat([bytes.subarray(0, at), Buffer.from(" "), bytes.subarray(at)])
              : Buffer.from(bytes);
        if (how === "flip") spoilt.writeUInt8(spoilt.readUInt8(at) ^ mask, at);
        expect((await verifyAttestation(spoilt.toString("utf8"), undefined)).ok).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});

test("verifyAttestation(): signed anew by somebody else it holds for itself, and not for who knows the agent's key", async () => {
  const [own, other] = [await makeKey(), await makeKey()];
  const forged = await signed({ ...(await draftOf(await judged())), complete: false }, other);
  expect((await verifyAttestation(forged, undefined)).ok).toBe(true);
  expect((await verifyAttestation(forged, own.publicKey)).ok).toBe(false);
});

test.each(["", "{}", "no json", '{"schema":"groundswell.attestation-signed/1"}'])("verifyAttestation(): %j is none", async (text) => {
  expect(await verifyAttestation(text, undefined)).toMatchObject({ ok: false, why: expect.stringContaining("no attestation") });
});

test("pdfTrouble(): only the very file that was signed for", () => {
  const attestation = { pdf } as Attestation;
  expect(pdfTrouble(pdfBytes, attestation)).toBeUndefined();
  expect(pdfTrouble(Buffer.from("%PDF-1.3 a filf"), attestation)).toContain("not the PDF that was signed for");
});

test.each(SCHEMA_NAMES)("docs/schemas/%s is what the code checks by (npm run schemas)", (name) => {
  expect(readFileSync(pathOfSchema(name), "utf8")).toBe(renderSchema(name));
});

test("attestation.schema.json: a real attestation fits it, a spoilt one does not", async () => {
  const check = new Ajv2020({ strict: false, validateFormats: false }).compile(
    JSON.parse(readFileSync(pathOfSchema("attestation.schema.json"), "utf8")),
  );
  const made = JSON.parse(await signed(await draftOf(await judged()), await makeKey()));
  expect([check(made), check.errors]).toEqual([true, null]);
  expect(check({ ...made, attestation: { ...made.attestation, surprise: 1 } })).toBe(false);
  expect(check({ ...made, attestation: { ...made.attestation, month: "2026-13" } })).toBe(false);
});
