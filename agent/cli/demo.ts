/**
 * `groundswell demo`: the whole job on a simulated site.
 */

import type { Command } from "commander";
import { type Cli, type Runner, whole, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";

interface DemoFlags {
  readonly headless?: boolean;
  readonly keep?: boolean;
  /** `true` without a folder. */
  readonly handsOn?: boolean | string;
  readonly seed?: number;
  readonly devices?: number;
  readonly speed?: number;
  readonly broker?: string;
  readonly json?: boolean;
  /** `false` for `--no-color`. */
  readonly color?: boolean;
}

export function addDemo(program: Command, run: Runner): void {
  const demo = program.command("demo").description("watch the whole job on a simulated site, on this machine only");
  withGlobals(demo, { except: ["broker"] })
    .option("--headless", "no pauses for a viewer; every promise is checked and counted")
    .option("--hands-on [folder]", "no story: the site stays up for you to try commands on; keys and socket are in the folder")
    .option("--keep", "stay up at the end, and keep the folder with everything in it")
    .option("--seed <n>", "another story; the same number is the same story", whole(0, 2 ** 32 - 1))
    .option("--devices <n>", "how many devices the site has", whole(1, 10_000))
    .option(
      "--speed <factor>",
      `how much faster than the wall the clock runs; ${DEFAULTS.speed}, with --hands-on ${HANDS_ON.speed}`,
      factor,
    )
    .option("--broker <which>", "embedded, mosquitto, or the address of one", "embedded")
    .option("--no-color", "no colours")
    .action(run(runDemo));
}

function factor(text: string): number {
  const value = /^\d{1,5}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= 10_000) return value;
  throw new CliError(`"${text}" is not a speed: expected a number from 1 to 10000`, EXIT.usage);
}

/** A site of one floor and a story of about a minute. */
const DEFAULTS = { seed: 1, devices: 40, speed: 60 };
/** Slow enough to type between two waves. */
const HANDS_ON = { speed: 20, folder: "demo-site" };

async function runDemo(cli: Cli, flags: DemoFlags): Promise<number> {
  const { seed = DEFAULTS.seed, devices = DEFAULTS.devices, broker = "embedded" } = flags;
  const { headless = false, keep = false, json = false, handsOn = false } = flags;
  if (handsOn !== false) {
    if (headless) throw new CliError("With --hands-on there is no story to check: leave --headless out", EXIT.usage);
    const { runHandsOn } = await import("../demo/hands-on.ts");
    const folder = handsOn === true ? HANDS_ON.folder : handsOn;
    return runHandsOn({ seed, devices, speed: flags.speed ?? HANDS_ON.speed, broker, folder, keep, json }, cli.io);
  }
  const { runDemo: play } = await import("../demo/main.ts");
  const { speed = DEFAULTS.speed } = flags;
  const environment = flags.color === false ? { ...cli.io.environment, NO_COLOR: "1" } : cli.io.environment;
  return play({ seed, devices, speed, broker, headless, keep, json }, { ...cli.io, environment });
}
