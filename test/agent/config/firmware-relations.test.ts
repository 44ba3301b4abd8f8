import { expect, test } from "vitest";
import { given } from "./kit.ts";

const sources = (text: string): string => `firmware: { sources: { ${text} } }`;

async function told(level: "error" | "warning", ...lines: readonly string[]): Promise<(readonly [string, string])[]> {
  const loaded = await given(lines, { secret: "x", "drop/a.ld": "x" }).load();
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  return problems.filter((one) => one.level === level && one.path !== "calendar").map(({ path, what }) => [path, what] as const);
}

test("firmware.sources: all at once are fine, with their usual intervals", async () => {
  const made = given(
    [
      "lens: { clientIdFile: secret, clientSecretFile: secret }",
      sources(
        "folder: { folder: drop }, portal: { url: https://p.example, user: u, passwordFile: secret }, vendorCatalogue: { url: https://v.example/fw/, origins: [https://cdn.example] }, lens: {}",
      ),
    ],
    { secret: "x", "drop/a.ld": "x" },
  );
  const { firmware } = await made.config();
  expect(firmware.sources).toMatchObject({
    folder: { folder: `${made.folder}/drop`, every: 30_000 },
    portal: { every: 6 * 3_600_000 },
    vendorCatalogue: { origins: ["https://cdn.example"], every: 86_400_000 },
    lens: { every: 86_400_000 },
  });
});

test("firmware.sources: none is named where nothing is written", async () => {
  expect((await given([]).config()).firmware).toEqual({ sources: {}, quarantineBudgetBytes: 10_000_000_000 });
});

test.each([
  [
    "a portal elsewhere without TLS",
    sources("portal: { url: http://p.example, user: u, passwordFile: secret }"),
    "firmware.sources.portal.url",
    "not encrypted",
  ],
  [
    "a password in the address",
    sources("portal: { url: 'https://u:p@p.example', user: u, passwordFile: secret }"),
    "firmware.sources.portal.url",
    "user or password",
  ],
  [
    "a password that is not there",
    sources("portal: { url: https://p.example, user: u, passwordFile: none }"),
    "firmware.sources.portal.passwordFile",
    "does not exist",
  ],
  [
    "a password in the settings",
    sources("portal: { url: https://p.example, user: u, password: p, passwordFile: secret }"),
    "firmware.sources.portal.password",
    "a secret is never written in the settings",
  ],
  ["Lens without its account", sources("lens: {}"), "firmware.sources.lens", "no account of Lens"],
  [
    "a user in the catalogue's address",
    sources("vendorCatalogue: { url: 'http://u:p@v.example/' }"),
    "firmware.sources.vendorCatalogue.url",
    "user or password",
  ],
  [
    "a question in the catalogue's address",
    sources("vendorCatalogue: { url: 'http://v.example/?a=1' }"),
    "firmware.sources.vendorCatalogue.url",
    "more than a path",
  ],
  [
    "a server with a path",
    sources("vendorCatalogue: { url: http://v.example/, origins: [https://cdn.example/x] }"),
    "firmware.sources.vendorCatalogue.origins[0]",
    "expected a server",
  ],
  ["a folder that is read too often", sources("folder: { folder: drop, every: 1s }"), "firmware.sources.folder.every", ""],
  ["a source nobody knows", sources("ftp: {}"), "firmware.sources.ftp", "unknown setting"],
])("firmware.sources: %s is refused, at the setting to mend", async (_name, line, path, words) => {
  expect(await told("error", line)).toEqual([[path, expect.stringContaining(words)]]);
});

test("firmware.sources: a drop folder among the agent's own files is refused", async () => {
  expect(await told("error", "dataDirectory: data", sources("folder: { folder: data/drop }"))).toContainEqual([
    "firmware.sources.folder.folder",
    expect.stringContaining("data directory"),
  ]);
});

test("firmware.sources: a folder that is not there yet is a warning; a file in its place too", async () => {
  expect(await told("warning", sources("folder: { folder: none }"))).toEqual([
    ["firmware.sources.folder.folder", expect.stringContaining("does not exist")],
  ]);
  expect(await told("warning", sources("folder: { folder: secret }"))).toEqual([
    ["firmware.sources.folder.folder", expect.stringContaining("it is no folder")],
  ]);
});
