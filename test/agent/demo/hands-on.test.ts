import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runHandsOn } from "../../../agent/demo/hands-on.ts";
import { systemClock } from "../../../protocols/core/time.ts";

const OPTIONS = { seed: 1, devices: 12, speed: 20, broker: "embedded", keep: false, json: true };

function setting() {
  const parent = mkdtempSync(join(tmpdir(), "groundswell-hands-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const stop = new AbortController();
  const printed: string[] = [];
  const io = {
    ...{ environment: {}, clock: systemClock(), columns: 120, outIsTerminal: false, errIsTerminal: false },
    out: (text: string) => {
      printed.push(text);
      // It is up: the person ends it.
      stop.abort();
    },
    err: () => undefined,
    stop: stop.signal,
  };
  return { folder: join(parent, "demo-site"), io: io as unknown as Parameters<typeof runHandsOn>[1], printed };
}

test("runHandsOn(): says where everything is once all devices are read, and takes it away at the end", async () => {
  const { folder, io, printed } = setting();
  expect(await runHandsOn({ ...OPTIONS, folder }, io)).toBe(0);
  const [words] = printed.map((line) => JSON.parse(line) as { schema: string; socket: string; keys: string[] });
  expect(words).toMatchObject({ schema: "groundswell.hands-on/1", folder, site: "contoso-zh", socket: join(folder, "agent.sock") });
  expect(existsSync(folder)).toBe(false);
});

test("runHandsOn(): with keep its folder stays, keys for their owner alone", async () => {
  const { folder, io } = setting();
  expect(await runHandsOn({ ...OPTIONS, folder, keep: true }, io)).toBe(0);
  for (const name of ["technician.key", "approver.key", "second-approver.key"]) {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }
});

test("runHandsOn(): a folder that is in use is left alone", async () => {
  const { folder, io, printed } = setting();
  const parent = join(folder, "..");
  writeFileSync(join(parent, "mine"), "mine");
  await expect(runHandsOn({ ...OPTIONS, folder: parent }, io)).rejects.toThrow(/is not empty/);
  expect([existsSync(join(parent, "mine")), printed]).toEqual([true, []]);
});
