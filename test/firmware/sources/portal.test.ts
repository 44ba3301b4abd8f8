import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, never, sha256Of, temporaryFolder } from "../staging/kit.ts";
import { entry, FILE, firstOffering, type PortalStage, portalStage } from "./portal-kit.ts";

async function bring(stage: PortalStage) {
  const offering = await firstOffering(stage, never);
  const partialPath = join(temporaryFolder(), "part");
  return { partialPath, got: await stage.source.bring?.({ offering, partialPath, bytesMax: 10_000_000 }, never) };
}

test("read(): all pages, under one log-in", async () => {
  const stage = await portalStage(...Array.from({ length: 45 }, (_, i) => entry({ id: `e-${i}`, title: `Entry ${i}` })));
  const read = await stage.source.read(never);
  expect(read.ok && read.value.offerings.length).toBe(45);
  expect(stage.portal.requests).toEqual(["POST /sessions", "GET /firmware", "GET /firmware?cursor=20", "GET /firmware?cursor=40"]);
});

test("read(): an entry as it is listed; one without a file cannot be fetched", async () => {
  const stage = await portalStage(entry({ listsHash: true, published: "2026-10-01T08:00:00Z" }), {
    id: "old",
    title: "Old",
    version: "5.9.0.1",
    models: [],
    revoked: true,
  });
  expect(await stage.source.read(never)).toEqual({
    ok: true,
    value: {
      passedOver: [],
      offerings: [
        {
          key: "ucs-648",
          title: "UC Software 6.4.8",
          version: "6.4.8.1190",
          models: ["VVX 450"],
          partNumbers: ["3111-48450-001"],
          file: "3111-48450-001.sip.ld",
          sizeBytes: FILE.length,
          sha256: sha256Of(FILE),
          revoked: false,
          fetch: "whole",
          published: "2026-10-01T08:00:00Z",
        },
        { key: "old", title: "Old", version: "5.9.0.1", models: [], partNumbers: [], revoked: true, fetch: "no" },
      ],
    },
  });
});

test.each(["loginOver", "loginPage"] as const)(
  "read(): a log-in that ends between two pages (%s) is renewed, and nothing is lost",
  async (trouble) => {
    const stage = await portalStage(...Array.from({ length: 30 }, (_, i) => entry({ id: `e-${i}` })));
    stage.portal.fail("down", 0);
    await stage.source.read(never);
    stage.portal.fail(trouble, 1, /^\/firmware$/);
    const read = await stage.source.read(never);
    expect(read.ok && read.value.offerings.length).toBe(30);
    expect(stage.portal.logins).toEqual({ good: 2, refused: 0 });
  },
);

test("read(): a log-in is renewed before its time is over, by the clock", async () => {
  const stage = await portalStage(entry());
  await stage.source.read(never);
  await stage.clock.sleep(27 * 60_000 + 1);
  await stage.source.read(never);
  expect(stage.portal.logins.good).toBe(2);
});

test("read(): a user who is turned away is not tried again before half an hour has passed", async () => {
  const stage = await portalStage(entry());
  stage.portal.password = "changed";
  for (let i = 0; i < 3; i++)
    expect(await stage.source.read(never)).toMatchObject({ ok: false, fault: { kind: "denied", name: "denied" } });
  expect(stage.portal.logins).toEqual({ good: 0, refused: 1 });
  await stage.clock.sleep(30 * 60_000);
  await stage.source.read(never);
  expect(stage.portal.logins.refused).toBe(2);
});

test.each([
  ["down", 10, { kind: "unreachable", name: "unreachable" }],
  ["missing", 10, { kind: "garbled", name: "garbled" }],
  ["garbage", 1, { kind: "garbled", name: "garbled" }],
  ["page", 10, { kind: "garbled", name: "garbled", detail: "a web page" }],
  ["redirect", 10, { kind: "garbled", name: "garbled" }],
  ["endless", 100, { kind: "garbled", name: "garbled" }],
] as const)("read(): %s is a fault of its own, and the next reading is whole again", async (trouble, count, fault) => {
  const stage = await portalStage(entry());
  stage.portal.fail(trouble, count, /^\/firmware$/);
  expect(await stage.source.read(never)).toMatchObject({ ok: false, fault });
  stage.portal.calm();
  expect(await stage.source.read(never)).toMatchObject({ ok: true, value: { offerings: [{ key: "ucs-648" }] } });
});

test("read(): a list whose entries are wrong is not taken in part", async () => {
  const stage = await portalStage(entry(), entry({ id: "../../etc/passwd" }));
  expect(await stage.source.read(never)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});

test("bring(): the file whole, with the hash of its bytes", async () => {
  const { got, partialPath } = await bring(await portalStage(entry()));
  expect(got).toEqual({ ok: true, value: { name: "3111-48450-001.sip.ld", sizeBytes: FILE.length, sha256: sha256Of(FILE) } });
  expect(readFileSync(partialPath).equals(FILE)).toBe(true);
});

test("bring(): a line that breaks is taken up where it broke, and each byte comes once", async () => {
  const stage = await portalStage(entry());
  stage.portal.fail("cutShort", 2, /file$/);
  const { got } = await bring(stage);
  expect(got).toMatchObject({ ok: true, value: { sha256: sha256Of(FILE) } });
  expect(stage.portal.requests.filter((one) => one.includes("/file")).map((one) => one.split(" ")[2])).toEqual([
    undefined,
    expect.stringMatching(/^bytes=\d+-$/),
    expect.stringMatching(/^bytes=\d+-$/),
  ]);
  expect(stage.portal.sentBytes).toBeLessThan(FILE.length * 1.5);
});

test.each(["loginOver", "loginPage"] as const)(
  "bring(): a log-in that ends in the middle of a file (%s) is renewed, and the file goes on",
  async (trouble) => {
    const stage = await portalStage(entry());
    stage.portal.fail("cutShort", 1, /file$/);
    stage.portal.fail(trouble, 1, /file$/);
    expect((await bring(stage)).got).toMatchObject({ ok: true, value: { sha256: sha256Of(FILE) } });
    expect(stage.portal.logins.good).toBe(2);
  },
);

test("bring(): a file that changes in the middle is never put together from two", async () => {
  const stage = await portalStage(entry());
  stage.portal.fail("cutShort", 1, /file$/);
  stage.portal.fail("changes", 1, /file$/);
  const other = Buffer.from(FILE.map((byte) => byte ^ 0xff));
  expect((await bring(stage)).got).toMatchObject({ ok: true, value: { sha256: sha256Of(other) } });
});

test("bring(): another file than the list states the hash or the size of is not taken, and nothing is left of it", async () => {
  const hashed = await portalStage(entry({ listsHash: true }));
  hashed.portal.fail("changes", 1, /file$/);
  const sized = await portalStage(entry());
  const offering = await firstOffering(sized, never);
  sized.portal.entries[0] = entry({ bytes: bytesOf(299_999, 8) });
  const partialPath = join(temporaryFolder(), "part");
  for (const one of [
    await bring(hashed),
    { partialPath, got: await sized.source.bring?.({ offering, partialPath, bytesMax: 1e7 }, never) },
  ]) {
    expect(one.got).toMatchObject({ ok: false, fault: { kind: "mismatch", name: "garbled" } });
    expect(() => readFileSync(one.partialPath)).toThrow("ENOENT");
  }
});

test.each([
  ["page", { kind: "garbled", detail: "a web page" }],
  ["missing", { kind: "refused" }],
  ["redirect", { kind: "refused" }],
  ["down", { kind: "unreachable" }],
  ["loginOver", { kind: "denied" }],
  ["longer", { kind: "mismatch" }],
  ["stops", { kind: "unreachable" }],
] as const)("bring(): %s for ever is a fault, in bounded tries", async (trouble, fault) => {
  const stage = await portalStage(entry());
  stage.portal.fail(trouble, 1_000, /file$/);
  expect((await bring(stage)).got).toMatchObject({ ok: false, fault });
  expect(stage.portal.requests.filter((one) => one.includes("/file")).length).toBeLessThan(40);
});

test("bring(): a file that is larger than there is room for is not begun", async () => {
  const stage = await portalStage(entry());
  const offering = await firstOffering(stage, never);
  const got = await stage.source.bring?.({ offering, partialPath: join(temporaryFolder(), "p"), bytesMax: 1_000 }, never);
  expect(got).toMatchObject({ ok: false, fault: { kind: "overBudget", name: "oversized" } });
});

test("notes(): text and documents; an entry that is not there is told", async () => {
  const documents = [{ id: "rn", title: "Release notes", mediaType: "application/pdf", sizeBytes: 9 }];
  const stage = await portalStage(entry({ notes: "Fixes CVE-2026-0826.", documents }));
  expect(await stage.source.notes("ucs-648", never)).toEqual({ ok: true, value: { text: "Fixes CVE-2026-0826.", documents } });
  expect(await stage.source.notes("none", never)).toMatchObject({ ok: false, fault: { name: "garbled" } });
});

test("keys(): secrets as such, and those it has none for", async () => {
  const stage = await portalStage(entry({ keys: { "8L1": "canary-key-1", other: "canary-key-2" } }));
  const read = await stage.source.keys("ucs-648", ["8L1", "8L2"], never);
  if (!read.ok) throw new Error("not read");
  expect(read.value.keys.map(({ serial, key }) => [serial, key.reveal()])).toEqual([["8L1", "canary-key-1"]]);
  expect(read.value.missing).toEqual(["8L2"]);
  expect(JSON.stringify(read)).not.toContain("canary");
});

test("portal: no fault and no question holds the password", async () => {
  const stage = await portalStage(entry());
  const faults: unknown[] = [];
  for (const trouble of ["down", "garbage", "page"] as const) {
    stage.portal.endLogins();
    stage.portal.fail(trouble, 3, /sessions|firmware/);
    faults.push(await stage.source.read(never));
  }
  stage.portal.password = "changed";
  stage.portal.endLogins();
  faults.push(await stage.source.read(never));
  expect(JSON.stringify(faults) + stage.portal.requests.join()).not.toContain("canary");
});

test("bring(): cut at any byte, again and again, it is whole in the end, and never anything else", async () => {
  const stage = await portalStage(entry());
  const offering = await firstOffering(stage, never);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: FILE.length - 1 }), { minLength: 1, maxLength: 3 }), async (cuts) => {
      const partialPath = join(temporaryFolder(), "part");
      const whole = { ok: true, value: { sha256: sha256Of(FILE) } };
      for (const at of cuts) {
        stage.portal.calm();
        stage.portal.cutAfterBytes = at;
        stage.portal.fail("cutShort", 1, /file$/);
        stage.portal.fail("noRight", 1, /file$/);
        const got = await stage.source.bring?.({ offering, partialPath, bytesMax: 10_000_000 }, never);
        // What is cut behind its last byte is whole.
        if (got?.ok === true) expect(got).toMatchObject(whole);
      }
      stage.portal.calm();
      expect(await stage.source.bring?.({ offering, partialPath, bytesMax: 10_000_000 }, never)).toMatchObject(whole);
    }),
    { numRuns: 15 },
  );
});
