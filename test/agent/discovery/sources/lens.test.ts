import { expect, test } from "vitest";
import { lensSource } from "../../../../agent/discovery/sources/lens.ts";
import type { Thread } from "../../../../agent/threads/channel.ts";
import type { FieldRequests } from "../../../../agent/threads/requests.ts";
import type { Sighting } from "../../../../protocols/core/device.ts";
import { type Fault, fail, ok, type Result } from "../../../../protocols/core/fault.ts";
import type { DeviceId, Mac } from "../../../../protocols/core/ids.ts";
import type { LensSightings } from "../../../../protocols/lens/inventory.ts";

const MAC = "64167faabbcc" as Mac;
const never = new AbortController().signal;
const seen = (facts: Sighting["facts"]): Sighting => ({ source: "lens", atMs: 5, facts, evidence: [] });

function bench(answer: Result<LensSightings>) {
  const noted: Sighting[] = [];
  const inventory = {
    note(sighting: Sighting) {
      noted.push(sighting);
      return sighting.facts.mac === undefined ? undefined : (`d-${sighting.facts.mac}` as DeviceId);
    },
  };
  const field = { ask: async () => answer } as unknown as Thread<FieldRequests>;
  return { source: lensSource({ field, inventory }), noted };
}

test("lensSource(): every device of the account is noted; those that name nobody are not counted", async () => {
  const { source, noted } = bench(ok({ sightings: [seen({ mac: MAC }), seen({ model: "nobody" })], faults: [] }));
  expect(await source.take(never)).toEqual({ listed: 2, devices: 1 });
  expect(noted).toHaveLength(2);
});

test("lensSource(): Lens that cannot be read is a fault of the answer, and nothing is noted", async () => {
  const fault: Fault = { kind: "denied", via: "lens", credentialId: "lens" };
  const { source, noted } = bench(fail(fault));
  expect(await source.take(never)).toEqual({ fault });
  expect(noted).toEqual([]);
});

test("lensSource(): a part of the list is taken, and said to be one", async () => {
  const fault: Fault = { kind: "unreachable", via: "lens" };
  const { source } = bench(ok({ sightings: [seen({ mac: MAC })], faults: [fault] }));
  expect(await source.take(never)).toEqual({ listed: 1, devices: 1, fault });
});
