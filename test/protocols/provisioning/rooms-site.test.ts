/** Simulated rooms as clients of the endpoint: each side is written from the documents alone. */
import { expect, onTestFinished, test, vi } from "vitest";
import type { SimDevice } from "../../../fixtures/site/device.ts";
import { settingOf, writeSetting } from "../../../fixtures/site/wire/video-settings.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { openVideoSite, type VideoSite, videoDevice } from "../../support/video-site.ts";
import { type Bench, openBench } from "./kit.ts";

async function visits(device: SimDevice, bench: Bench): Promise<VideoSite> {
  device.vars.set("prov.enabled", true);
  const site = await openVideoSite([device], bench.endpoint.url);
  onTestFinished(() => site.close());
  return site;
}

const checkIns = (bench: Bench): readonly string[] =>
  bench.events.flatMap((event) => (event.kind === "checkIn" ? [`${event.method} ${event.asked} ${event.request.mac ?? "?"}`] : []));
const of = (bench: Bench, kind: string): number => bench.events.filter((event) => event.kind === kind).length;

test("VideoOS: visits and heartbeats do no harm; while its attempt is open it takes the window and source on, afterwards it is told nothing", async () => {
  const bench = await openBench();
  const device = videoDevice("studio");
  const mac = device.mac as Mac;
  for (const [name, value] of [
    ["upgrade.auto.server.type", "polycom_support_server"],
    ["upgrade.auto.timeFrame.startTime", "03:00"],
  ] as const) {
    expect(writeSetting(device, name, value)).toBe("NOERROR");
  }
  const { clock, told } = await visits(device, bench);
  await vi.waitFor(() => expect(checkIns(bench)).toEqual([`GET master ${mac}`]));
  await clock.advance(600_000);
  await vi.waitFor(() => expect(checkIns(bench)).toEqual([`GET master ${mac}`, `HEAD master ${mac}`]));
  await vi.waitFor(() => expect(told().filter((line) => line.startsWith("heartbeat"))).toEqual(["heartbeat: 200"]));
  expect(settingOf(device, "upgrade.auto.server.type")).toBe("polycom_support_server");
  const room = { window: { start: "01:30", stop: "04:30" } };
  bench.endpoint.offer(bench.offer({ mac, imageName: "room.pkg", partNumbers: [], room }));
  await clock.advance(3_600_000);
  await vi.waitFor(() => expect(settingOf(device, "upgrade.auto.server.type")).toBe("prov_server"));
  await vi.waitFor(() => expect(settingOf(device, "upgrade.auto.timeFrame.startTime")).toBe("01:30"));
  expect([settingOf(device, "upgrade.auto.timeFrame.stopTime"), settingOf(device, "upgrade.auto.timeFrame.enable")]).toEqual([
    "04:30",
    "true",
  ]);
  expect(bench.endpoint.withdrawAll()).toBe(1);
  expect(writeSetting(device, "upgrade.auto.server.type", "polycom_support_server")).toBe("NOERROR");
  const before = checkIns(bench).length;
  await clock.advance(3_600_000);
  await vi.waitFor(() => expect(checkIns(bench).slice(before)).toContain(`GET master ${mac}`));
  expect(checkIns(bench).slice(before)).not.toContain(`GET config ${mac}`);
  expect([of(bench, "refused"), of(bench, "bug")]).toEqual([0, 0]);
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
