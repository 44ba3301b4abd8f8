/**
 * The real daemon, killed from inside by SIGKILL: at the first task transition that stands in the kill file, which is
 * rewritten before the kill, so that each point kills once.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { startAgent } from "../../agent/compose.ts";
import { fileConfigIo } from "../../agent/config/files.ts";
import { loadConfig } from "../../agent/config/load.ts";
import { createLog } from "../../agent/log.ts";
import type { Observe } from "../../agent/parts.ts";
import { systemRandom } from "../../protocols/core/random.ts";

const argument = (name: string): string => {
  const value = process.argv[process.argv.indexOf(name) + 1];
  if (!process.argv.includes(name) || value === undefined) throw new Error(`${name} is missing`);
  return value;
};

const killFile = argument("--kill-file");

function rewrite(points: readonly string[]): void {
  const next = `${killFile}.next`;
  const file = openSync(next, "w", 0o600);
  writeSync(file, JSON.stringify(points));
  fsyncSync(file);
  closeSync(file);
  renameSync(next, killFile);
}

const observe: Observe = (when, { event, next }) => {
  const points = JSON.parse(readFileSync(killFile, "utf8")) as readonly string[];
  const here = points.find((point) => point === `${when}:${event.kind}` || point === `${when}:→${next.at}`);
  if (here === undefined) return;
  rewrite(points.filter((point) => point !== here));
  process.kill(process.pid, "SIGKILL");
};

const path = argument("--config");
const loaded = await loadConfig(path, fileConfigIo(process.env));
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
const agent = await startAgent(
  { config: loaded.config, path },
  {
    environment: process.env,
    log: createLog({ level: "info", pretty: false, write: (line) => process.stderr.write(line) }),
    random: systemRandom(),
    onReady: (info) => process.stdout.write(`${JSON.stringify({ schema: "groundswell.ready/1", ...info })}\n`),
    observe,
  },
);
process.once("SIGTERM", () => void agent.stop().then(() => process.exit(0)));
