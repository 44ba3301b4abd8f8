/** What the agent really answers, as people are shown it. */
import { expect, test } from "vitest";
import { linesOf, textOf } from "../../../agent/config-watch/canonical.ts";
import { PARTS, release } from "../../firmware/waves/builders.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { KEYS } from "../config-watch/kit.ts";
import { adviceBench, R573, R598, vvx } from "../firmware/advice-kit.ts";
import { agent, done } from "./agent.ts";

const x50 = (number: number, changes: Parameters<typeof vvx>[1] = {}) =>
  vvx(number, { model: "VVX 450", partNumber: PARTS["VVX 450"], running: "6.4.6.2494", updater: "6.4.6.2494", ...changes });

function site() {
  const devices = [
    vvx(1),
    x50(2),
    x50(3, { availability: "offline" }),
    x50(4, { running: "6.4.8.1190" }),
    x50(5, { partNumber: "3111-48820-001" }),
  ];
  const bench = adviceBench([R598, R573, release({ advisories: ["ACME-1"] })], devices);
  const lines = linesOf([{ key: "tcpIpApp.ice.mode", value: "Standard" }], KEYS);
  bench.store.configs.begin({
    device: deviceId(2),
    source: "backup",
    atMs: T0,
    text: textOf(lines),
    settings: 1,
    cause: { kind: "first" },
  });
  return bench;
}

test("firmware path: the agent's own answer", async () => {
  const outcome = await site().path("Phone 1", R598.id);
  const { out, code } = await (await agent({ "firmware.path": done(outcome.ok ? outcome.result : {}) })).run([
    "firmware",
    "path",
    "Phone 1",
    R598.id,
  ]);
  expect(code).toBe(0);
  expect(out).toMatch(
    /2 steps:[\s\S]*1: the release states it from 5\.5\.2 to 5\.7\.2\.99999[\s\S]*Why not at once: not from 5\.5\.2\.8571 to 5\.9\.8\.5760/,
  );
});

test("firmware advisories: the agent's own answers, all, one, and the plans", async () => {
  const bench = site();
  const ran = async (advisory: string | undefined, ...more: readonly string[]) =>
    (await agent({ "firmware.advisories": done(await bench.advisories(advisory)) })).run([
      ...["firmware", "advisories", ...(advisory === undefined ? [] : [advisory])],
      ...more,
    ]);
  const all = await ran(undefined);
  expect(all.out).toMatch(/CVE-2026-0826 +3 +0 +1 +ucs-6\.4\.8 /);
  expect(all.out).toMatch(/ACME-1 +3 +0 +1 +ucs-6\.4\.8 +Named by UC Software 6\.4\.8 \(the partner's own\)/);
  const one = await ran("CVE-2026-0826");
  expect(one.out).toMatch(/Phone 2 +VVX 450 +6\.4\.6\.2494 +affected +yes +6\.4\.8\.1190 \(ucs-6\.4\.8\)\n/);
  expect(one.out).toContain("2 devices cannot be fixed now:\n  Phone 3: it does not answer");
  expect(one.out).toContain("Phone 5: part number 3111-48820-001 belongs to VVX 250, not VVX 450; lifted by: find out");
  expect((await ran("acme-1")).out).toContain(
    "Named by ucs-6.4.8\n  Devices of their models that run something older are taken for affected [uncertain]\n",
  );
  const plans = await ran("CVE-2026-0826", "--propose");
  expect(plans.out).toContain('\ngroundswell campaign plan ucs-6.4.8 --model "VVX 450"\n');
});
