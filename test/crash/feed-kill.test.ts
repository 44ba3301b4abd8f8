/**
 * The feed is killed again and again while it sends what waits, to a broker of its own process and to Mosquitto: the portal has
 * every event once, in order, and finds no gap.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { startBrokerOf } from "../../agent/demo/broker.ts";
import { openPortal } from "../../agent/demo/story.ts";
import type { Portal } from "../../fixtures/portal/portal.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { peerTest } from "../peers/peer.ts";

const ENTRY = join(import.meta.dirname, "feed-entry.ts");
const KILLS = 6;
/** Told in each run, while the backlog of the runs before goes out. */
const EVENTS_PER_RUN = 2_000;

interface Run {
  /** Resolves with the number of the last event where it came to its end by itself. */
  readonly ended: Promise<number | undefined>;
  kill(): void;
}

function run(directory: string, port: number): Run {
  const child = spawn(process.execPath, [ENTRY, directory, String(port), String(EVENTS_PER_RUN)], { stdio: ["ignore", "pipe", "inherit"] });
  let said: string | undefined;
  createInterface({ input: child.stdout }).once("line", (line) => {
    said = line;
  });
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(undefined);
      else if (code === 0 && said !== undefined) resolve((JSON.parse(said) as { last: number }).last);
      else reject(new Error(`the feed ended with ${code}`));
    });
  });
  return { ended, kill: () => void child.kill("SIGKILL") };
}

/** Lets the portal hear until it is so, or the run is over. */
async function until(isSo: () => boolean, over?: Promise<unknown>): Promise<void> {
  let ended = false;
  void over?.then(() => {
    ended = true;
  });
  while (!isSo() && !ended) await new Promise((resolve) => setImmediate(resolve));
}

const countOf = (portal: Portal): number => portal.site("zug-01")?.events.events.length ?? 0;

async function killedAgainAndAgain(kind: "embedded" | "mosquitto"): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-feed-kill-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const broker = await startBrokerOf(kind, folder);
  onTestFinished(() => broker.close());
  const { portal, client } = await openPortal(broker);
  onTestFinished(() => client.close());
  const random = seededRandom(5);
  let killed = 0;
  for (let i = 0; i < KILLS; i++) {
    const one = run(join(folder, "data"), broker.port);
    const enough = countOf(portal) + 50 + random.below(1_500);
    await until(() => countOf(portal) >= enough, one.ended);
    one.kill();
    if ((await one.ended) === undefined) killed++;
  }
  const last = await run(join(folder, "data"), broker.port).ended;
  await until(() => countOf(portal) >= (last ?? 0) && portal.site("zug-01")?.state === "offline");
  expect(killed).toBeGreaterThanOrEqual(KILLS - 1);
  expect(portal.faults()).toEqual([]);
  const site = portal.site("zug-01");
  expect(site?.events.events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: last ?? 0 }, (_, at) => at + 1));
  expect(site?.sessions).toBeGreaterThanOrEqual(KILLS);
}

test(
  "crash: the feed killed while it drains to the embedded broker loses and doubles nothing",
  () => killedAgainAndAgain("embedded"),
  180_000,
);

peerTest("crash: the feed killed while it drains to Mosquitto loses and doubles nothing", "/usr/sbin/mosquitto", () =>
  killedAgainAndAgain("mosquitto"),
);
