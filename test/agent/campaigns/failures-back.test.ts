import { expect, test } from "vitest";
import { failureFacts } from "../../../agent/campaigns/failures.ts";
import { OLD } from "../../firmware/waves/way-back-kit.ts";
import { goingBack, toBack, toLostAgain } from "./back-kit.ts";
import { move, phone } from "./kit.ts";

test("failureFacts(): a failure that was taken back is well again on the version before it, not while it is only under way there", () => {
  const bench = goingBack();
  const factOf = () => failureFacts(bench.store).find(({ campaign }) => campaign === bench.up);
  expect(factOf()).toMatchObject({ cause: "lost", from: OLD });
  bench.store.devices.save(phone(2, { running: OLD, availability: "online", lastSeenMs: bench.clock.nowMs() + 60_000 }));
  move(bench, bench.down, 2, toBack("down-2").slice(0, 4));
  expect(factOf()).not.toHaveProperty("recovered");
  move(bench, bench.down, 2, toBack("down-2").slice(4));
  expect(factOf()).toMatchObject({ cause: "lost", recovered: { proof: expect.stringContaining("read:") } });
});

test("failureFacts(): one that fails on its way back is a failure of the rollback, over the step down", () => {
  const bench = goingBack();
  move(bench, bench.down, 1, toLostAgain("down-1"));
  expect(failureFacts(bench.store).filter(({ campaign }) => campaign === bench.down)).toMatchObject([
    { cause: "lost", to: OLD, fault: "gone again" },
  ]);
});
