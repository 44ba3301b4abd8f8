import { expect, test } from "vitest";
import { wholeHistory } from "../../../agent/cli/device-history-pages.ts";

const HEAD = { from: "2026-11-22T00:00:00.000Z", to: "2026-11-23T00:00:00.000Z", resolution: "5m", stepSeconds: 300, name: "Reception" };
const series = (reading: string, ...points: number[]) => ({ reading, kind: "gauge", points });

function answering(...pages: readonly object[]) {
  const asked: object[] = [];
  const ask = async (args: object) => ({ result: pages[asked.push(args) - 1] });
  return { asked, ask };
}

test("wholeHistory(): goes on with the end of each answer, over the time of the first, and puts a reading together that was cut", async () => {
  const { asked, ask } = answering(
    { ...HEAD, series: [series("mos", 1), series("cpuRatio", 1, 2)], next: "cpuRatio x" },
    { ...HEAD, series: [series("cpuRatio", 3), series("inCall", 1)], next: "inCall y" },
    { ...HEAD, series: [series("rxPackets", 1)] },
  );
  expect(await wholeHistory(ask, { device: "a", last: "1d", points: 2_000 })).toEqual({
    ...HEAD,
    series: [series("mos", 1), series("cpuRatio", 1, 2, 3), series("inCall", 1), series("rxPackets", 1)],
  });
  const { from, to } = HEAD;
  expect(asked).toEqual([
    { device: "a", last: "1d", points: 2_000 },
    { device: "a", points: 2_000, from, to, after: "cpuRatio x" },
    { device: "a", points: 2_000, from, to, after: "inCall y" },
  ]);
});

test("wholeHistory(): one that was summed up meanwhile is not mixed", async () => {
  const { ask } = answering(
    { ...HEAD, series: [series("mos", 1)], next: "mos x" },
    { ...HEAD, resolution: "1h", stepSeconds: 3_600, series: [] },
  );
  await expect(wholeHistory(ask, { device: "a" })).rejects.toThrow("The history was summed up while it was read");
});
