/** The two boots the documents recorded, sent to the endpoint as they were, and what it says and learns. */
import { expect, test } from "vitest";
import { sightingOf } from "../../../agent/threads/check-in.ts";
import type { EndpointEvent } from "../../../protocols/provisioning/exchange.ts";
import { type Bench, openBench, phone } from "./kit.ts";

type Step = readonly [method: string, target: string, agent: string, status: number];

async function replay(bench: Bench, steps: readonly Step[]): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (const [method, target, agent] of steps) {
    const answer = await phone(bench, target, { method, headers: [`User-Agent: ${agent}`], ...(method === "PUT" ? { body: "text" } : {}) });
    statuses.push(answer.status);
    // A page of HTML answered with 200 would be read as configuration.
    if (answer.status === 200) expect(answer.body.toString()).toMatch(/^(?:$|<\?xml )/);
    expect(answer.headers.has("location")).toBe(false);
  }
  return statuses;
}

/** What was learnt, one word for each request that told something. */
const learnt = (events: readonly EndpointEvent[]): readonly string[] =>
  events.flatMap((event) => {
    if (event.kind !== "checkIn") return [];
    const { facts } = sightingOf(event, 0);
    const { application, updater } = facts.running ?? {};
    return [`${event.asked} ${facts.mac ?? "?"} ${facts.model} ${application ?? `updater ${updater}`}`];
  });

const VVX_UPDATER = "FileTransport PolycomVVX-VVX_500-UA/5.9.7.47435 Type/Updater";
const VVX = "FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 Type/Application";
const VVX_BOOT: readonly Step[] = [
  ["PUT", "/0004f2aabbcc-boot.log", VVX_UPDATER, 201],
  ["GET", "/0004f2aabbcc.cfg", VVX, 200],
  ["GET", "/3111-44500-001.3111-44500-001.sip.ld", VVX, 404],
  ["GET", "/0004f2aabbcc-phone.cfg", VVX, 404],
  ["GET", "/0004f2aabbcc-web.cfg", VVX, 404],
  ["GET", "/000000000000-license.cfg", VVX, 404],
  ["GET", "/0004f2aabbcc-license.cfg", VVX, 404],
  ["GET", "/0004f2aabbcc-calls.xml", VVX, 404],
  ["GET", "/0004f2aabbcc-directory.xml", VVX, 404],
  ["GET", "/000000000000-directory.xml", VVX, 404],
  ["HEAD", "/0004f2aabbcc-app.log", VVX, 404],
  ["PUT", "/0004f2aabbcc-app.log", VVX, 201],
];

test("endpoint: the recorded boot of a VVX 500: each answer is harmless, each request tells who runs what [prov 1a.2] [prov 1a.3] [prov 1a.4] [prov 1a.5] [prov 1a.6] [prov 1a.7] [prov 1a.8] [prov 1a.9] [prov 1a.10] [prov 1a.11] [prov 1a.12] [prov 1.3] [prov 1.6] [prov 1.7]", async () => {
  const bench = await openBench();
  expect(await replay(bench, VVX_BOOT)).toEqual(VVX_BOOT.map(([, , , status]) => status));
  expect(learnt(bench.events)).toEqual([
    "log 0004f2aabbcc VVX 500 updater 5.9.7.47435",
    "master 0004f2aabbcc VVX 500 5.9.7.4477",
    "image ? VVX 500 5.9.7.4477",
    "override 0004f2aabbcc VVX 500 5.9.7.4477",
    "override 0004f2aabbcc VVX 500 5.9.7.4477",
    "licence ? VVX 500 5.9.7.4477",
    "licence 0004f2aabbcc VVX 500 5.9.7.4477",
    "directory 0004f2aabbcc VVX 500 5.9.7.4477",
    "directory 0004f2aabbcc VVX 500 5.9.7.4477",
    "directory ? VVX 500 5.9.7.4477",
    "log 0004f2aabbcc VVX 500 5.9.7.4477",
    "log 0004f2aabbcc VVX 500 5.9.7.4477",
  ]);
  // An image nobody offered is the only thing to mention.
  expect(bench.told().filter(({ kind }) => kind === "refused")).toEqual([
    { kind: "refused", address: "127.0.0.1", reason: "image without an offer", count: 1 },
  ]);
  expect(bench.uploaded()).toEqual(["0004f2aabbcc-app.log", "0004f2aabbcc-boot.log"]);
});

test("endpoint: told `sip.ld`, the same phone asks for its part number's file and gets it [prov 1a.13] [prov 1.5]", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer({ mac: "0004f2aabbcc" as never, partNumbers: ["3111-44500-001"] }));
  const master = (await phone(bench, "/0004f2aabbcc.cfg", { headers: [`User-Agent: ${VVX}`] })).body.toString();
  const [, folder = "", name = ""] = /APP_FILE_PATH="([^"]*\/)([^"]+)"/.exec(master) ?? [];
  expect((await phone(bench, `/${folder}3111-44500-001.${name}`)).body.equals(bench.image)).toBe(true);
});

const TAGGED = "FileTransport PolycomSoundPointIP-SPIP_550-UA/4.0.15.1047 (SN:0004f2aabbcc) Type/Application";
const BROWSER = "Microbrowser/1.1 PolycomSoundPointIP-SPIP_550-UA/4.0.15.1047 Type/Application";
const SOUNDPOINT_BOOT: readonly Step[] = [
  ["GET", "/0004f2aabbcc.cfg", TAGGED, 200],
  ["GET", "/000000000000.cfg", TAGGED, 200],
  ["GET", "/0004f2aabbcc-user.cfg", TAGGED, 404],
  ["GET", "/0004f2aabbcc-phone.cfg", TAGGED, 404],
  ["GET", "/0004f2aabbcc-web.cfg", TAGGED, 404],
  ["GET", "/000000000000-license.cfg", TAGGED, 404],
  ["PUT", "/0004f2aabbcc-app.log", TAGGED, 201],
  ["GET", "/browser/0004F2AABBCC/index.html", BROWSER, 404],
];

test("endpoint: the recorded boot of a SoundPoint IP 550, its tagged agent naming the MAC where the path does not [prov 1a.15] [prov 1a.16]", async () => {
  const bench = await openBench();
  expect(await replay(bench, SOUNDPOINT_BOOT)).toEqual(SOUNDPOINT_BOOT.map(([, , , status]) => status));
  expect(learnt(bench.events)).toEqual(
    ["master", "defaultMaster", "config", "override", "override", "licence", "log"].map(
      (asked) => `${asked} 0004f2aabbcc SoundPoint IP 550 4.0.15.1047`,
    ),
  );
});

test("endpoint: an image cut off twice is given again to the phone's third try [prov 3.7]", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  const image = "/fw/attempt-1/3111-48450-001.sip.ld";
  for (const range of ["bytes=0-99", "bytes=0-499"]) await phone(bench, image, { headers: [`Range: ${range}`] });
  expect((await phone(bench, image)).body.equals(bench.image)).toBe(true);
  expect(bench.told().at(-1)).toEqual({ kind: "imageDelivered", token: "attempt-1", complete: true });
});

test("endpoint: boots one after the other are no flood: what phones ask for in vain is not held against them", async () => {
  const bench = await openBench({ configFiles: ["common.cfg"] });
  for (let boot = 0; boot < 12; boot++) {
    for (const target of ["/common.cfg", "/0004f2aabbcc-user.cfg", "/0004f2aabbcc-phone.cfg", "/000000000000-directory.xml"])
      expect((await phone(bench, target)).status).toBe(404);
  }
  expect(bench.told()).toEqual([]);
});
