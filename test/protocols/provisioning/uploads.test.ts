import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import { openUploads, type UploadKind } from "../../../protocols/provisioning/uploads.ts";
import { CAPS, MAC, OTHER_MAC, temporaryFolder } from "./kit.ts";

async function* piecesOf(...pieces: readonly (string | number)[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield typeof piece === "number" ? Buffer.alloc(piece, "x") : Buffer.from(piece);
}
async function* brokenAfter(bytes: number): AsyncGenerator<Buffer> {
  yield Buffer.alloc(bytes);
  throw new Error("gone");
}
const sizeOf = (folder: string): number => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
const macOf = (n: number): Mac => `64167f${n.toString(16).padStart(6, "0")}` as Mac;

test("Uploads.save(): one newest file per device and kind, under a name of ours, for the owner alone", async () => {
  const folder = temporaryFolder();
  const uploads = await openUploads(folder, CAPS);
  expect(await uploads.save(MAC, "app.log", { pieces: piecesOf("old") })).toEqual({ ok: true, value: 3 });
  expect(await uploads.save(MAC, "app.log", { pieces: piecesOf("ne", "wer") })).toEqual({ ok: true, value: 5 });
  await uploads.save(OTHER_MAC, "phone.cfg", { pieces: piecesOf("x") });
  expect(readdirSync(folder).toSorted()).toEqual([`${MAC}-app.log`, `${OTHER_MAC}-phone.cfg`]);
  expect(readFileSync(join(folder, `${MAC}-app.log`), "utf8")).toBe("newer");
  expect(statSync(join(folder, `${MAC}-app.log`)).mode & 0o077).toBe(0);
});

test.each<readonly [UploadKind, number]>([
  ["boot.log", CAPS.logBytes],
  ["app.log", CAPS.logBytes],
  ["phone.cfg", CAPS.overrideBytes],
  ["web.cfg", CAPS.overrideBytes],
])("Uploads.save(): %s takes %d bytes and not one more", async (kind, cap) => {
  const folder = temporaryFolder();
  const uploads = await openUploads(folder, CAPS);
  expect(await uploads.save(MAC, kind, { pieces: piecesOf(cap) })).toEqual({ ok: true, value: cap });
  expect(await uploads.save(MAC, kind, { pieces: piecesOf(cap, 1) })).toEqual({ ok: false, fault: "tooLarge" });
  expect(await uploads.save(MAC, kind, { pieces: piecesOf(), declaredBytes: cap + 1 })).toEqual({ ok: false, fault: "tooLarge" });
  expect([readdirSync(folder), sizeOf(folder)]).toEqual([[`${MAC}-${kind}`], cap]);
});

test("Uploads.save(): a sender that goes away leaves the older file whole and nothing half written", async () => {
  const folder = temporaryFolder();
  const uploads = await openUploads(folder, CAPS);
  await uploads.save(MAC, "app.log", { pieces: piecesOf("whole") });
  expect(await uploads.save(MAC, "app.log", { pieces: brokenAfter(10) })).toEqual({ ok: false, fault: "cutShort" });
  expect([readdirSync(folder), readFileSync(join(folder, `${MAC}-app.log`), "utf8")]).toEqual([[`${MAC}-app.log`], "whole"]);
});

test("Uploads.save(): a full folder takes no file more, and says so", async () => {
  const uploads = await openUploads(temporaryFolder(), CAPS);
  for (let n = 0; n < 4; n++) await uploads.save(macOf(n), "app.log", { pieces: piecesOf(1_000) });
  expect(await uploads.save(MAC, "app.log", { pieces: piecesOf(1) })).toEqual({ ok: false, fault: "full" });
});

test("Uploads.save(): in a full folder a device may still replace its own file", async () => {
  const folder = temporaryFolder();
  const uploads = await openUploads(folder, CAPS);
  for (let n = 0; n < 4; n++) await uploads.save(macOf(n), "app.log", { pieces: piecesOf(1_000) });
  expect(await uploads.save(macOf(2), "app.log", { pieces: piecesOf("newer") })).toEqual({ ok: true, value: 5 });
  expect(sizeOf(folder)).toBe(3_005);
});

test("Uploads.save(): files that arrive at once stay below the total together", async () => {
  const folder = temporaryFolder();
  const uploads = await openUploads(folder, CAPS);
  const saves = Array.from({ length: 20 }, (_, n) => uploads.save(macOf(n), "app.log", { pieces: piecesOf(500, 500) }));
  const saved = (await Promise.all(saves)).filter((one) => one.ok).length;
  expect(saved).toBeLessThanOrEqual(4);
  expect(sizeOf(folder)).toBe(saved * 1_000);
});

test("Uploads.save(): refused, broken and repeated uploads use up no room", async () => {
  const uploads = await openUploads(temporaryFolder(), CAPS);
  for (let n = 0; n < 20; n++) {
    await uploads.save(MAC, "app.log", { pieces: brokenAfter(900) });
    await uploads.save(MAC, "app.log", { pieces: piecesOf(900, 900) });
    await Promise.all([1, 2, 3].map(() => uploads.save(MAC, "app.log", { pieces: piecesOf(900) })));
  }
  for (let n = 0; n < 3; n++) {
    expect(await uploads.save(macOf(n), "app.log", { pieces: piecesOf(1_000) })).toEqual({ ok: true, value: 1_000 });
  }
});

test("Uploads.save(): whatever arrives in whatever order, no file and no folder grows past its cap", async () => {
  const upload = fc.record({
    device: fc.nat(7),
    kind: fc.constantFrom<UploadKind[]>("boot.log", "app.log", "phone.cfg", "web.cfg"),
    pieces: fc.array(fc.nat(400), { maxLength: 5 }),
    breaks: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(upload, { maxLength: 6 }), { maxLength: 5 }), async (rounds) => {
      const folder = temporaryFolder();
      const uploads = await openUploads(folder, CAPS);
      for (const round of rounds) {
        const saves = round.map(({ device, kind, pieces, breaks }) =>
          uploads.save(macOf(device), kind, { pieces: breaks ? brokenAfter(pieces[0] ?? 0) : piecesOf(...pieces) }),
        );
        await Promise.all(saves);
        expect(sizeOf(folder)).toBeLessThanOrEqual(CAPS.totalBytes);
        for (const name of readdirSync(folder)) {
          expect(name).toMatch(/^[0-9a-f]{12}-(boot\.log|app\.log|phone\.cfg|web\.cfg)$/);
        }
      }
    }),
    { numRuns: 15 },
  );
});

test("openUploads(): removes what a stop left half written, and counts what is there", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, `${MAC}-app.log.7.part`), "half");
  for (let n = 0; n < 4; n++) writeFileSync(join(folder, `${macOf(n)}-app.log`), Buffer.alloc(1_000));
  const uploads = await openUploads(folder, CAPS);
  expect(readdirSync(folder)).toHaveLength(4);
  expect(await uploads.save(MAC, "app.log", { pieces: piecesOf(1) })).toEqual({ ok: false, fault: "full" });
});

test.skipIf(process.platform === "win32")("openUploads(): makes a folder for the owner alone", async () => {
  const folder = join(temporaryFolder(), "a", "b");
  await openUploads(folder, CAPS);
  expect(statSync(folder).mode & 0o077).toBe(0);
});

test("Uploads.save(): what cannot be written is the disk's fault, not the sender's", async () => {
  const folder = temporaryFolder();
  const uploads = await openUploads(folder, CAPS);
  mkdirSync(join(folder, `${MAC}-app.log`));
  writeFileSync(join(folder, `${MAC}-app.log`, "in the way"), "");
  expect(await uploads.save(MAC, "app.log", { pieces: piecesOf("x") })).toEqual({ ok: false, fault: "disk" });
  expect(readdirSync(folder)).toEqual([`${MAC}-app.log`]);
});

test("Uploads.save(): a link in the way is replaced, never written through", async () => {
  const folder = temporaryFolder();
  const victim = join(temporaryFolder(), "victim");
  writeFileSync(victim, "untouched");
  const uploads = await openUploads(folder, CAPS);
  symlinkSync(victim, join(folder, `${MAC}-app.log`));
  await uploads.save(MAC, "app.log", { pieces: piecesOf("new") });
  expect([readFileSync(victim, "utf8"), readFileSync(join(folder, `${MAC}-app.log`), "utf8")]).toEqual(["untouched", "new"]);
});

test("Uploads.list(), read(), drop(): what lies here, and away only as long as it is what was read", async () => {
  const folder = temporaryFolder();
  const uploads = await openUploads(folder, CAPS);
  await uploads.save(MAC, "phone.cfg", { pieces: piecesOf("first") });
  await uploads.save(MAC, "app.log", { pieces: piecesOf("log") });
  expect(uploads.list()).toEqual(
    expect.arrayContaining([
      { mac: MAC, kind: "phone.cfg" },
      { mac: MAC, kind: "app.log" },
    ]),
  );
  const first = (await uploads.read(MAC, "phone.cfg")) ?? Buffer.alloc(0);
  expect(first.toString()).toBe("first");
  await uploads.save(MAC, "phone.cfg", { pieces: piecesOf("newer") });
  await uploads.drop(MAC, "phone.cfg", first);
  expect(readFileSync(join(folder, `${MAC}-phone.cfg`), "utf8")).toBe("newer");
  await uploads.drop(MAC, "phone.cfg", Buffer.from("newer"));
  expect(readdirSync(folder)).toEqual([`${MAC}-app.log`]);
  expect(await uploads.read(MAC, "phone.cfg")).toBeUndefined();
  expect((await openUploads(folder, CAPS)).list()).toEqual([{ mac: MAC, kind: "app.log" }]);
});

test("Uploads.drop(): its bytes are free again", async () => {
  const uploads = await openUploads(temporaryFolder(), { ...CAPS, totalBytes: CAPS.overrideBytes });
  for (let n = 0; n < 5; n++) {
    expect(await uploads.save(macOf(n), "web.cfg", { pieces: piecesOf(CAPS.overrideBytes) })).toMatchObject({ ok: true });
    await uploads.drop(macOf(n), "web.cfg", Buffer.alloc(CAPS.overrideBytes, "x"));
  }
});

test("Uploads.save(): a log that goes on and on keeps its newest part, never passes its cap and never loses what came last", async () => {
  const letters = fc.string({ minLength: 1, maxLength: 400, unit: fc.constantFrom(..."abcdefgh") });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(letters, fc.boolean()), { minLength: 1, maxLength: 12 }), async (parts) => {
      const folder = temporaryFolder();
      const uploads = await openUploads(folder, CAPS);
      let all = "";
      for (const [text, says] of parts) {
        const after = uploads.sizeOf(MAC, "app.log") ?? 0;
        const body = { pieces: piecesOf(text), after, ...(says ? { declaredBytes: text.length } : {}) };
        const saved = await uploads.save(MAC, "app.log", body);
        all += text;
        const here = readFileSync(join(folder, `${MAC}-app.log`), "utf8");
        expect(saved).toEqual({ ok: true, value: here.length });
        expect(here.length).toBeLessThanOrEqual(CAPS.logBytes);
        expect(all.endsWith(here)).toBe(true);
        expect(here.length).toBeGreaterThanOrEqual(Math.min(all.length, text.length + Math.min(after, CAPS.logBytes / 2 - 400)));
      }
    }),
    { numRuns: 40 },
  );
});

test("Uploads.save(): what goes on where nothing is yet, or where another came first, is refused, and the file stays", async () => {
  const folder = temporaryFolder();
  const uploads = await openUploads(folder, CAPS);
  expect(await uploads.save(MAC, "app.log", { pieces: piecesOf("x"), after: 1 })).toEqual({ ok: false, fault: "gap" });
  await uploads.save(MAC, "app.log", { pieces: piecesOf("abc") });
  const held = Promise.withResolvers<void>();
  async function* slow(): AsyncGenerator<Buffer> {
    await held.promise;
    yield Buffer.from("late");
  }
  const late = uploads.save(MAC, "app.log", { pieces: slow(), after: 3 });
  await uploads.save(MAC, "app.log", { pieces: piecesOf("def"), after: 3 });
  held.resolve();
  expect(await late).toEqual({ ok: false, fault: "overtaken" });
  expect([readdirSync(folder), readFileSync(join(folder, `${MAC}-app.log`), "utf8")]).toEqual([[`${MAC}-app.log`], "abcdef"]);
});

test("Uploads.save(): nobody fills the folder with names", async () => {
  const uploads = await openUploads(temporaryFolder(), CAPS);
  for (let n = 0; n < CAPS.files; n++) expect((await uploads.save(macOf(n), "app.log", { pieces: piecesOf() })).ok).toBe(true);
  expect(await uploads.save(macOf(CAPS.files), "app.log", { pieces: piecesOf() })).toEqual({ ok: false, fault: "full" });
  expect((await uploads.save(macOf(0), "app.log", { pieces: piecesOf("x") })).ok).toBe(true);
});
