/** The kill switch over the whole daemon: signed, over MQTT, while phones of the simulated site are in the middle of their image. */
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../agent/demo/free-port.ts";
import { MINUTE } from "../../protocols/core/time.ts";
import { setCrashStage } from "../crash/story.ts";
import { openImageWire } from "./image-wire.ts";

const RELEASE = "uc-software-6.4.8.1190";
const NEW = "6.4.8.1190";
const ORIGIN_MS = Temporal.Instant.from("2026-11-22T00:05:00Z").epochMilliseconds;
const ALL_DAY = { zone: "Europe/Zurich", windows: [{ days: ["sun", "mon"], from: "00:00", to: "23:59" }], blackout: [] };
/** Source: fixtures/channel/releases.ts. */
const IMAGE_BYTES = 600 * 1024;
/** Over all phones: an image takes half a minute and more, of real time. */
const PACE = 20_000;
/** How long nothing is to happen, on the site's clock: a dozen rounds of looks and polls. */
const WATCHED_MS = 30 * MINUTE;

test("kill.on: phones in the middle of their image get not a byte more, nobody is commanded; kill.off goes on to the end", async () => {
  const port = await freePort();
  const wire = await openImageWire({ host: "127.0.0.1", port });
  onTestFinished(() => wire.close());
  const crash = await setCrashStage({
    devices: 40,
    factor: 120,
    originMs: ORIGIN_MS,
    settings: {
      provisioning: { host: "127.0.0.1", port, pace: PACE },
      sweep: { every: "7d" },
      health: { phones: "10m", rooms: "1h", switches: "1h" },
      policy: { soak: "1m", lostAfter: "2h", lookAgain: "20s", retryAfter: "30s", failuresAllowed: 10, atRiskMax: 10 },
      calendar: ALL_DAY,
    },
  });
  try {
    const { site, technician, approver, clock } = crash.stage;
    const phones = (await site.devices()).filter(({ kind, running }) => kind === "vvx" && running.startsWith("6.4.")).slice(0, 6);
    const devices = phones.map(({ mac }) => `d-${mac}`);
    await crash.until("the phones to answer", async () => {
      const { result } = await crash.ask("device.list");
      const known = (result as { devices: readonly { id: string; availability: string }[] }).devices;
      return devices.every((id) => known.some((one) => one.id === id && one.availability === "online")) ? true : undefined;
    });
    await crash.until("the catalogue", async () => {
      const { result } = await crash.ask("firmware.list");
      return (result as { releases: readonly unknown[] }).releases.length === 2 ? true : undefined;
    });
    const done = async (person: typeof technician, name: string, args: Readonly<Record<string, unknown>>): Promise<unknown> => {
      const answer = await crash.command(person, name, args);
      expect(answer.status, `${name}: ${answer.message}`).toBe("done");
      return answer.result;
    };
    await done(technician, "firmware.stage", { release: RELEASE });
    const { plan, planHash } = await crash.plan(technician, { release: RELEASE, devices });
    expect(plan.tasks.length, JSON.stringify(plan.heldBack)).toBeGreaterThanOrEqual(3);
    for (const { mac } of plan.tasks) await site.control("POST", `/devices/${mac}/provisioning`, { url: wire.url });
    const { campaign } = plan;
    await done(approver, "campaign.approve", { campaign, planHash });
    await done(technician, "campaign.start", { campaign, planHash });
    const underWay = await crash.until("a phone in the middle of its image", async () => {
      const under = wire.fetches.filter(({ open, status, bytes }) => open && status === 200 && bytes > 2 * PACE);
      return under.length > 0 ? under : undefined;
    });

    const scope = { kind: "release", release: RELEASE };
    await done(technician, "kill.on", { scope, reason: "phones of another site do not come back" });
    const killedMs = clock.nowMs();
    await crash.until("the end of what was on its way", async () => (underWay.some(({ open }) => open) ? undefined : true));
    const before = wire.fetches.map(({ bytes }) => bytes);
    expect(Math.max(...before)).toBeLessThan(IMAGE_BYTES);
    await crash.until("some time", async () => (clock.nowMs() > killedMs + WATCHED_MS ? true : undefined));
    expect(wire.fetches.slice(0, before.length).map(({ bytes }) => bytes)).toEqual(before);
    // Who asks again is told that there is none, in a head without an image.
    expect(wire.fetches.slice(before.length).filter(({ status }) => status === 200)).toEqual([]);
    const journal = (await site.journal()).filter(({ mac }) => plan.tasks.some((task) => task.mac === mac));
    expect(journal.filter(({ what, atMs }) => what === "command" && atMs > killedMs)).toEqual([]);
    expect(journal.filter(({ what }) => what === "imageDone" || what === "flash")).toEqual([]);
    expect((await site.devices()).filter(({ running }) => running === NEW)).toEqual([]);
    const { counts } = await crash.campaign(campaign);
    expect(counts["succeeded"] ?? 0).toBe(0);

    await done(approver, "kill.off", { scope, reason: "it was their switch" });
    await crash.until("the end of the campaign", async () => {
      const view = await crash.campaign(campaign);
      if (view.state === "paused") throw new Error(`the campaign is paused: ${view.why}`);
      return view.state.startsWith("completed") ? view : undefined;
    });
    const running = new Map((await site.devices()).map((one) => [one.mac, one.running]));
    expect(plan.tasks.map(({ mac }) => running.get(mac))).toEqual(plan.tasks.map(() => NEW));
    expect((await crash.ask("audit.verify")).result).toMatchObject({ ok: true });
  } finally {
    await crash.close();
  }
}, 600_000);
