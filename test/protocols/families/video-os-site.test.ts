/** The order of an update against simulated rooms, each side written from the documents alone: read, set, taken, read back, given back. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { updateFiles } from "../../../fixtures/site/update-source.ts";
import { settingOf, writeSetting } from "../../../fixtures/site/wire/video-settings.ts";
import type { Mac, Sha256 } from "../../../protocols/core/ids.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import type { KeptSetting, Target } from "../../../protocols/families/family.ts";
import { videoOs } from "../../../protocols/families/video-os.ts";
import { videoOsUpdate } from "../../../protocols/families/video-os-update.ts";
import { openVideoSite, videoDevice } from "../../support/video-site.ts";
import { openBench, TOKEN } from "../provisioning/kit.ts";
import { realIo } from "./kit.ts";

const never = new AbortController().signal;
const OWN: Readonly<Record<string, string>> = {
  "upgrade.auto.server.type": "polycom_support_server",
  "upgrade.auto.timeFrame.startTime": "03:00",
  "upgrade.auto.timeFrame.stopTime": "04:00",
};

async function stage(model: string, vars: Readonly<Record<string, unknown>> = {}) {
  const bench = await openBench();
  const device = videoDevice("studio", { model, panel: videoDevice("panel", { address: "127.60.0.2", mac: "00e0dbaabb02" }) });
  for (const [name, value] of Object.entries(vars)) device.vars.set(name, value);
  for (const [name, value] of Object.entries(OWN)) expect(writeSetting(device, name, value)).toBe("NOERROR");
  const site = await openVideoSite([device]);
  onTestFinished(() => site.close());
  const { roomUser: user, roomPassword } = site.site.secrets;
  const target: Target = {
    address: device.address,
    ports: { ...site.site.ports },
    credentials: [{ kind: "password", id: "rooms", user, password: new Secret(roomPassword) }],
    trust: "any",
  };
  return { bench, device, site, target };
}

test.each(["StudioX50", "StudioX30", "G7500"])(
  "videoOsUpdate: a %s is told where and when, takes it, and has its own settings back",
  async (model) => {
    const { bench, device, site, target } = await stage(model);
    const release = { version: "4.2.0", build: "387310", panel: { version: "4.2.0", build: "220000" } };
    const tree = [...updateFiles(device, release, Buffer.alloc(20_000, 7))].map(([path, bytes], at) => {
      const imagePath = join(bench.uploadFolder, `served-${at}`);
      writeFileSync(imagePath, bytes);
      return { path, imagePath, sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") as Sha256 };
    });
    expect(bench.endpoint.offer(bench.offer({ mac: device.mac as Mac, partNumbers: [], tree })).ok).toBe(true);
    const io = realIo();
    const before = await videoOs.look(target, io, never);
    expect([before.inUse.state, before.rebootNeeded, before.parts?.map((part) => part.connected)]).toEqual(["idle", false, [true]]);
    const now = await videoOsUpdate.readSettings(target, io, never);
    if (!now.ok) throw new Error(JSON.stringify(now.fault));
    expect(now.value).toMatchObject({ values: OWN, timeOffsetMs: 3_600_000 });
    // It is noon in UTC on the site's clock, one in the afternoon in the room.
    const order = { version: "4.2.0-387310", source: `${bench.endpoint.url}/fw/${TOKEN}/`, window: { start: "13:00", hours: 4 } };
    const kept = (videoOsUpdate.sets(order) ?? []).map(
      ([name, set]): KeptSetting => ({ name, before: now.value.values[name] ?? "?", set }),
    );
    for (const step of videoOsUpdate.steps) expect(await step.send(target, order, io, never)).toMatchObject({ ok: true });
    await vi.waitFor(async () => {
      await site.clock.advance(60_000);
      const look = await videoOs.look(target, io, never);
      expect(look.facts.running?.application).toBe("4.2.0-387310");
      expect(look.parts?.[0]).toMatchObject({ connected: true, version: "4.2.0-220000" });
    }, 20_000);
    expect(settingOf(device, "upgrade.auto.server.type")).toBe("user_defined_server");
    // Somebody changes one of them meanwhile: theirs stays.
    expect(writeSetting(device, "upgrade.auto.polling.interval", "7200")).toBe("NOERROR");
    const given = await videoOsUpdate.giveBack(target, kept, io, never);
    expect(given).toMatchObject({
      ok: true,
      value: { said: expect.stringContaining("left as somebody set them since: upgrade.auto.polling.interval") },
    });
    for (const [name, value] of Object.entries(OWN)) expect([name, settingOf(device, name)]).toEqual([name, value]);
    expect([settingOf(device, "upgrade.auto.server.address"), settingOf(device, "upgrade.auto.polling.interval")]).toEqual(["", "7200"]);
    expect(await videoOsUpdate.giveBack(target, kept, io, never)).toMatchObject({
      ok: true,
      value: { said: expect.stringContaining("as they were") },
    });
  },
);

test("videoOsUpdate: a room that Teams updates, and one that knows none of the names on the wire, are left as they are", async () => {
  const teams = await stage("StudioX50");
  expect(writeSetting(teams.device, "upgrade.auto.server.type", "microsoft_teams_device_management")).toBe("NOERROR");
  expect(await videoOsUpdate.readSettings(teams.target, realIo(), never)).toMatchObject({
    fault: { kind: "refused", reason: "its updates come from Teams" },
  });
  const strict = await stage("G7500", { "video.strictNames": true });
  expect(await videoOsUpdate.readSettings(strict.target, realIo(), never)).toMatchObject({ fault: { kind: "off" } });
});
