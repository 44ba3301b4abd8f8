import { expect, test } from "vitest";
import { pathQuery, RELEASES } from "../../../protocols/lens/queries.ts";
import { archiveOf, type CatalogueRelease, newestOf, orderOfSoftware } from "../../../protocols/lens/software.ts";
import { data, fakeLens, never } from "./kit.ts";

const release = (version: string, more: Partial<CatalogueRelease> = {}): CatalogueRelease => ({
  version,
  latest: false,
  withdrawn: false,
  ...more,
});
const URL_OF = "https://swupdate.lens.poly.com/lens-desktop-mac/2.0.1/2.0.1/LensDesktop-2.0.1.dmg";

test.each([
  ["2.25", "0225_0_0", true, "same"],
  ["38.61", "3861.3039.100", true, "same"],
  ["2.24", "0225_0_0", true, "older"],
  ["10.00", "0225_0_0", true, "newer"],
  ["0225_0_1", "0225_0_0", true, "newer"],
  ["3861.3039.99", "3861.3039.100", true, "older"],
  ["2.5", "0225_0_0", true, undefined],
  ["2.25", "latest", true, undefined],
  ["225_0", "0225_0_0", true, undefined],
  ["8.6.0.1321", "8.10.0.0001", false, "older"],
  ["8.6.0.1321", "8.6.0.1321", false, "same"],
  ["2.25", "0225_0_0", false, undefined],
] as const)("orderOfSoftware(): %s against %s of the catalogue, USB %s: %s [lens 6.7]", (running, catalogue, usb, order) => {
  expect(orderOfSoftware(running, catalogue, usb)).toBe(order);
});

test("newestOf(): on the default channel, never one that is blocked or deprecated [lens 6.8]", () => {
  const list = [release("8.6.0.1"), release("9.0.0.1", { channel: "beta" }), release("9.1.0.1", { withdrawn: true }), release("8.10.0.1")];
  expect(newestOf(list, false)?.version).toBe("8.10.0.1");
  expect(newestOf([...list, release("8.8.0.1", { latest: true })], false)?.version).toBe("8.8.0.1");
  expect(newestOf([release("9.1.0.1", { withdrawn: true })], false)).toBeUndefined();
});

test("orderOfSoftware(): a device newer than the catalogue is newer, so that nobody is told to go back", () => {
  expect(orderOfSoftware("8.7.0.0001", newestOf([release("8.6.0.1321")], false)?.version ?? "", false)).toBe("newer");
});

test("archiveOf(): a file of the maker's software server, in its parts, without a hash [lens 1.6] [lens 6.9] [lens 8.5]", () => {
  const archive = archiveOf(URL_OF);
  expect(archive).toEqual({ url: URL_OF, pid: "lens-desktop-mac", version: "2.0.1", build: "2.0.1", file: "LensDesktop-2.0.1.dmg" });
  expect(archiveOf("https://swupdate.lens.poly.com/Edge%20E350/8.6.0/1321/ZippedModelFirmware/a.zip")).toMatchObject({
    pid: "Edge E350",
    file: "a.zip",
  });
});

test.each([
  "http://swupdate.lens.poly.com/a/b/c/d",
  "https://swupdate.lens.poly.com.evil.example/a/b/c/d",
  "https://evil.example/a/b/c/d",
  "https://user:x@swupdate.lens.poly.com/a/b/c/d",
  "https://swupdate.lens.poly.com:8443/a/b/c/d",
  "https://swupdate.lens.poly.com/a/b/d",
  "https://swupdate.lens.poly.com/a//c/d",
  "https://swupdate.lens.poly.com/a/%zz/c/d",
  "file:///etc/passwd",
  "",
])("archiveOf(): %j is nobody's archive", (text) => {
  expect(archiveOf(text)).toBeUndefined();
});

test("RELEASES: what the catalogue says of a product, one or many, odd entries left out [lens 6.2] [lens 13.3]", async () => {
  const one = {
    version: "2.0.1",
    releaseChannel: null,
    latest: true,
    blockedDownload: false,
    deprecated: null,
    publishDate: "2026-01-02T03:04:05.678Z",
    productBuild: { build: "2.0.1", archiveUrl: URL_OF },
  };
  const withdrawn = { version: "1.9.0", blockedDownload: "true", productBuild: [{ archiveUrl: "https://evil.example/a/b/c/d" }] };
  const lens = await fakeLens({ graphql: (_, count) => data({ availableProductSoftwareByPid: count === 1 ? one : [one, withdrawn, {}] }) });
  const single = await lens.client.ask(RELEASES, { pid: "lens-desktop-mac" }, never);
  const known = {
    version: "2.0.1",
    latest: true,
    withdrawn: false,
    publishedMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    archive: { url: URL_OF },
  };
  expect(single).toMatchObject({ ok: true, value: { value: [known] } });
  const many = await lens.client.ask(RELEASES, { pid: "lens-desktop-mac" }, never);
  expect(many.ok && many.value.value).toEqual([expect.objectContaining({ version: "2.0.1" }), release("1.9.0", { withdrawn: true })]);
});

test("pathQuery(): steps in between, none where the way is direct, and not found is not direct [lens 6.3]", async () => {
  const answers = [
    {
      foundSoftware: true,
      isExplicitTarget: false,
      steppedUpgradeVersionList: ["7.0.0.1", null],
      productSoftware: { version: "8.6.0.1321" },
    },
    { foundSoftware: true, steppedUpgradeVersionList: [], productSoftware: { version: "8.6.0.1321" } },
    { foundSoftware: false, steppedUpgradeVersionList: null, productSoftware: null },
  ];
  const lens = await fakeLens({ graphql: (_, count) => data({ getSteppedProductSoftwareByDeviceId: answers[count - 1] }) });
  const query = pathQuery("Edge E350", "6.0.0.1");
  if (query === undefined) throw new Error("no query");
  const paths = [];
  for (const _ of answers) paths.push(await lens.client.ask(query, {}, never));
  expect(paths.map((path) => path.ok && path.value.value)).toEqual([
    { found: true, steps: ["7.0.0.1"], target: "8.6.0.1321" },
    { found: true, steps: [], target: "8.6.0.1321" },
    { found: false, steps: [] },
  ]);
  expect(lens.tokenBodies).toEqual([]);
});
