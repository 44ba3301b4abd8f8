/** Whatever is seen after a person decided, in whatever order: the decision holds. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sighting } from "../../../protocols/core/device.ts";
import { deviceId, type Story, story } from "./stories.ts";

const anySeen = fc.record({
  number: fc.constantFrom(1, 2),
  serial: fc.constantFrom("S-1", "S-2", undefined),
  source: fc.constantFrom<Sighting["source"]>("device", "lldp", "dhcp", "lens", "sip"),
  address: fc.constantFrom("10.20.0.1", "10.20.0.2"),
});
const RUNS = { numRuns: 25 };

function afterwards(
  told: Story,
  seen: readonly { number: number; serial: string | undefined; source: Sighting["source"]; address: string }[],
): void {
  for (const { number, serial, source, address } of seen) told.see(number, serial === undefined ? {} : { serial }, { source, address });
}

async function twins(): Promise<Story> {
  const told = story();
  for (const number of [1, 2]) told.see(number, { serial: "S-1" });
  return told;
}

test("merged, they stay one; undone, each is there again whatever came in between", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anySeen, { maxLength: 8 }), async (seen) => {
      const told = await twins();
      const { decision } = await told.say("device.merge", { device: deviceId(1), other: deviceId(2), dryRun: false });
      afterwards(told, seen);
      expect(told.store.devices.list().map(({ id }) => id)).toEqual([deviceId(1)]);
      await told.say("device.undo", { decision: String(decision), dryRun: false });
      expect(told.store.devices.list().map(({ id, mac }) => [id, `d-${mac}`])).toEqual(
        [1, 2].map((number) => [deviceId(number), deviceId(number)]),
      );
      told.store.close();
    }),
    RUNS,
  );
});

test("split, they stay two and quarrel over no serial", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anySeen, { maxLength: 8 }), async (seen) => {
      const told = await twins();
      await told.say("device.split", { device: deviceId(1), other: deviceId(2), dryRun: false });
      afterwards(told, seen);
      expect(told.store.devices.list().map(({ id }) => id)).toEqual([1, 2].map(deviceId));
      expect(told.store.conflicts.list("open", 9).filter(({ kind }) => kind === "serial")).toEqual([]);
      told.store.close();
    }),
    RUNS,
  );
});
