import { expect, test } from "vitest";
import { noteCampaign, noteTask } from "../../../agent/config-watch/run.ts";
import type { ConfigWatch } from "../../../agent/config-watch/watch.ts";
import { deviceId } from "../../store/temporary.ts";

function bench() {
  const said: string[] = [];
  const watch = {
    want: (devices: readonly string[], why: string) => void said.push(`want ${devices.join()}: ${why}`),
    wantBefore: (devices: readonly string[], why: string) => void said.push(`before ${devices.join()}: ${why}`),
  } as unknown as ConfigWatch;
  return { watch, said };
}

const ONE = deviceId(1);
const to = (at: string) => ({ row: { device: ONE }, next: { at } }) as never;

test.each([
  ["staged", [`before ${ONE}: before an update`]],
  ["held", [`before ${ONE}: before an update`]],
  ["succeeded", [`want ${ONE}: after an update`]],
  ["failed", [`want ${ONE}: after an update`]],
  ["applying", []],
  ["verifying", []],
])("noteTask(): %s", (at, wanted) => {
  const { watch, said } = bench();
  noteTask(watch, to(at));
  expect(said).toEqual(wanted);
});

test("noteCampaign(): its start alone, with all its devices", () => {
  const { watch, said } = bench();
  noteCampaign(watch, { kind: "started", by: "anna" }, () => [ONE, deviceId(2)]);
  noteCampaign(watch, { kind: "pausedBy" } as never, () => expect.fail("not asked"));
  expect(said).toEqual([`before ${ONE},${deviceId(2)}: before an update`]);
});
