/**
 * The feed is killed again and again while it sends what waits, to a broker of its own process and to Mosquitto: the portal has
 * every event once, in order, and finds no gap.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { startBrokerOf } from "../../agent/demo/broker.ts";
import { openPortal } from "../../agent/demo/story.ts";
import type { Portal } from "../../fixtures/portal/portal.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { everythingFilter } from "../../protocols/mqtt/topics.ts";
import { peerTest } from "../peers/peer.ts";

const ENTRY = join(import.meta.dirname, "feed-entry.ts");
const KILLS = 6;
/** Told in each run, while the backlog of the runs before goes out. */
const EVENTS_PER_RUN = 2_000;

type Feed = ChildProcessByStdio<null, Readable, null>;

/** The feed as a process, with so many events more to tell. */
const start = (directory: string, port: number, then: "stay" | "end") =>
  spawn(process.execPath, [ENTRY, directory, String(port), String(EVENTS_PER_RUN), then], { stdio: ["ignore", "pipe", "inherit"] });

async function kill(feed: Feed): Promise<void> {
  const ended = once(feed, "close");
  feed.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
}

/** @returns the number of its last event */
async function lastOf(feed: Feed): Promise<number> {
  const [said, [code]] = await Promise.all([text(feed.stdout), once(feed, "close")]);
  expect(code).toBe(0);
  return (JSON.parse(said) as { last: number }).last;
}

const countOf = (portal: Portal): number => portal.site("zug-01")?.events.events.length ?? 0;

async function killedAgainAndAgain(kind: "embedded" | "mosquitto"): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-feed-kill-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const broker = await startBrokerOf(kind, folder);
  onTestFinished(() => broker.close());
  const { portal, client } = await openPortal(broker);
  onTestFinished(() => client.close());
  const heard = async (isSo: () => boolean): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = client.subscribe(everythingFilter(), () => isSo() && resolve());
    if (!isSo()) await promise;
    stop();
  };
  const random = seededRandom(5);
  for (let i = 0; i < KILLS; i++) {
    const enough = countOf(portal) + 50 + random.below(1_500);
    const feed = start(join(folder, "data"), broker.port, "stay");
    onTestFinished(() => void feed.kill("SIGKILL"));
    const early = once(feed, "close").then(([code]) => Promise.reject(new Error(`the feed ended by itself with ${code}`)));
    await Promise.race([heard(() => countOf(portal) >= enough), early]);
    await kill(feed);
  }
  const last = await lastOf(start(join(folder, "data"), broker.port, "end"));
  await heard(() => portal.site("zug-01")?.events.lastNumber === last && portal.site("zug-01")?.state === "offline");
  expect(portal.faults()).toEqual([]);
  const site = portal.site("zug-01");
  expect(site?.events.events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: last }, (_, at) => at + 1));
  expect(site?.sessions).toBe(KILLS + 1);
}

test("crash: the feed killed while it drains to the embedded broker loses and doubles nothing", () => killedAgainAndAgain("embedded"));

peerTest("crash: the feed killed while it drains to Mosquitto loses and doubles nothing", "/usr/sbin/mosquitto", () =>
  killedAgainAndAgain("mosquitto"),
);
