/** Simulated rooms as clients of the endpoint: each side is written from the documents alone. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { SimDevice } from "../../../fixtures/site/device.ts";
import { updateFiles } from "../../../fixtures/site/update-source.ts";
import { settingOf, writeSetting } from "../../../fixtures/site/wire/video-settings.ts";
import type { Mac, Sha256 } from "../../../protocols/core/ids.ts";
import type { ServedFile } from "../../../protocols/provisioning/offers.ts";
import { openVideoSite, type VideoSite, videoDevice } from "../../support/video-site.ts";
import { type Bench, openBench, TOKEN } from "./kit.ts";

async function visits(device: SimDevice, bench: Bench): Promise<VideoSite> {
  device.vars.set("prov.enabled", true);
  const site = await openVideoSite([device], bench.endpoint.url);
  onTestFinished(() => site.close());
  return site;
}

const checkIns = (bench: Bench): readonly string[] =>
  bench.events.flatMap((event) => (event.kind === "checkIn" ? [`${event.method} ${event.asked} ${event.request.mac ?? "?"}`] : []));
const asked = (bench: Bench) => bench.events.flatMap((event) => (event.kind === "roomAsked" ? [[event.path, event.found]] : []));

/** A release as the simulated rooms' own servers lay it out. */
function treeIn({ uploadFolder }: Bench, device: SimDevice): readonly ServedFile[] {
  return [...updateFiles(device, { version: "4.2.0", build: "387310" }, Buffer.alloc(20_000, 7))].map(([path, bytes], at) => {
    const imagePath = join(uploadFolder, `served-${at}`);
    writeFileSync(imagePath, bytes);
    return { path, imagePath, sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") as Sha256 };
  });
}

const of = (bench: Bench, kind: string): number => bench.events.filter((event) => event.kind === kind).length;

test("VideoOS: visits and heartbeats do no harm, and no file tells it where to take software from", async () => {
  const bench = await openBench();
  const device = videoDevice("studio");
  const mac = device.mac as Mac;
  expect(writeSetting(device, "upgrade.auto.server.type", "polycom_support_server")).toBe("NOERROR");
  const { clock, told } = await visits(device, bench);
  await vi.waitFor(() => expect(checkIns(bench)).toEqual([`GET master ${mac}`]));
  await clock.advance(600_000);
  await vi.waitFor(() => expect(checkIns(bench)).toEqual([`GET master ${mac}`, `HEAD master ${mac}`]));
  await vi.waitFor(() => expect(told().filter((line) => line.startsWith("heartbeat"))).toEqual(["heartbeat: 200"]));
  bench.endpoint.offer(bench.offer({ mac, partNumbers: [], tree: treeIn(bench, device) }));
  await clock.advance(3_600_000);
  await vi.waitFor(() => expect(checkIns(bench).filter((line) => line === `GET master ${mac}`).length).toBeGreaterThan(1));
  expect(checkIns(bench)).not.toContain(`GET config ${mac}`);
  expect(settingOf(device, "upgrade.auto.server.type")).toBe("polycom_support_server");
  expect([of(bench, "refused"), of(bench, "bug")]).toEqual([0, 0]);
});

test("VideoOS: pointed at the folder of its attempt it takes the release that is laid out there, and all it asked is told", async () => {
  const bench = await openBench();
  const device = videoDevice("studio");
  const tree = treeIn(bench, device);
  bench.endpoint.offer(bench.offer({ mac: device.mac as Mac, partNumbers: [], tree }));
  for (const [name, value] of [
    ["upgrade.auto.timeFrame.enable", "false"],
    ["upgrade.auto.server.address", `${bench.endpoint.url}/fw/${TOKEN}/`],
    ["upgrade.auto.server.type", "user_defined_server"],
  ] as const) {
    expect(writeSetting(device, name, value)).toBe("NOERROR");
  }
  const { clock } = await visits(device, bench);
  for (let hours = 0; hours < 3 && of(bench, "imageStarted") === 0; hours++) await clock.advance(3_600_000);
  await vi.waitFor(() => expect(asked(bench)).toEqual(tree.map(({ path }) => [`/fw/TOKEN/${path}`, true])));
  for (let minutes = 0; minutes < 60 && device.running !== "4.2.0"; minutes += 5) await clock.advance(300_000);
  await vi.waitFor(() => expect(device.running).toBe("4.2.0"));
});

test("VideoOS: looking for software here, what it asks is noted, and it stays on what it runs", async () => {
  const bench = await openBench();
  const device = videoDevice("studio");
  const running = device.running;
  expect(writeSetting(device, "upgrade.auto.timeFrame.enable", "false")).toBe("NOERROR");
  const { clock } = await visits(device, bench);
  // The folders are this site's own: the agent knows none, and needs to know none to note the question.
  for (let hours = 0; hours < 3 && of(bench, "roomAsked") === 0; hours++) await clock.advance(3_600_000);
  await vi.waitFor(() => expect(of(bench, "refused") + of(bench, "roomAsked")).toBeGreaterThan(0));
  expect(device.running).toBe(running);
  expect([of(bench, "imageStarted"), of(bench, "bug")]).toEqual([0, 0]);
});

test("Group: under dynamic management it is given its intervals and asks again by them; without, it is told that there is none", async () => {
  const bench = await openBench({ groupManagement: true });
  const device = videoDevice("group");
  const { clock } = await visits(device, bench);
  await vi.waitFor(() => expect(device.vars.get("prov.intervalMs")).toBe(900_000));
  await clock.advance(900_000);
  await vi.waitFor(() => expect(checkIns(bench)).toHaveLength(2));
  const off = await openBench();
  const other = videoDevice("group", { address: "127.60.0.2" });
  const { told } = await visits(other, off);
  await vi.waitFor(() => expect(told().filter((line) => line.startsWith("provisioning"))).toEqual(["provisioning: 501"]));
  expect(other.vars.has("prov.intervalMs")).toBe(false);
});
