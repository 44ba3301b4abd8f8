import { expect, test } from "vitest";
import { LENS_PATHS_MAX, LENS_PRODUCTS_MAX, readLensSoftware } from "../../../firmware/sources/lens.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import type { LensClient } from "../../../protocols/lens/client.ts";
import type { CatalogueRelease } from "../../../protocols/lens/software.ts";
import { never } from "../staging/kit.ts";

const newest: CatalogueRelease = { version: "6.4.7.4560", latest: true, withdrawn: false, publishedMs: Date.UTC(2026, 5, 30, 8) };

function lens(releases: readonly CatalogueRelease[], path: object = { found: true, steps: ["6.4.6.2494"], target: newest.version }) {
  const asked: string[] = [];
  const client = {
    async ask(query: { readonly name: string }, variables: { readonly pid?: string }) {
      asked.push([query.name, variables.pid].filter(Boolean).join(" "));
      return ok({ value: query.name === "path" ? path : releases, faults: [], without: [] });
    },
  } as unknown as LensClient;
  return { asked, client };
}

test("readLensSoftware(): what it offers for a model, with the way from each version that runs", async () => {
  const { asked, client } = lens([newest]);
  expect(await readLensSoftware([{ pid: "VVX 450", running: ["5.9.7.1", "6.4.7.4560"] }], client, never)).toEqual({
    ok: true,
    value: {
      passedOver: [],
      offerings: [
        {
          key: "VVX 450 6.4.7.4560",
          title: "VVX 450 6.4.7.4560",
          version: "6.4.7.4560",
          models: ["VVX 450"],
          partNumbers: [],
          revoked: false,
          fetch: "no",
          published: "2026-06-30T08:00:00.000Z",
          paths: [{ from: "5.9.7.1", steps: ["6.4.6.2494"] }],
        },
      ],
    },
  });
  expect(asked).toEqual(["releases VVX 450", "path"]);
});

test("readLensSoftware(): a withdrawn release is told as such, and no way to it is asked for", async () => {
  const { asked, client } = lens(
    [
      { ...newest, withdrawn: true },
      { version: "6.4.8.1", latest: true, withdrawn: false, channel: "beta" },
    ],
    { found: false, steps: [] },
  );
  const read = await readLensSoftware([{ pid: "VVX 450", running: ["5.9.7.1"] }], client, never);
  expect(read).toMatchObject({ value: { offerings: [{ revoked: true }, { key: "VVX 450 6.4.8.1 beta", revoked: false }] } });
  expect(JSON.stringify(read)).not.toContain("paths");
  expect(asked).toEqual(["releases VVX 450", "path"]);
});

test("readLensSoftware(): a way to another version is not this one's", async () => {
  const { client } = lens([newest], { found: true, steps: [], target: "6.5.0.1" });
  expect(JSON.stringify(await readLensSoftware([{ pid: "VVX 450", running: ["5.9.7.1"] }], client, never))).not.toContain("paths");
});

test("readLensSoftware(): a model it does not know stops nothing; a question it does not answer ends it", async () => {
  const { client } = lens([]);
  expect(await readLensSoftware([{ pid: "Other", running: [] }], client, never)).toEqual({
    ok: true,
    value: { offerings: [], passedOver: [{ document: "Other", why: "Lens lists no software for it" }] },
  });
  for (const [fault, name] of [
    [{ kind: "limited", retryAfterMs: 9 }, "unreachable"],
    [{ kind: "adapt", fields: ["version"] }, "garbled"],
    [{ kind: "denied", via: "lens" }, "denied"],
  ] as const) {
    const deaf = { ask: async () => fail(fault) } as unknown as LensClient;
    expect(await readLensSoftware([{ pid: "VVX 450", running: [] }], deaf, never)).toMatchObject({ ok: false, fault: { name } });
  }
});

test("readLensSoftware(): questions are bounded, whatever the site has", async () => {
  const { asked, client } = lens([newest]);
  const running = Array.from({ length: 30 }, (_, i) => `5.0.0.${i}`);
  await readLensSoftware(
    Array.from({ length: 80 }, (_, i) => ({ pid: `Model ${i}`, running })),
    client,
    never,
  );
  expect(asked.filter((one) => one.startsWith("releases"))).toHaveLength(LENS_PRODUCTS_MAX);
  expect(asked.filter((one) => one === "path")).toHaveLength(LENS_PATHS_MAX);
});
