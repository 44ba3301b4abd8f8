/**
 * Every device of a site is found, each once, though its wiring tells less, or other, than the truth: against the site's own list,
 * through real sockets, in two passes between which phones are plugged in elsewhere. `npm run bench -- once` does it with 10,000.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SimDevice } from "../../../fixtures/site/device.ts";
import { ODDITIES } from "../../../fixtures/site/plan-oddities.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { against, finder, type Passes, twoPasses } from "../../support/two-passes.ts";

/** Every model twice over, on nine switches of every make and a router. */
const DEVICES = 240;

let folder: string;
let passes: Passes;
const rowsOf = (device: SimDevice, rows: readonly DeviceRow[]): readonly DeviceRow[] => finder(rows)(device);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "groundswell-once-"));
  passes = await twoPasses({ devices: DEVICES, mix: "every", folder });
});
afterAll(async () => {
  await passes.close();
  rmSync(folder, { recursive: true, force: true });
});

test.each(["firstPass", "secondPass"] as const)("after the %s every device of the site is found, each once, and nothing else", (which) => {
  expect(against(passes.running, passes[which])).toEqual({ missing: [], extra: [] });
});

test("the site has every oddity, and phones with PCs behind them", () => {
  expect(new Set(passes.odd.values())).toEqual(new Set(ODDITIES));
  expect(
    passes.secondPass.filter(({ switchPort }) => (switchPort?.behind ?? []).some((mac) => mac.startsWith("3c5282"))).length,
  ).toBeGreaterThan(5);
  expect(passes.moved.length).toBeGreaterThan(4);
});

test("whoever answers has its own address, whatever LLDP says of it", () => {
  const wrong = passes.running.site.devices
    .filter((device) => passes.odd.get(device) === "stale" || passes.odd.get(device) === "duplicate")
    .flatMap((device) => rowsOf(device, passes.secondPass).filter(({ address }) => address !== device.address))
    .map(({ id, address }) => `${id} at ${address}`);
  expect(wrong).toEqual([]);
});

test("two phones on one port are two, on that port", () => {
  for (const device of [...passes.odd].flatMap(([each, oddity]) => (oddity === "paired" ? [each] : []))) {
    const [row] = rowsOf(device, passes.secondPass);
    const others = passes.secondPass.filter(
      ({ id, switchPort }) =>
        id !== row?.id && switchPort?.name === row?.switchPort?.name && switchPort?.switchAddress === row?.switchPort?.switchAddress,
    );
    expect(others.length, device.mac).toBeGreaterThan(0);
  }
});

test("who only its switch knows has a port and a model", () => {
  for (const device of [...passes.odd].flatMap(([each, oddity]) => (oddity.startsWith("closed") ? [each] : []))) {
    expect(rowsOf(device, passes.secondPass)[0]?.switchPort?.switchAddress, device.mac).toBe(device.switchAddress);
  }
});

test("a phone that was plugged in elsewhere is the same one, on its new port", () => {
  for (const device of passes.moved) {
    const [before] = rowsOf(device, passes.firstPass);
    const [after] = rowsOf(device, passes.secondPass);
    expect([after?.id, after?.switchPort?.switchAddress], device.mac).toEqual([before?.id, device.switchAddress]);
    expect(after?.switchPort?.name, device.mac).not.toBe(before?.switchPort?.name);
  }
});
