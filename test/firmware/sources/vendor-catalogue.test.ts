import { join } from "node:path";
import { expect, test } from "vitest";
import { vendorCatalogueSource } from "../../../firmware/sources/vendor-catalogue.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import {
  type Answer,
  bytesOf,
  fileServer,
  never,
  notingPace,
  passingClock,
  serving,
  sha256Of,
  status,
  temporaryFolder,
} from "../staging/kit.ts";

const io = () => ({ clock: passingClock(), wall: systemClock(), random: seededRandom(3), pace: notingPace() });
const source = (url: URL, origins: readonly string[] = []) => vendorCatalogueSource({ url, origins }, io());
const xml = (...entries: readonly (readonly [version: string, path: string, id?: string])[]): string =>
  `junk<?xml version="1.0"?><PHONE_IMAGES>${entries
    .map(
      ([version, path, id = ""]) =>
        `<REVISION ID="${id}"><PHONE_IMAGE><VERSION>${version}</VERSION><PATH>${path}</PATH></PHONE_IMAGE></REVISION>`,
    )
    .join("")}</PHONE_IMAGES>`;
const IMAGE = bytesOf(40_000);
const PART = "3111-48450-001";

test("read(): versions and folders; a folder has its catalogue in ucs.xml, a file is taken as it is", async () => {
  const server = await fileServer(
    (response) => void response.end(xml(["6.4.8.1190", server.url("/648/").href], ["6.4.7.1", server.url("/647").href, "A"])),
  );
  const read = await source(server.url("/fw/")).read(never);
  await source(server.url("/fw/own.xml")).read(never);
  expect(server.paths).toEqual(["/fw/ucs.xml", "/fw/own.xml"]);
  expect(read).toMatchObject({
    ok: true,
    value: {
      offerings: [
        { title: "UC software 6.4.8.1190", version: "6.4.8.1190", models: [], fetch: "byPart", revoked: false },
        { title: "UC software 6.4.7.1 for hardware A", fetch: "byPart" },
      ],
    },
  });
});

test("read(): images on another server are told and cannot be fetched, unless the settings name it", async () => {
  const server = await fileServer((response) => void response.end(xml(["6.4.8.1190", "http://127.0.0.9:81/x/"])));
  const strict = source(server.url("/"));
  const read = await strict.read(never);
  expect(read).toMatchObject({ value: { offerings: [{ fetch: "no" }], passedOver: [{ document: "6.4.8.1190" }] } });
  const [offering] = read.ok ? read.value.offerings : [];
  if (offering === undefined) throw new Error("nothing is offered");
  const ask = { offering: { ...offering, fetch: "byPart" as const }, partNumber: PART, partialPath: "/nowhere", bytesMax: 9 };
  expect(await strict.bring?.(ask, never)).toMatchObject({ ok: false, fault: { kind: "refused" } });
  expect(await source(server.url("/"), ["http://127.0.0.9:81"]).read(never)).toMatchObject({
    value: { offerings: [{ fetch: "byPart" }], passedOver: [] },
  });
});

test.each([
  [404, { kind: "unreachable", detail: "status 404 for /ucs.xml" }],
  [500, { kind: "unreachable" }],
  [403, { kind: "denied", name: "denied" }],
  [302, { kind: "unreachable" }],
] as const)("read(): status %i is a fault", async (code, fault) => {
  const server = await fileServer(status(code));
  expect(await source(server.url("/")).read(never)).toMatchObject({ ok: false, fault });
});

test("read(): a page, half a catalogue, too long a one, and nobody there", async () => {
  for (const body of ["<!DOCTYPE html><html><body>hello</body></html>", xml(["6.4.8.1190", "http://127.0.0.1/"]).slice(0, 60), ""]) {
    const server = await fileServer((response) => void response.end(body));
    expect(await source(server.url("/")).read(never)).toMatchObject({ ok: false, fault: { kind: "garbled", name: "garbled" } });
  }
  const long = await fileServer((response) => void response.end("x".repeat(2 * 1024 * 1024)));
  expect(await source(long.url("/")).read(never)).toMatchObject({ ok: false, fault: { kind: "overBudget", name: "oversized" } });
  expect(await source(new URL("http://127.0.0.1:1/")).read(never)).toMatchObject({
    ok: false,
    fault: { kind: "unreachable", name: "unreachable" },
  });
});

async function offered(answer: Answer) {
  const server = await fileServer((response) => void response.end(xml(["6.4.8.1190", server.url("/648/").href])), answer);
  const from = source(server.url("/"));
  const read = await from.read(never);
  const [offering] = read.ok ? read.value.offerings : [];
  if (offering === undefined) throw new Error("nothing is offered");
  const partialPath = join(temporaryFolder(), "part");
  const bring = (partNumber?: string) =>
    from.bring?.({ offering, partialPath, bytesMax: 1e6, ...(partNumber === undefined ? {} : { partNumber }) }, never);
  return { server, bring };
}

test("bring(): the file of a part number, in the folder of its version", async () => {
  const { server, bring } = await offered(serving(IMAGE, '"v1"'));
  expect(await bring(PART)).toEqual({
    ok: true,
    value: { name: `6.4.8.1190/${PART}.sip.ld`, sizeBytes: IMAGE.length, sha256: sha256Of(IMAGE) },
  });
  expect(server.paths.at(-1)).toBe(`/648/${PART}.sip.ld`);
});

test("bring(): without a part number, or with something else in its place, nothing is asked", async () => {
  const { server, bring } = await offered(serving(IMAGE));
  for (const part of [undefined, "../../etc/passwd", "3111-48450-001/../x"])
    expect(await bring(part)).toMatchObject({ ok: false, fault: { kind: "refused" } });
  expect(server.paths).toHaveLength(1);
});

test("bring(): where the document's guess at the name is wrong, the 404 is told", async () => {
  const { bring } = await offered(status(404));
  expect(await bring(PART)).toMatchObject({
    ok: false,
    fault: { kind: "refused", reason: expect.stringContaining(`status 404 for /648/${PART}.sip.ld`) },
  });
});
