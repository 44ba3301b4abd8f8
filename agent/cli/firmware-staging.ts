/**
 * `groundswell firmware pause|resume`, and how staging and its space read.
 */
import type { Command } from "commander";
import { type Cli, type Runner, withGlobals } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { safeText } from "./output.ts";
import { type DepotListed, pausedSchema, type ReleaseListed, readResult } from "./results.ts";
import { counted, roughly, showBytes } from "./show.ts";

/** @param stage  stays until the images are here, after the command that begins it */
export function addStagingControl(
  firmware: Command,
  run: Runner,
  stage: (cli: Cli, verb: string, release: string) => Promise<number>,
): void {
  withGlobals(
    firmware
      .command("pause")
      .argument("<release>", "id of the release")
      .description("stop fetching a release's images; what has come is kept"),
  ).action(run(pauseStaging));
  withGlobals(
    firmware.command("resume").argument("<release>", "id of the release").description("go on fetching a release's images"),
  ).action(run((cli: Cli, _options: object, [release = ""]: readonly string[]) => stage(cli, "firmware.resume", release)));
}

async function pauseStaging(cli: Cli, _options: object, [release = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("firmware.pause", { release });
  const { stopped } = readResult(pausedSchema, result);
  const what = stopped === true ? "stopped; what has come is kept" : "was not under way, and will not begin";
  cli.out.one(
    "groundswell.stage-paused/1",
    { release, stopped: stopped === true },
    `${safeText(release)}: ${what}. Go on with: groundswell firmware resume ${safeText(release)}`,
  );
  return EXIT.done;
}

type Image = Pick<ReleaseListed["images"][number], "bytesPerSecond" | "leftMs" | "sizeBytes" | "doneBytes">;

/** `2.1 MB/s, 3 min left` of all that move together; empty where nothing is known. */
export function rateText(images: readonly Image[]): string {
  const moving = images.filter(({ bytesPerSecond }) => typeof bytesPerSecond === "number");
  if (moving.length === 0) return "";
  const rate = moving.reduce((sum, { bytesPerSecond }) => sum + (bytesPerSecond ?? 0), 0);
  const left = images.reduce((sum, { sizeBytes, doneBytes }) => sum + Math.max(0, sizeBytes - (doneBytes ?? 0)), 0);
  if (rate <= 0) return "nothing comes";
  return `${showBytes(rate)}/s, ${roughly((left * 1_000) / rate)} left`;
}

/** What holds the space, for the end of a list. */
export function spaceLines({ budgetBytes, usedBytes, diskFreeBytes, images, parts }: DepotListed): readonly string[] {
  const held = images.filter(({ heldBy }) => heldBy.length > 0);
  const free = `${showBytes(diskFreeBytes)} free on the disk`;
  const whole = `Depot: ${showBytes(usedBytes)} of ${showBytes(budgetBytes)} used by ${counted(images.length, "image")}, ${free}`;
  const underWay =
    parts.length === 0
      ? []
      : [`  ${counted(parts.length, "download")} not whole: ${showBytes(parts.reduce((sum, { doneBytes }) => sum + doneBytes, 0))}`];
  const holders = held.map(
    ({ target, sha256, sizeBytes, heldBy }) => `  ${target ?? sha256.slice(0, 12)}, ${showBytes(sizeBytes)}, held by ${heldBy.join(", ")}`,
  );
  const loose = images.filter(({ heldBy }) => heldBy.length === 0);
  const next = loose[0];
  const first = next === undefined ? [] : [`  first to go: ${next.target ?? next.sha256.slice(0, 12)}, ${showBytes(next.sizeBytes)}`];
  return [whole, ...holders, ...first, ...underWay];
}
