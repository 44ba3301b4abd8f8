import { expect, test } from "vitest";
import { storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const RUN = { id: "r1", networks: ["127.0.5.0/24"], exclude: ["127.0.5.9"], seed: 7, light: false, startedAtMs: T0 };
const STATE = { position: 12, waiting: ["127.0.5.3"], found: 2, spared: 1, byFamily: { "uc-phone": 2 } };

test("sweeps: what was begun and how far it came is there after a restart", () => {
  const folder = temporaryFolder();
  const before = storeIn(folder);
  before.sweeps.begin(RUN);
  before.sweeps.advance("r1", STATE);
  before.close();
  expect(storeIn(folder).sweeps.unfinished()).toEqual([{ ...RUN, ...STATE }]);
});

test("advance(): never goes back, and changes nothing after the end", () => {
  const { sweeps } = temporaryStore();
  sweeps.begin(RUN);
  sweeps.advance("r1", STATE);
  sweeps.advance("r1", { ...STATE, position: 11, found: 0 });
  expect(sweeps.unfinished()[0]).toMatchObject({ position: 12, found: 2 });
  sweeps.end("r1", "cancelled", T0 + 9);
  sweeps.advance("r1", { ...STATE, position: 99 });
  sweeps.end("r1", "done", T0 + 10);
  expect(sweeps.unfinished()).toEqual([]);
  expect(sweeps.list(1)).toMatchObject([{ position: 12, how: "cancelled", endedAtMs: T0 + 9 }]);
});

test("begin(): ended runs are kept to a bound, unfinished ones always", () => {
  const { sweeps } = temporaryStore();
  sweeps.begin({ ...RUN, id: "open" });
  for (let i = 0; i < 120; i++) {
    sweeps.begin({ ...RUN, id: `r${i}`, startedAtMs: T0 + 1 + i });
    sweeps.end(`r${i}`, "done", T0 + 2 + i);
  }
  expect(sweeps.list(500).length).toBeLessThanOrEqual(101);
  expect(sweeps.unfinished().map(({ id }) => id)).toEqual(["open"]);
});
