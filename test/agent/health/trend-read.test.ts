import { expect, test } from "vitest";
import { cutInto, findTrends, judgeOne } from "../../../agent/health/trend-read.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";
import { rule } from "./rule-kit.ts";

const ONE = deviceId(1);
const HOUR0 = Math.floor(T0 / HOUR) * HOUR;

test("cutInto(): means weigh by their readings, and counters have none", () => {
  const point = (atMs: number, mean: number, count: number) => ({ atMs, mean, count, min: 0, max: 9, last: 0 });
  expect(cutInto([point(0, 1, 1), point(5, 4, 3), point(12, 7, 2)], 10)).toEqual([
    { atMs: 0, value: 3.25, count: 4 },
    { atMs: 10, value: 7, count: 2 },
  ]);
  expect(cutInto([{ atMs: 0, count: 2, last: 5, rise: 1, resets: 0 }], 10)).toEqual([]);
});

test("findTrends(): a contact that gets worse is found from what history keeps; the device beside it is well", () => {
  const store = temporaryStore();
  for (const number of [1, 2]) store.devices.save(device(number, { family: "video-os" }));
  const random = seededRandom(2);
  const samples = Array.from({ length: 24 * 60 }, (_, minute) => {
    const worse = Math.max(0, minute / 60 - 9) / 100;
    return { atMs: HOUR0 + minute * MINUTE, reading: { peripheralsMissing: random.next() < worse ? 1 : 0 } };
  });
  store.history.append(samples.map((sample) => ({ device: ONE, ...sample })));
  store.history.append(samples.map(({ atMs }) => ({ device: deviceId(2), atMs, reading: { peripheralsMissing: 0 } })));
  const devices = [1, 2].map((number) => ({ id: deviceId(number), family: "video-os" as const }));
  const found = findTrends({ devices, rules: [rule("partDropping")], nowMs: HOUR0 + DAY + MINUTE }, store.history);
  expect(found).toEqual([
    { device: ONE, rule: "partDropping", seen: "bad", words: expect.stringContaining("ever more often: from 0 % to") },
  ]);
});

test("findTrends(): a rule of another family is not looked at", () => {
  const store = temporaryStore();
  const ask = { devices: [{ id: ONE, family: "switch" as const }], rules: [rule("partDropping")], nowMs: T0 };
  expect(findTrends(ask, store.history)).toEqual([]);
});

test("judgeOne(): restarts and changes of lines are counted within their own time, read once", () => {
  const store = temporaryStore();
  store.devices.save(device(1));
  const readings = Array.from({ length: 12 * 60 }, (_, i) => ({
    device: ONE,
    atMs: T0 + i * 2 * MINUTE,
    reading: { uptimeSeconds: (i % 200) * 120, registeredLines: i > 700 ? i % 2 : 2 },
  }));
  store.history.append(readings);
  let windows = 0;
  const counting = {
    ...store.history,
    window: (...ask: Parameters<typeof store.history.window>) => {
      windows++;
      return store.history.window(...ask);
    },
  };
  const found = judgeOne(ONE, [rule("linesFlapping"), rule("restartsOften")], T0 + DAY, counting);
  expect([...found.values()].map(({ words }) => words)).toEqual([
    "lines come and go: 19 changes within 6 h",
    "restarted 3 times within 1 d",
  ]);
  expect(windows).toBe(1);
});

test("judgeOne(): memory that grew before the last start says nothing", () => {
  const store = temporaryStore();
  store.devices.save(device(1));
  const day0 = Math.floor(T0 / DAY) * DAY;
  const append = (upSinceDay: number): void =>
    store.history.append(
      Array.from({ length: 14 * 24 }, (_, hour) => ({
        device: ONE,
        atMs: day0 + hour * HOUR,
        reading: { memoryRatio: 0.6 + (0.012 * hour) / 24, uptimeSeconds: Math.max(0, hour - upSinceDay * 24) * 3_600 },
      })),
    );
  append(0);
  const judged = () => judgeOne(ONE, [rule("memoryCreeps")], day0 + 14 * DAY + HOUR, store.history).get("memoryCreeps")?.seen;
  expect(judged()).toBe("bad");
  append(10);
  expect(judged()).toBe("untold");
});
