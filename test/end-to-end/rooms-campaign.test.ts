/**
 * A campaign over meeting rooms: the real daemon, a release laid out as an update server and accepted by a person, two rooms that ask
 * for it by their own settings, a kill in the middle. What the rooms are set to before and after is the judgement.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { updateFiles } from "../../fixtures/site/update-source.ts";
import { MINUTE } from "../../protocols/core/time.ts";
import { setCrashStage } from "../crash/story.ts";

const ORIGIN_MS = Temporal.Instant.from("2026-11-22T00:05:00Z").epochMilliseconds;
const NEW = { version: "4.2.0", build: "387310" };
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

test("campaign: rooms take what is laid out for them, their panels with them, and have their own settings back, over a kill of the daemon", async () => {
  const drop = mkdtempSync(join(tmpdir(), "groundswell-rooms-"));
  onTestFinished(() => rmSync(drop, { recursive: true, force: true }));
  mkdirSync(join(drop, "files"));
  const crash = await setCrashStage({
    devices: 16,
    factor: 60,
    originMs: ORIGIN_MS,
    settings: {
      firmware: { sources: { folder: { folder: join(drop, "files"), every: "20s" } } },
      calendar: { zone: "Europe/Zurich", windows: [{ days: [...DAYS], from: "00:00", to: "00:00" }], blackout: [] },
      sweep: { every: "7d" },
      health: { phones: "10m", rooms: "2m", switches: "1h" },
      policy: { soak: "1m", lostAfter: "30m", failuresAllowed: 10, atRiskMax: 10 },
    },
  });
  try {
    const { site, technician, approver } = crash.stage;
    const rooms = (await site.devices()).filter(({ kind }) => kind === "studio");
    expect(rooms.map(({ model }) => model).toSorted()).toEqual(["StudioX30", "StudioX50"]);
    // The layout is the vendor's; to the agent it is files with paths.
    const files = rooms.flatMap(({ model }, at) => [
      ...updateFiles({ model }, { ...NEW, panel: { version: "4.2.0", build: "220000" } }, Buffer.alloc(400_000, at + 1)),
    ]);
    for (const [at, [, bytes]] of files.entries()) writeFileSync(join(drop, "files", `file-${at}`), bytes);
    const models = await crash.until("the rooms to be read", async () => {
      const { result } = await crash.ask("device.list", {});
      const { devices } = result as { devices: readonly { mac?: string; model?: string; running?: string; managedBy?: string }[] };
      const known = devices.filter(({ mac, running }) => running !== undefined && rooms.some((room) => room.mac === mac));
      return known.length === rooms.length ? known.map(({ model }) => model ?? "") : undefined;
    });
    const durationMs = { p50: 15 * MINUTE, p90: 20 * MINUTE, p99: 30 * MINUTE };
    const edge = { models, fromMin: "4.0.0", fromMax: "4.1.9", reversibility: "one_way", durationMs, revertMs: 0 };
    const release = {
      ...{ schema: "groundswell.release/1", id: "video-os-4.2.0", family: "video-os", title: "VideoOS 4.2.0" },
      ...{ models, version: `${NEW.version}-${NEW.build}`, kind: "combined", notes: "", advisories: [], edges: [edge] },
      images: files.map(([path, bytes], at) => {
        return { target: `accepted/file-${at}`, path, partNumbers: [], sizeBytes: bytes.length, sha256: sha256(bytes) };
      }),
    };
    await crash.until("the files in quarantine", async () => {
      const { result } = await crash.ask("firmware.quarantine", {});
      return (result as { files: readonly unknown[] }).files.length === files.length ? true : undefined;
    });
    const word = { hashes: release.images.map((image) => image.sha256), release, reason: "the vendor's own update server" };
    const accepted = await crash.command(approver, "firmware.accept", word);
    expect(accepted.status, accepted.message).toBe("done");

    const { plan, planHash } = await crash.until("a plan", async () => {
      const made = await crash.plan(technician, { release: release.id, devices: rooms.map(({ mac }) => `d-${mac}`) });
      if (made.plan.tasks.length < rooms.length) throw new Error(JSON.stringify(made.plan.heldBack));
      return made;
    });
    const args = { campaign: plan.campaign, planHash };
    expect((await crash.command(approver, "campaign.approve", args)).status).toBe("done");
    // Over each of these it is killed once, and started again.
    await crash.arm(["after:commandAccepted", "after:→rebooting", "after:→verifying"]);
    const started = await crash.command(technician, "campaign.start", args);
    expect(started.status, started.message).toBe("done");
    await crash.until("the end of the campaign", async () => {
      const { tasks, waves, state, why } = await crash.campaign(plan.campaign);
      const bad = tasks.find(({ at }) => at === "failed" || at === "lost" || at === "refused");
      if (bad !== undefined) throw new Error(JSON.stringify(bad));
      if (tasks.every(({ at }) => at === "succeeded")) return true;
      // The words of a time-out.
      throw new Error(JSON.stringify({ state, why, waves, tasks }));
    });
    expect([await crash.left(), crash.kills() >= 3]).toEqual([[], true]);
    const after = await site.devices();
    for (const { mac } of rooms) expect(after.find((one) => one.mac === mac)?.running).toBe(NEW.version);
    for (const panel of after.filter(({ kind }) => kind === "panel")) expect(panel.running).toBe("4.2.0");
    await crash.until("the settings to be given back", async () => {
      const { result } = await crash.ask("audit.list", {});
      const given = (result as { entries: readonly { action: string; subject: string }[] }).entries.filter(
        ({ action }) => action === "room.settingsGivenBack",
      );
      return new Set(given.map(({ subject }) => subject)).size === rooms.length ? true : undefined;
    });
  } finally {
    await crash.close();
  }
}, 420_000);
