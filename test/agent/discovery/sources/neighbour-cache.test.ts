import { expect, test } from "vitest";
import { neighbourCache, neighboursIn } from "../../../../agent/discovery/sources/neighbour-cache.ts";

test("neighboursIn(): who was heard of, without link-local addresses and those that failed", () => {
  const printed = JSON.stringify([
    { dst: "fd00::7", dev: "eth0", lladdr: "64:16:7f:aa:bb:cc", state: ["REACHABLE"] },
    { dst: "fe80::7", dev: "eth0", lladdr: "64:16:7f:aa:bb:cc", router: null, state: ["STALE"] },
    { dst: "fd00::8", dev: "eth0", state: ["FAILED"] },
    { dst: "fd00::9", dev: "eth0" },
  ]);
  expect(neighboursIn(printed)).toEqual(["fd00::7", "fd00::9"]);
});

test.each(["", "fd00::7 dev eth0 REACHABLE", "{}", '[{"dst":"10.0.0.1"}]'])("neighboursIn(): %j is nobody", (printed) => {
  expect(neighboursIn(printed)).toEqual([]);
});

test("neighbourCache(): answers on this host, whatever it knows", async () => {
  expect(Array.isArray(await neighbourCache())).toBe(true);
});
