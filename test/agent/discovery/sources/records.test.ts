import { expect, test } from "vitest";
import { createRecords, type RecordSource, type Taken } from "../../../../agent/discovery/sources/records.ts";
import { createLog } from "../../../../agent/log.ts";
import type { Fault } from "../../../../protocols/core/fault.ts";
import { manualClock } from "../../../../protocols/core/time.ts";

const never = new AbortController().signal;
const AWAY: Fault = { kind: "unreachable", via: "dhcp", detail: 'cannot read "/x": not allowed' };

function bench(...answers: readonly (readonly Taken[])[]) {
  const clock = manualClock(100);
  const logged: string[] = [];
  const log = createLog({ level: "info", pretty: false, write: (line) => logged.push(line) });
  const sources = answers.map((list, i): RecordSource => {
    const left = [...list];
    return { name: i === 0 ? "dhcp /a" : "lens", take: async () => left.shift() ?? { listed: 0, devices: 0 } };
  });
  return { records: createRecords(sources, { clock, log }), clock, logged };
}

test("take(): one that cannot be read stops nobody else, and the answer tells of both", async () => {
  const { records } = bench([{ fault: AWAY }], [{ listed: 3, devices: 2 }]);
  expect(await records.take("", never)).toEqual([
    { source: "dhcp /a", atMs: 100, listed: 0, devices: 0, unreadable: 0, fault: AWAY, failingSinceMs: 100 },
    { source: "lens", atMs: 100, listed: 3, devices: 2, unreadable: 0 },
  ]);
  expect(records.states).toHaveLength(2);
});

test("take(): only the sources that are meant are read", async () => {
  const { records } = bench([{ listed: 1, devices: 1 }], [{ listed: 3, devices: 2 }]);
  expect((await records.take("lens", never)).map(({ source }) => source)).toEqual(["lens"]);
  expect(records.states.map(({ source }) => source)).toEqual(["lens"]);
});

test("states: after a fault the last good counts stay, with since when it fails; the log tells it once", async () => {
  const { records, clock, logged } = bench([
    { listed: 9, devices: 4, unreadable: 1 },
    { fault: AWAY },
    { fault: AWAY },
    { listed: 8, devices: 4 },
  ]);
  await records.take("dhcp", never);
  await clock.advance(10);
  await records.take("dhcp", never);
  await clock.advance(10);
  await records.take("dhcp", never);
  expect(records.states).toEqual([
    { source: "dhcp /a", atMs: 120, listed: 9, devices: 4, unreadable: 1, fault: AWAY, failingSinceMs: 110 },
  ]);
  expect(logged.filter((line) => line.includes("not allowed"))).toHaveLength(1);
  await records.take("dhcp", never);
  expect(records.states).toEqual([{ source: "dhcp /a", atMs: 120, listed: 8, devices: 4, unreadable: 0 }]);
});
