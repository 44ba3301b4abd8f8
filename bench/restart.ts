/** From the start of the process after a kill to the moment all reservations are known again, of the agent as a customer runs it. Goal: design section 17. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { askLocal } from "../agent/cli/ask-local.ts";
import { type Child, startChild } from "../agent/demo/child.ts";
import { freePort } from "../agent/demo/free-port.ts";
import { nowMs } from "./child.ts";
import { absoluteRow, median, type Row } from "./figure.ts";
import type { KilledSite } from "./restart/site.ts";

const ROUNDS = 5;
const SECONDS_MAX = 5;
const DEVICES = 10_000;
/** A release for twenty models, as large as theirs are. */
const IMAGE_MEGABYTES = 1_800;
/** A start that takes longer is no figure; on a machine that is busy it may be many times the goal. */
const READY_WITHIN_MS = 120_000;
const AGENT = new URL("../agent/main.ts", import.meta.url).pathname;

interface Scale {
  readonly devices?: number | undefined;
  readonly megabytes?: number | undefined;
}

interface Round {
  readonly readyS: number;
  readonly knownS: number;
}

/** In steps of 10 ms, of all its threads. */
const TICKS_PER_S = 100;

/** Processor time of a process so far, seconds: what a start costs on a machine that is busy with other things. */
function cpuS(pid: number | undefined): number {
  const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const fields = rest.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

export async function bench(
  say: (text: string) => void,
  { devices = DEVICES, megabytes = IMAGE_MEGABYTES }: Scale = {},
): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-bench-restart-"));
  let agent: Child | undefined;
  try {
    const site = await fill(join(folder, "data"), devices, megabytes * 1_000_000);
    say(`${site.devices} devices, ${site.reservations} of them at risk, ${megabytes} MB of images`);
    const config = writeSettings(folder, await freePort());
    const rounds: Round[] = [];
    // The first start is after the making of the site: it is no round.
    for (let round = 0; round <= ROUNDS; round++) {
      const beganMs = nowMs();
      agent = await startChild({
        ...{ name: "the agent", readyWithinMs: READY_WITHIN_MS },
        // As in bin/groundswell.
        argv: ["--max-semi-space-size=8", AGENT, "run", "--config", config],
      });
      const readyS = (nowMs() - beganMs) / 1_000;
      const readyCpuS = cpuS(agent.process.pid);
      await known(join(folder, "agent.sock"), site);
      const knownS = (nowMs() - beganMs) / 1_000;
      const knownCpuS = cpuS(agent.process.pid);
      await agent.kill();
      const load = `load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`;
      say(
        `${round === 0 ? "first start" : `round ${round}`}: ready ${words(readyS, readyCpuS)}, known ${words(knownS, knownCpuS)}, ${load}`,
      );
      if (round > 0) rounds.push({ readyS, knownS });
    }
    const row = (figure: string, of: (round: Round) => number): Row =>
      absoluteRow({ figure: `${devices} devices, ${site.reservations} at risk, after a kill: ${figure}, s`, atMost: SECONDS_MAX }, [
        median(rounds.map(of)),
      ]);
    return [row("ready", ({ readyS }) => readyS), row("all reservations known", ({ knownS }) => knownS)];
  } finally {
    await agent?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const words = (wallS: number, cpu: number): string => `${wallS.toFixed(2)} s (processor ${cpu.toFixed(2)} s)`;

/** In a process of its own, which ends as by a kill. */
async function fill(data: string, devices: number, imageBytes: number): Promise<KilledSite> {
  const script = new URL("./restart/fill.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, data, String(devices), String(imageBytes)], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  const signal = await new Promise<string | null>((resolve, reject) =>
    child.once("error", reject).once("close", (_, ended) => resolve(ended)),
  );
  if (signal !== "SIGKILL") throw new Error("Cannot measure: the site could not be made");
  return JSON.parse(out) as KilledSite;
}

function writeSettings(folder: string, port: number): string {
  const path = join(folder, "config.yaml");
  const settings = {
    site: { id: "bench-restart", name: "Bench" },
    dataDirectory: join(folder, "data"),
    socket: join(folder, "agent.sock"),
    adopt: "all",
    provisioning: { host: "127.0.0.1", port },
    calendar: { zone: "UTC", windows: [{ days: ["sun"], from: "01:00", to: "05:00" }], blackout: [] },
    log: { level: "error" },
  };
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

const statusSchema = z.object({ atRisk: z.int() });

async function known(socket: string, { campaign, reservations }: KilledSite): Promise<void> {
  const ask = { name: "campaign.status", args: { campaign } };
  const answer = await askLocal(socket, ask, AbortSignal.timeout(READY_WITHIN_MS));
  const { atRisk } = statusSchema.parse(answer.result);
  if (atRisk !== reservations) throw new Error(`Cannot measure: ${atRisk} of ${reservations} devices at risk are known`);
}
