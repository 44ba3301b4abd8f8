import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { download } from "../../../firmware/staging/download.ts";
import { demoReleases } from "../../../fixtures/channel/releases.ts";
import { type HttpsDevice, httpsDevice } from "../../support/https-device.ts";
import { downloadIo } from "../staging/kit.ts";
import { type Channel, channel, DEMO_VERSIONS, never, outcome, readerOf, SMALL, temporaryFolder } from "./kit.ts";

/** The channel's folder behind a loopback web server; `absent` is the status of what is not there. */
async function webOver(of: Channel, absent = 404): Promise<HttpsDevice> {
  const server = await httpsDevice(undefined, ({ path }, response) => {
    try {
      response.end(readFileSync(join(of.folder, path.replace(/^\/base/, ""))));
    } catch {
      response.writeHead(absent).end();
    }
  });
  onTestFinished(() => server.close());
  return server;
}
const urlOf = (server: HttpsDevice, path = "/base"): URL => new URL(`http://127.0.0.1:${server.port}${path}`);

test.each([404, 403])(
  "read(): over HTTP, where the end of the chain of roots is status %i, with or without a last slash",
  async (absent) => {
    const of = await channel();
    const server = await webOver(of, absent);
    for (const path of ["/base", "/base/"])
      expect(await outcome(readerOf(of, { from: { kind: "url", url: urlOf(server, path) } }))).toEqual(DEMO_VERSIONS);
    expect(server.requests.every(({ path }) => path.startsWith("/base/"))).toBe(true);
  },
);

test("read(): a server that fails is no answer, never the end of the chain of roots", async () => {
  const of = await channel();
  const server = await webOver(of, 500);
  expect(await outcome(readerOf(of, { from: { kind: "url", url: urlOf(server) } }))).toBe("unreachable");
});

test("name: a channel is called by its host, never by a path or a user in its address", async () => {
  const of = await channel();
  const url = new URL("https://user:secret@channel.example:8443/partner-token/");
  expect(readerOf(of, { from: { kind: "url", url } }).name).toBe("channel channel.example:8443");
  expect(readerOf(of).name).toBe("channel in a folder");
});

function firstImage() {
  const [release] = demoReleases(SMALL);
  const doc = release?.doc as unknown as { images: [Parameters<ReturnType<typeof readerOf>["locate"]>[0]] };
  return { image: doc.images[0], bytes: release?.images[0]?.bytes ?? Buffer.alloc(0) };
}

test("locate(): in a folder it names the file that holds the image", async () => {
  const of = await channel();
  const { image, bytes } = firstImage();
  const location = readerOf(of).locate(image);
  expect(location.kind === "file" && readFileSync(location.path).equals(bytes)).toBe(true);
});

test("locate(): an image changed in the channel is refused when it is fetched from there", async () => {
  const of = await channel();
  const { image } = firstImage();
  const from = readerOf(of).locate(image);
  if (from.kind !== "file") throw new Error("not in the folder");
  const bytes = readFileSync(from.path);
  writeFileSync(from.path, bytes.fill(7, 1_000, 1_001));
  const partialPath = join(temporaryFolder(), "part");
  const { target: name, sha256, sizeBytes } = image;
  const answer = await download({ name, from, sha256, sizeBytes, partialPath }, downloadIo(), never);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "mismatch", wanted: expect.stringContaining(name) } });
});

test("locate(): over HTTP it names the address below the base, and takes the authority along", async () => {
  const { image } = firstImage();
  const reader = readerOf(await channel(), { from: { kind: "url", url: new URL("https://channel.example/base"), ca: "pem" } });
  const url = new URL(`https://channel.example/base/targets/images/uc-software-6.4.8.1190/${image.sha256}.sip.ld`);
  expect(reader.locate(image)).toEqual({ kind: "url", url, ca: "pem" });
});

test("read(): two readers of one channel share nothing but the folder they were given", async () => {
  const of = await channel();
  const cacheFolder = temporaryFolder();
  const readers = [readerOf(of, { cacheFolder }), readerOf(await channel(), { cacheFolder })];
  for (const reader of readers) expect(await outcome(reader)).toEqual(DEMO_VERSIONS);
});

test("read(): a damaged memory is replaced from the channel", async () => {
  const of = await channel();
  const reader = readerOf(of);
  await outcome(reader);
  const [home = ""] = readdirSync(reader.cacheFolder);
  for (const name of ["root", "timestamp", "snapshot", "targets"]) writeFileSync(join(reader.cacheFolder, home, `${name}.json`), "{");
  expect(await outcome(reader)).toEqual(DEMO_VERSIONS);
});

test("read(): a remembered root that no longer holds is replaced by the pinned one", async () => {
  const of = await channel();
  const reader = readerOf(of);
  await outcome(reader);
  const [home = ""] = readdirSync(reader.cacheFolder);
  const path = join(reader.cacheFolder, home, "root.json");
  writeFileSync(path, readFileSync(path, "utf8").replace(/"sig":"../g, '"sig":"00'));
  expect(await outcome(reader)).toEqual(DEMO_VERSIONS);
  expect(readFileSync(path).equals(readFileSync(of.rootPath))).toBe(true);
});
