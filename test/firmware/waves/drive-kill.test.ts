/** The kill switch and the drive: nobody new is commanded in its scope, and who flashes is watched to the end. */
import { expect, test } from "vitest";
import type { Kill } from "../../../firmware/waves/kill.ts";
import { Bug, ok } from "../../../protocols/core/fault.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { candidate, deviceOf, NOW, policy } from "./builders.ts";
import { fakeDrive } from "./fake-drive.ts";

const SITE: Kill = { scope: { kind: "site" }, by: "anna", reason: "smoke", sinceMs: NOW };
const open = () => fakeDrive([candidate(1), candidate(2)], { policy: policy({ canaryCount: 2, atRiskMax: 5, startEvery: "0s" }) });
const [FIRST, SECOND_ONE] = [deviceOf(1), deviceOf(2)];

test("kill switch: I9 I30 who waits is held with the reason, gets no command, and goes on when it is off", async () => {
  const fake = open();
  fake.kills.push(SITE);
  await fake.run(5 * MINUTE, MINUTE);
  for (const id of [FIRST, SECOND_ONE])
    expect(fake.state(id)).toMatchObject({ at: "held", reasons: [{ code: "killed", why: expect.stringContaining("anna: smoke") }] });
  expect(fake.count(/trigger|offer|reserve/)).toBe(0);
  fake.kills.length = 0;
  await fake.run(MINUTE);
  expect(fake.state(FIRST).at).toBe("commanded");
});

test("kill switch: I9 turned while the image is put on offer, nothing is sent, the offer ends and the attempt does not count", async () => {
  const fake = open();
  fake.device(FIRST).offer = () => {
    fake.kills.push(SITE);
    return ok(null);
  };
  await fake.settle();
  expect(fake.count(/trigger/)).toBe(0);
  expect(fake.state(FIRST)).toMatchObject({ at: "held", tries: 0 });
  expect([...fake.offers]).toEqual([]);
});

test("kill switch: a device that flashes is watched to its end", async () => {
  const fake = open();
  await fake.settle();
  fake.imageStarted(FIRST);
  fake.imageDelivered(FIRST);
  await fake.settle();
  expect(fake.state(FIRST).at).toBe("rebooting");
  fake.kills.push(SITE);
  const planned = fake.plan.tasks.find(({ device }) => device === FIRST);
  if (planned === undefined) throw new Bug("no such task");
  fake.device(FIRST).running = planned.legs[0].to;
  await fake.run(20 * MINUTE, 30 * SECOND);
  expect(fake.state(FIRST)).toEqual({ at: "succeeded", how: "updated" });
});
