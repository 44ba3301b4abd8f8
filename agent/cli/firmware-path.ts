/** `groundswell firmware path DEVICE RELEASE`: the steps that lead there, each with its reason, or why there are none. */
import type { Command } from "commander";
import * as z from "zod";
import { showDuration } from "../../protocols/core/time.ts";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { renderPlain, renderTable } from "./output.ts";
import { readForPeople } from "./results.ts";
import { counted } from "./show.ts";

const stepSchema = z.object({
  step: z.number(),
  release: z.string(),
  version: z.string(),
  from: z.string(),
  kind: z.string(),
  reversibility: z.string(),
  likelyMs: z.number(),
  why: z.string(),
  staged: z.boolean().optional(),
  keyCode: z.string().optional(),
  warnings: z.array(z.string()),
  foreseen: z.boolean(),
});
type Step = z.infer<typeof stepSchema>;

const pathSchema = z.object({
  device: z.string(),
  name: z.string(),
  model: z.string().nullable(),
  running: z.string().nullable(),
  updater: z.string().nullable(),
  release: z.string(),
  version: z.string(),
  steps: z.array(stepSchema),
  notAtOnce: z.object({ code: z.string(), why: z.string() }).optional(),
  now: z.object({ ok: z.boolean(), code: z.string().optional(), why: z.string().optional(), lifts: z.string().optional() }),
});
type Path = z.infer<typeof pathSchema>;

export function addFirmwarePath(firmware: Command, run: Runner): void {
  withGlobals(
    firmware
      .command("path")
      .argument("<device>", "id, MAC, name, serial or address")
      .argument("<release>", "id of the release")
      .description("the steps that take a device to a release, with their reasons; nothing is done"),
  ).action(run(showPath));
}

async function showPath(cli: Cli, _options: object, [device = "", release = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("firmware.path", { device, release });
  const path = readForPeople(pathSchema, result);
  if (readsJson(cli)) printDocument(cli, result as object);
  else cli.out.one("groundswell.firmware-path/1", {}, cli.out.mode === "plain" ? renderPlain(COLUMNS, path.steps) : pathText(path));
  const there = path.now.code === "alreadyCurrent";
  return path.steps.length > 0 || there ? EXIT.done : EXIT.nothingMatched;
}

const REVERSIBILITY: Readonly<Record<string, string>> = {
  in_place: "goes back",
  needs_reset: "goes back with a reset",
  one_way: "cannot go back",
};

const COLUMNS = [
  { title: "STEP", of: ({ step }: Step) => String(step), align: "right" as const },
  { title: "FROM", of: ({ from }: Step) => from },
  { title: "TO", of: ({ version }: Step) => version },
  { title: "RELEASE", of: ({ release }: Step) => release },
  { title: "LIKELY", of: ({ likelyMs }: Step) => showDuration(likelyMs), align: "right" as const },
  { title: "BACK", of: ({ reversibility }: Step) => REVERSIBILITY[reversibility] ?? reversibility },
  { title: "IMAGE", of: ({ staged }: Step) => (staged === undefined ? "-" : staged ? "staged" : "not staged") },
];

function pathText({ device, name, model, running, updater, release, version, steps, notAtOnce, now }: Path): string {
  const runs = `${running ?? "an unknown version"}${updater === null ? "" : `, Updater ${updater}`}`;
  const head = `${name} (${model ?? "unknown model"}) runs ${runs}; wanted ${version} (${release})\n`;
  const held = now.ok ? "" : `${now.why ?? now.code ?? ""}${now.lifts === undefined ? "" : `; lifted by: ${now.lifts}`}\n`;
  if (steps.length === 0) return `${head}${now.code === "alreadyCurrent" ? "Nothing to do" : "No way there"}: ${held}`;
  const [first] = steps;
  const atOnce = notAtOnce === undefined ? "" : `Why not at once: ${notAtOnce.why}\n`;
  const later = steps.length > 1 ? "Later steps are foreseen: each is judged anew on what the device then says of itself.\n" : "";
  const next = now.ok
    ? `Next: groundswell campaign plan ${first?.release ?? ""} --device ${device}\n`
    : `The first step cannot be planned now: ${held}`;
  return `${head}${counted(steps.length, "step")}:\n${renderTable(COLUMNS, steps)}${steps.map(reasons).join("")}${atOnce}${later}${next}`;
}

function reasons({ step, why, keyCode, warnings }: Step): string {
  const key = keyCode === undefined ? "" : `  ${step}: needs a key code for this major release: ${keyCode}\n`;
  return `  ${step}: ${why}\n${key}${warnings.map((warning) => `  ${step}: mind: ${warning}\n`).join("")}`;
}
