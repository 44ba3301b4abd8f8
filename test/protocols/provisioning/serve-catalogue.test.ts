import { expect, test } from "vitest";
import type { Version } from "../../../protocols/core/version.ts";
import { readImageCatalogue } from "../../../protocols/provisioning/image-catalogue.ts";
import { type Bench, MAC, OTHER_MAC, openBench, PART, phone, TOKEN } from "./kit.ts";

const VERSION = "6.4.7.1000" as Version;
const agentOf = (mac: string): readonly string[] => [
  `User-Agent: FileTransport PolycomVVX-VVX_411-UA/6.4.6.2327 (SN:${mac}) Type/Application`,
];

async function listed(bench: Bench, path: string, headers: readonly string[] = []) {
  const answer = await phone(bench, path, { headers });
  const read = readImageCatalogue(answer.body.toString(), "https");
  return answer.status === 200 && read.ok ? read.value : answer.status;
}

async function openOffer(options: Parameters<typeof openBench>[0] = {}, change: Parameters<Bench["offer"]>[0] = {}): Promise<Bench> {
  const bench = await openBench(options);
  expect(bench.endpoint.offer(bench.offer({ version: VERSION, ...change })).ok).toBe(true);
  return bench;
}

test("ucs.xml: in the attempt's folder one version, and where it says, the phone's own file [lens 7.2] [lens 7.4]", async () => {
  const bench = await openOffer({ baseUrl: "http://127.0.0.1:8080/" });
  const [image, ...others] = (await listed(bench, `/fw/${TOKEN}/ucs.xml`)) as readonly { directory: string }[];
  expect([image, others]).toEqual([{ version: VERSION, directory: `http://127.0.0.1:8080/fw/${TOKEN}/`, revision: "" }, []]);
  const { pathname } = new URL(`${image?.directory}${PART}.sip.ld`);
  expect((await phone(bench, pathname)).body.equals(bench.image)).toBe(true);
});

test("ucs.xml: without a base address it is where the phone says it found us, if that is an address at all", async () => {
  const bench = await openOffer();
  const at = async (host: string): Promise<unknown> =>
    readImageCatalogue((await phone(bench, `/fw/${TOKEN}/ucs.xml`, { headers: [`Host: ${host}`] })).body.toString(), "https");
  // The kit names a host already, and the first is the one Node takes.
  expect(await at("y")).toMatchObject({ value: [{ directory: `http://x/fw/${TOKEN}/` }] });
});

test("ucs.xml: at the root it is the asking phone's own, by its tagged agent; an empty one for anybody else, never a page", async () => {
  const bench = await openOffer({ baseUrl: "http://127.0.0.1:8080" });
  expect(await listed(bench, "/ucs.xml", agentOf(MAC))).toMatchObject([{ version: VERSION }]);
  expect(await listed(bench, "/ucs.xml", agentOf(OTHER_MAC))).toEqual([]);
  expect(await listed(bench, "/ucs.xml")).toEqual([]);
  expect((await phone(bench, "/ucs.xml", { method: "HEAD" })).status).toBe(200);
  expect((await phone(bench, "/ucs.xml", { method: "PUT", body: "x" })).status).toBe(404);
});

test("ucs.xml: an offer of another address, of a room or without a version lists nothing", async () => {
  expect(await listed(await openOffer({}, { address: "127.0.0.9" }), `/fw/${TOKEN}/ucs.xml`)).toBe(404);
  expect(await listed(await openOffer({}, { address: "127.0.0.9" }), "/ucs.xml", agentOf(MAC))).toBe(404);
  const unversioned = await openBench();
  unversioned.endpoint.offer(unversioned.offer());
  expect(await listed(unversioned, `/fw/${TOKEN}/ucs.xml`)).toEqual([]);
  const room = await openOffer({}, { tree: [], partNumbers: [] });
  expect(await listed(room, "/ucs.xml", agentOf(MAC))).toEqual([]);
});

test("ucs.xml: with the kill switch there is nothing in it", async () => {
  const bench = await openOffer();
  expect(bench.endpoint.withdrawAll()).toBe(1);
  expect(await listed(bench, "/ucs.xml", agentOf(MAC))).toEqual([]);
  expect(await listed(bench, `/fw/${TOKEN}/ucs.xml`)).toBe(404);
});
