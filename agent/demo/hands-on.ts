/**
 * The simulated site to try commands on: the same parts as the demonstration, no story. It stays up until Ctrl-C; a person does
 * the rest from another terminal.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { demoReleases, earlierReleases } from "../../fixtures/channel/releases.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { CliError, type CliIo } from "../cli/context.ts";
import { EXIT } from "../cli/exit-codes.ts";
import { writeKeyFile } from "../commands/keys.ts";
import { ChildFailed } from "./child.ts";
import { type Stage, setStage } from "./stage.ts";

export interface HandsOnOptions {
  readonly seed: number;
  readonly devices: number;
  readonly speed: number;
  readonly broker: string;
  /** Is made, and is removed at the end unless it is kept. */
  readonly folder: string;
  readonly keep: boolean;
  readonly json: boolean;
}

/** A Saturday evening; its window is open all the time, for nobody should wait for a Sunday to try things. */
const BEGINS_MS = Temporal.Instant.from("2026-11-21T19:00:00Z").epochMilliseconds;
const SETTINGS = {
  policy: { soak: "2m", lostAfter: "10m", deferral: "2h", lookAgain: "30s", retryAfter: "1m" },
  calendar: {
    zone: "Europe/Zurich",
    windows: [{ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "00:00" }],
    blackout: [],
  },
};
const READ_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 500;

/** @returns the exit code. @throws CliError for a folder that cannot be used */
export async function runHandsOn(options: HandsOnOptions, io: CliIo): Promise<number> {
  const folder = await emptyFolder(options.folder);
  const say = (text: string): void => void (options.json || io.out(`${text}\n`));
  let stage: Stage | undefined;
  try {
    stage = await setStage({
      ...{ seed: options.seed, devices: options.devices, factor: options.speed, originMs: BEGINS_MS, broker: options.broker, folder },
      releases: [...demoReleases(), ...earlierReleases()],
      settings: SETTINGS,
      onPart: (part, detail) => say(`${part.padEnd(15)} ${detail}`),
    });
    await writeKeys(stage);
    await allRead(stage, options, io);
    if (options.json) io.out(`${JSON.stringify(wordsOf(stage))}\n`);
    else for (const line of introduction(stage, options)) say(line);
    await stopped(io.stop);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof ChildFailed)) throw error;
    throw new CliError(`The simulated site did not come up: ${error.message}`, EXIT.failed);
  } finally {
    await stage?.close({ keepFolder: true });
    if (!options.keep) await rm(folder, { recursive: true, force: true });
  }
}

async function emptyFolder(path: string): Promise<string> {
  const folder = resolve(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length === 0) return folder;
  throw new CliError(`The folder "${path}" is not empty`, EXIT.failed, "Name another one, or move what is in it away.");
}

async function writeKeys({ folder, technician, approver, secondApprover }: Stage): Promise<void> {
  await writeKeyFile(join(folder, "technician.key"), technician.key);
  await writeKeyFile(join(folder, "approver.key"), approver.key);
  await writeKeyFile(join(folder, "second-approver.key"), secondApprover.key);
}

/** Until every device is found and read and the channel's releases are known; so that the first command finds what it expects. */
async function allRead(stage: Stage, { devices: wanted, json }: HandsOnOptions, io: CliIo): Promise<void> {
  const clock = systemClock();
  const endMs = clock.nowMs() + READ_WITHIN_MS;
  let told = "";
  while (!io.stop.aborted) {
    const [status, releases] = [await stage.ask("agent.status"), await stage.ask("firmware.list")];
    const { devices } = (status.result ?? {}) as { devices?: { total: number; online: number } };
    const known = ((releases.result ?? {}) as { releases?: readonly unknown[] }).releases?.length ?? 0;
    if ((devices?.online ?? 0) >= wanted && known >= 4) return;
    const now = `${devices?.online ?? 0} of ${wanted} devices read, ${known} of 4 releases known`;
    if (!json && now !== told) io.err(`${now}\n`);
    told = now;
    if (clock.nowMs() > endMs)
      throw new CliError(`The site is not read yet: ${now}`, EXIT.failed, "Try fewer devices, or a lower --speed.");
    await clock.sleep(LOOK_EVERY_MS, io.stop).catch(() => undefined);
  }
}

function wordsOf(stage: Stage) {
  return {
    schema: "groundswell.hands-on/1",
    folder: stage.folder,
    socket: stage.socket,
    broker: stage.brokerUrl,
    site: stage.siteId,
    keys: ["technician.key", "approver.key", "second-approver.key"].map((name) => join(stage.folder, name)),
  };
}

function introduction(stage: Stage, { speed, keep }: HandsOnOptions): string[] {
  const short = relative(process.cwd(), stage.folder);
  const folder = short.startsWith("..") ? stage.folder : short || ".";
  return [
    "",
    `The site is up; a minute of it is ${speed === 1 ? "a minute" : `${(60 / speed).toFixed(0)} s`} of yours. In another terminal:`,
    "",
    `  export GROUNDSWELL_SOCKET=${stage.socket}`,
    "  bin/groundswell status",
    `  bin/groundswell campaign plan uc-software-6.4.8.1190 --key ${join(folder, "technician.key")}`,
    "",
    `Keys of a technician and two approvers are in ${folder}; the README tells what to try. Ctrl-C ends it${keep ? "" : " and removes the folder"}.`,
  ];
}

function stopped(stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (stop.aborted) done();
    else stop.addEventListener("abort", () => done(), { once: true });
  });
}
