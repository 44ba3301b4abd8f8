import fc from "fast-check";
import { expect, test } from "vitest";
import { modelMatches } from "../../../agent/cli/firmware.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { agent, done, failed, image, releaseRow } from "./agent.ts";

const HALF = image({ state: "staging", doneBytes: 45_000_000 });
/** Ends each wait at once. */
const quick = { clock: { ...systemClock(), sleep: async () => undefined } };

const list = (...releases: readonly object[]) => done({ catalogueVersion: 3, expires: "2026-12-22T12:00:00Z", releases });

test("firmware list: size, fit and what is staged", async () => {
  const rows = [
    releaseRow(),
    releaseRow({ id: "r2", images: [HALF, image({ state: "known" })] }),
    releaseRow({ id: "r3", images: [image({ state: "refused" }), image()] }),
    releaseRow({ id: "r4", images: [], revoked: true, fits: null }),
  ];
  const ran = await (await agent({ "firmware.list": list(...rows) })).run(["firmware", "list"]);
  expect(ran.out).toMatch(/ucs-6\.4\.8 .* 3 +90 MB +staged +VVX 250, VVX 450/);
  expect(ran.out).toMatch(/r2 .* 180 MB +staging 25 %/);
  expect(ran.out).toMatch(/r3 .* refused/);
  expect(ran.out).toMatch(/r4 .* - +0 B +not staged .* revoked by its publisher/);
  expect(ran.err).toContain("4 releases, catalogue 3, expires in 30 d");
});

test("firmware list: none known says how to read the channel; --json is the answer", async () => {
  const site = await agent({ "firmware.list": done({ releases: [] }) });
  expect((await site.run(["firmware", "list"])).err).toContain("groundswell firmware sync");
  expect((await site.run(["firmware", "list", "--json"])).json()).toEqual({ schema: "groundswell.releases/1", releases: [] });
});

test("firmware sync: says what came; documents refused are exit 4", async () => {
  const good = await (await agent({ "firmware.sync": done({ version: 4, releases: 2 }) })).run(["firmware", "sync"]);
  expect([good.code, good.out]).toEqual([0, "Catalogue 4, 2 releases. See them with: groundswell firmware list\n"]);
  const refusal = { version: 4, releases: ["a"], refused: [{ document: "b.json", why: "no such model" }] };
  const site = await agent({ "firmware.sync": done(refusal) });
  const partly = await site.run(["firmware", "sync"]);
  expect(partly.code).toBe(4);
  expect(partly.out).toContain("refused b.json: no such model");
  expect((await site.run(["firmware", "sync", "--json"])).json()).toEqual({ schema: "groundswell.sync/1", ...refusal });
});

test("firmware stage: stays until no image is on its way", async () => {
  const site = await agent({
    "firmware.stage": done({ release: "ucs-6.4.8", images: [HALF] }),
    "firmware.list": [list(releaseRow({ images: [HALF] })), list(releaseRow())],
  });
  const ran = await site.run(["firmware", "stage", "ucs-6.4.8", "--json"], quick);
  expect([ran.code, ran.json()]).toEqual([0, { schema: "groundswell.stage/1", release: "ucs-6.4.8", images: [image()] }]);
  expect(site.asked.map(({ name }) => name)).toEqual(["firmware.stage", "firmware.list", "firmware.list"]);
});

test.each([
  [[image(), image({ state: "refused", fault: { kind: "badImage" } })], 4, "1 of 2 images staged, 90 MB\n  ucs/a.ld is refused: badImage"],
  [[image({ state: "refused", fault: "hash differs" })], 1, "0 of 1 image staged, 0 B\n  ucs/a.ld is refused: hash differs"],
  [[image()], 0, "1 of 1 image staged, 90 MB"],
] as const)("firmware stage: some, none or all staged (case %#) tells by its exit code", async (images, code, words) => {
  const ran = await (await agent({ "firmware.stage": done({ release: "r", images }) })).run(["firmware", "stage", "r"], quick);
  expect(ran.code).toBe(code);
  expect(ran.out).toContain(words);
});

test("firmware stage: an unknown release is exit 3", async () => {
  expect((await (await agent({ "firmware.stage": failed("notFound") })).run(["firmware", "stage", "r"], quick)).code).toBe(3);
});

test.each([
  ["VVX 450", "vvx 450", true],
  ["VVX*", "VVX 450", true],
  ["*450", "VVX 450", true],
  ["VVX", "VVX 450", false],
  ["V.X 450", "VVX 450", false],
  ["*", "", true],
])("modelMatches(): %s and %s: %s", (wanted, model, fits) => {
  expect(modelMatches(wanted, model)).toBe(fits);
});

test("modelMatches(): a name without a star fits itself and is never read as a pattern", () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("*") && !text.includes("\n")),
      (text) => {
        expect(modelMatches(text, text)).toBe(true);
        expect(modelMatches(text, `${text}x`)).toBe(false);
      },
    ),
  );
});
