import { expect, test } from "vitest";
import { manualClock } from "../../../protocols/core/time.ts";
import { run } from "./kit.ts";

const io = { clock: manualClock(0), stop: AbortSignal.abort() };

test("sweep: stopped before its end is exit 4, and says how far it came", async () => {
  const ran = await run(["sweep", "127.0.0.0/30", "--json"], io);
  expect([ran.code, ran.json()]).toMatchObject([4, { schema: "groundswell.sweep/1", asked: 0, sightings: [] }]);
  expect(ran.err).toMatch(/^Stopped: 0 of \d addresses asked, no device found, in 0 s\n/m);
});

test("sweep: a range of the internet is asked only where somebody says it is theirs", async () => {
  expect((await run(["sweep", "203.0.113.0/30"], io)).code).toBe(5);
  expect((await run(["sweep", "203.0.113.0/30", "--allow-public"], io)).code).not.toBe(5);
});
