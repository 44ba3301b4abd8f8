import fc from "fast-check";
import { expect, test } from "vitest";
import { makeKey, type SigningKey } from "../../../agent/commands/keys.ts";
import { REPORT_BYTES_MAX, signedReportSchema, signReport, verifyReport } from "../../../agent/reports/campaign-sign.ts";
import { campaignStory } from "./campaign-kit.ts";

async function signed(): Promise<{ readonly key: SigningKey; readonly text: string }> {
  const key = await makeKey();
  return { key, text: await signReport(await (await campaignStory({ phones: 3 })).report(), key) };
}

test("verifyReport(): holds as it was signed, by the key, its thumbprint or any; and says whose it is", async () => {
  const { key, text } = await signed();
  for (const signer of [undefined, key.kid, key.publicKey])
    expect(await verifyReport(text, signer)).toMatchObject({ ok: true, signed: { signer: { kid: key.kid }, report: { complete: true } } });
  const other = await makeKey();
  expect(await verifyReport(text, other.kid)).toMatchObject({ ok: false, why: expect.stringContaining(`expected ${other.kid}`) });
});

test("verifyReport(): one letter more, less or another, anywhere, and it does not hold", async () => {
  const { text } = await signed();
  const edit = fc.constantFrom("drop", "double", "another");
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: text.length - 1 }), edit, async (at, how) => {
      const letter = text[at] ?? "";
      const middle = how === "drop" ? "" : how === "double" ? letter + letter : letter === "a" ? "b" : "a";
      const verdict = await verifyReport(text.slice(0, at) + middle + text.slice(at + 1), undefined);
      expect(verdict).toMatchObject({ ok: false, why: expect.stringMatching(/./) });
    }),
    { numRuns: 150 },
  );
});

test("verifyReport(): signed anew by a stranger it holds by that key, and not by the agent's", async () => {
  const { key, text } = await signed();
  const stranger = await makeKey();
  const { report } = signedReportSchema.parse(JSON.parse(text));
  const forged = await signReport({ ...report, state: "completedWithFailures" }, stranger);
  expect((await verifyReport(forged, undefined)).ok).toBe(true);
  expect(await verifyReport(forged, key.kid)).toMatchObject({ ok: false, why: expect.stringContaining("signed by another key") });
  const mixed = JSON.stringify({ ...JSON.parse(forged), signer: { kid: key.kid, publicKey: key.publicKey } }, null, 1);
  expect((await verifyReport(`${mixed}\n`, undefined)).ok).toBe(false);
});

test("verifyReport(): what is no report, another layout of the same, or endless is refused with why", async () => {
  const { text } = await signed();
  expect(await verifyReport("{}", undefined)).toMatchObject({ ok: false, why: expect.stringContaining("does not decode") });
  expect(await verifyReport("no json", undefined)).toMatchObject({ ok: false });
  const relaid = JSON.stringify(JSON.parse(text));
  expect(await verifyReport(relaid, undefined)).toMatchObject({ ok: false, why: expect.stringContaining("not as it was written") });
  const twice = text.replace('"signature":', '"signature": "x", "signature":');
  expect((await verifyReport(twice, undefined)).ok).toBe(false);
  expect(await verifyReport("x".repeat(REPORT_BYTES_MAX + 1), undefined)).toMatchObject({
    why: "it is longer than any report of a campaign",
  });
});
