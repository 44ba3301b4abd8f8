/** What is copied of uploads that pass, when it is kept, and when a copy is known to be old. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import type { EndpointEvent, Exchange } from "../../../protocols/provisioning/exchange.ts";
import { COPIES_BYTES, type CopyEnd, copyEndOf, createUploadCopies, type UploadCopy } from "../../../protocols/provisioning/upload-copy.ts";
import { openUploads, UPLOAD_CAPS } from "../../../protocols/provisioning/uploads.ts";
import { MAC, OTHER_MAC, temporaryFolder } from "./kit.ts";

async function bench() {
  const uploads = await openUploads(temporaryFolder());
  const events: EndpointEvent[] = [];
  const knows = (mac: Mac): boolean => mac === MAC;
  const copies = createUploadCopies({ uploads, knows, onEvent: (event) => void events.push(event) });
  return { uploads, events, copies };
}

type Headers = Readonly<Record<string, string>>;
const asks = (method: string, asked: object, headers: Headers = {}): Exchange =>
  ({ request: { method, headers }, read: { asked } }) as unknown as Exchange;
const PHONE = { kind: "override", mac: MAC, which: "phone" };
const APP = { kind: "log", mac: MAC, which: "app" };

async function through(copy: UploadCopy | undefined, text: string | Buffer, how: CopyEnd = "taken"): Promise<void> {
  copy?.take(Buffer.from(text));
  await copy?.end(how);
}

test.each<[Parameters<typeof copyEndOf>[0], CopyEnd]>([
  [{ status: 200, isWhole: true }, "taken"],
  [{ status: 204, isWhole: true }, "taken"],
  [{ status: 201, isWhole: false }, "unknown"],
  [{ status: 301, isWhole: true }, "unchanged"],
  [{ status: 401, isWhole: true }, "unchanged"],
  [{ status: 500, isWhole: true }, "unchanged"],
  [{ fault: "silent", isWhole: true }, "unknown"],
  [{ fault: "ECONNRESET", isWhole: true }, "unknown"],
  [{ fault: "gone", isWhole: true }, "unknown"],
  [{ fault: "gone", isWhole: false }, "unchanged"],
  [{ fault: "body", isWhole: false }, "unchanged"],
  [{ fault: "ECONNREFUSED", isWhole: true }, "unchanged"],
  [{ fault: "unasked", isWhole: false }, "unchanged"],
])("copyEndOf(): %j is %s", (outcome, wanted) => expect(copyEndOf(outcome)).toBe(wanted));

test("upload copies: in whatever pieces it comes, what is kept is what passed", async () => {
  const { copies, uploads } = await bench();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 90_000 }), { minLength: 1, maxLength: 4 }), async (pieces) => {
      const copy = copies.ofUpload(asks("PUT", APP));
      for (const piece of pieces) copy?.take(Buffer.from(piece));
      await copy?.end("taken");
      expect((await uploads.read(MAC, "app.log"))?.equals(Buffer.concat(pieces))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("upload copies: what was not taken, or nobody knows, is not kept; the older copy stays", async () => {
  const { copies, uploads, events } = await bench();
  await through(copies.ofUpload(asks("PUT", PHONE)), "one");
  await through(copies.ofUpload(asks("PUT", PHONE)), "two", "unchanged");
  expect([(await uploads.read(MAC, "phone.cfg"))?.toString(), copies.isOld(MAC, "phone.cfg")]).toEqual(["one", false]);
  await through(copies.ofUpload(asks("PUT", PHONE)), "three", "unknown");
  await through(copies.ofUpload(asks("PUT", PHONE)), "four", "unknown");
  expect([(await uploads.read(MAC, "phone.cfg"))?.toString(), copies.isOld(MAC, "phone.cfg")]).toEqual(["one", true]);
  await through(copies.ofUpload(asks("PUT", PHONE)), "five");
  expect([(await uploads.read(MAC, "phone.cfg"))?.toString(), copies.isOld(MAC, "phone.cfg")]).toEqual(["five", false]);
  // That it may be old is told once.
  expect(events.map(({ kind }) => kind)).toEqual(["upload", "copyMissed", "upload"]);
});

test("upload copies: personal files, other devices' files, and what only reads are not copied", async () => {
  const { copies } = await bench();
  for (const [method, asked] of [
    ["PUT", { kind: "directory", mac: MAC }],
    ["PUT", { kind: "licence", mac: MAC }],
    ["PUT", { kind: "config", mac: MAC }],
    ["PUT", { kind: "other" }],
    ["PUT", { ...PHONE, mac: OTHER_MAC }],
    ["GET", PHONE],
    ["HEAD", APP],
  ] as const) {
    expect(copies.ofUpload(asks(method, asked))).toBeUndefined();
  }
  for (const asked of [{ kind: "directory", mac: MAC }, APP, { ...PHONE, mac: OTHER_MAC }]) {
    expect(copies.ofAnswer(asks("GET", asked), {})).toBeUndefined();
  }
  expect(copies.ofAnswer(asks("HEAD", PHONE), {})).toBeUndefined();
  expect(copies.ofAnswer(asks("GET", PHONE), { "content-encoding": "gzip" })).toBeUndefined();
});

test.each<[string, string, Headers]>([
  ["compressed", "PUT", { "content-encoding": "gzip" }],
  ["a part", "PUT", { "content-range": "bytes 3-5/6" }],
  ["a part that is none", "PUT", { "content-range": "nonsense" }],
  ["empty", "PUT", { "content-length": "0" }],
  ["deleted", "DELETE", {}],
  ["posted", "POST", {}],
])(
  "upload copies: overrides that are %s leave the copy old where the server took it, and touch nothing where not",
  async (_what, method, headers) => {
    const { copies, uploads } = await bench();
    await through(copies.ofUpload(asks("PUT", PHONE)), "one");
    await through(copies.ofUpload(asks(method, PHONE, headers)), "abc", "unchanged");
    expect(copies.isOld(MAC, "phone.cfg")).toBe(false);
    await through(copies.ofUpload(asks(method, PHONE, headers)), "abc");
    expect([(await uploads.read(MAC, "phone.cfg"))?.toString(), copies.isOld(MAC, "phone.cfg")]).toEqual(["one", true]);
  },
);

test("upload copies: a log goes on where ours ends; elsewhere the newest part begins it anew", async () => {
  const { copies, uploads } = await bench();
  const read = async () => (await uploads.read(MAC, "app.log"))?.toString();
  await through(copies.ofUpload(asks("PUT", APP)), "abc");
  await through(copies.ofUpload(asks("PUT", APP, { "content-range": "bytes 3-5/6" })), "def");
  expect(await read()).toBe("abcdef");
  await through(copies.ofUpload(asks("PUT", APP, { "content-range": "bytes 900-902/903" })), "xyz");
  expect(await read()).toBe("xyz");
});

test("upload copies: one that is too large is given up, and one too many; room comes back when they end", async () => {
  const { copies, uploads, events } = await bench();
  await through(copies.ofUpload(asks("PUT", PHONE)), Buffer.alloc(UPLOAD_CAPS.overrideBytes + 1, 1));
  expect([await uploads.read(MAC, "phone.cfg"), copies.isOld(MAC, "phone.cfg")]).toEqual([undefined, true]);
  await through(copies.ofUpload(asks("PUT", PHONE)), Buffer.alloc(UPLOAD_CAPS.overrideBytes, 1));
  expect((await uploads.read(MAC, "phone.cfg"))?.length).toBe(UPLOAD_CAPS.overrideBytes);
  const open = Array.from({ length: COPIES_BYTES / UPLOAD_CAPS.logBytes }, () => copies.ofUpload(asks("PUT", APP)));
  for (const copy of open) copy?.take(Buffer.alloc(UPLOAD_CAPS.logBytes));
  await through(copies.ofUpload(asks("PUT", PHONE)), "late");
  expect(events.at(-1)).toEqual({ kind: "copyMissed", mac: MAC, file: "phone.cfg", why: "too many come at once" });
  for (const copy of open) await copy?.end("unchanged");
  await through(copies.ofUpload(asks("PUT", PHONE)), "later");
  expect((await uploads.read(MAC, "phone.cfg"))?.toString()).toBe("later");
});

test("upload copies: a disk that does not take it leaves the copy old", async () => {
  const events: EndpointEvent[] = [];
  const uploads = { save: async () => ({ ok: false, fault: "disk" }) as const, sizeOf: () => undefined };
  const copies = createUploadCopies({ uploads, onEvent: (event) => void events.push(event) });
  await through(copies.ofUpload(asks("PUT", PHONE)), "one");
  expect([events, copies.isOld(MAC, "phone.cfg")]).toEqual([[{ kind: "copyMissed", mac: MAC, file: "phone.cfg", why: "disk" }], true]);
});
