/**
 * A campaign whose images are not here, over the real daemon, channel and command line: with its start they come by themselves, also
 * where the daemon is killed meanwhile.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stage, setStage } from "../../agent/demo/stage.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { run } from "../agent/cli/kit.ts";

const ORIGIN_MS = Temporal.Instant.from("2026-11-22T20:00:00Z").epochMilliseconds;
let stage: Stage;
let outside: string;
let approverKey: string;
let technicianKey: string;

beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), "groundswell-images-"));
  stage = await setStage({ seed: 7, devices: 12, factor: 60, originMs: ORIGIN_MS, broker: "embedded", onPart: () => undefined });
  approverKey = keyFile("approver.json", stage.approver);
  technicianKey = keyFile("technician.json", stage.technician);
});
afterAll(async () => {
  await stage?.close();
  rmSync(outside, { recursive: true, force: true });
});

function keyFile(name: string, { key: { kid, publicKey, key } }: Stage["approver"]): string {
  const file = join(outside, name);
  const { d } = key.export({ format: "jwk" });
  writeFileSync(file, JSON.stringify({ schema: "groundswell.key/1", kid, publicKey, privateKey: d }), { mode: 0o600 });
  return file;
}

const cli = (...argv: readonly string[]) => run([...argv, "--socket", stage.socket], { clock: systemClock() });
/** Signed, over MQTT. */
const signed = (key: string, ...argv: readonly string[]) =>
  run([...argv, "--broker", stage.brokerUrl, "--site", stage.siteId, "--key", key], {
    clock: { ...systemClock(), nowMs: () => stage.clock.nowMs() },
  });
const remote = (...argv: readonly string[]) => signed(approverKey, ...argv);
// biome-ignore lint/suspicious/noExplicitAny: documents of many shapes, each judged by what is expected of it
const documentOf = ({ json }: Pick<Awaited<ReturnType<typeof run>>, "json">): any => json();
const json = async (...argv: readonly string[]) => documentOf(await cli(...argv, "--json"));

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 300; left > 0; left--) {
    if (await holds()) return;
    await systemClock().sleep(100);
  }
  throw new Error("it did not come to that");
}

const states = async (id: string): Promise<string[]> =>
  (await json("firmware", "list"))["releases"]
    .find((one: { id: string }) => one.id === id)
    .images.map(({ state }: { state: string }) => state);

test("with the start of a campaign its images come by themselves, over a kill of the daemon, and not before", async () => {
  await until(async () => (await json("firmware", "list"))["releases"].length > 0);
  await until(async () => JSON.stringify(await json("device", "list")).includes("3111-48840-001"));
  const [release] = (await json("firmware", "list"))["releases"].filter(({ models }: { models: string[] }) => models.includes("VVX 450"));
  await until(async () => (await cli("campaign", "plan", release.id, "--model", "VVX 450", "--dry-run")).code === 0);
  // Anybody may plan at the socket: a plan of nobody's, which no other person can approve.
  const nobodys = await json("campaign", "plan", release.id, "--model", "VVX 450");
  const refused = await remote("campaign", "approve", nobodys.plan.campaign, "--plan-hash", nobodys.planHash);
  expect(refused.err).toContain("make it anew with --key");
  const plan = documentOf(await signed(technicianKey, "campaign", "plan", release.id, "--model", "VVX 450", "--json"));
  const { campaign } = plan.plan ?? plan;
  const { planHash, planned } = await json("campaign", "status", campaign);
  const approved = await remote("campaign", "approve", campaign, "--plan-hash", planHash);
  expect([approved.code, approved.err]).toEqual([0, expect.any(String)]);
  expect(await states(release.id)).not.toContain("staged");
  const began = await remote("campaign", "start", campaign, "--plan-hash", planHash, "--confirm-count", String(planned));
  expect([began.code, began.err]).toEqual([0, expect.any(String)]);
  await stage.agent().kill();
  await stage.startAgent();
  await until(async () => (await states(release.id)).includes("staged"));
  await until(async () =>
    (await json("campaign", "status", campaign)).waves.every(
      ({ why, state }: { why?: string; state: string }) => state === "passed" || why !== undefined,
    ),
  );
});
