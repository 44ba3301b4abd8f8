import { expect, test } from "vitest";
import { endTasksOf, tasksThatEnd } from "../../../agent/campaigns/unit-gone.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceId } from "../../store/temporary.ts";
import { kit, move, started, taskRow, toCommanded, toLost, toSucceeded } from "./kit.ts";

function bench() {
  const made = kit({ policy: { canaryCount: 1, soak: "1m", atRiskMax: 3 } });
  const { id } = started(made);
  const goes = (number: number): void => {
    const gone = { device: deviceId(number), by: "doe", why: "swapped for 64:16:7f:00:00:09", atMs: made.clock.nowMs() };
    made.store.transaction(() => endTasksOf(gone, { store: made.store, drive: made.drive }));
  };
  return { ...made, id, goes, at: (number: number) => taskRow(made, id, number).state };
}

test("endTasksOf(): I23 a lost unit that is swapped is written off, and frees only its own slot", async () => {
  const made = bench();
  move(made, made.id, 1, toLost("token-01"));
  move(made, made.id, 2, toLost("token-02"));
  await made.clock.advance(MINUTE);
  made.goes(1);
  expect(made.at(1)).toEqual({ at: "skipped", why: "swapped for 64:16:7f:00:00:09", by: "doe", leg: 0 });
  expect(made.at(2)).toMatchObject({ at: "lost" });
  expect(made.store.reservations.all().map(({ device }) => device)).toEqual([deviceId(2)]);
  expect(made.store.tasks.history(taskRow(made, made.id, 1).id).at(-1)?.event).toMatchObject({ kind: "writtenOffByPerson", by: "doe" });
});

test("endTasksOf(): one that waits is left out, and one that has succeeded stays what it is", () => {
  const made = bench();
  move(made, made.id, 2, toSucceeded("token-02"));
  made.goes(2);
  made.goes(3);
  expect([made.at(2).at, made.at(3).at, made.at(1).at]).toEqual(["succeeded", "skipped", "planned"]);
});

test("tasksThatEnd(): I7 what is in hand is not among them: it is watched to its end", () => {
  const made = bench();
  move(made, made.id, 1, toCommanded("token-01"));
  expect(tasksThatEnd(deviceId(1), made.store)).toEqual([]);
  made.goes(1);
  expect(made.at(1).at).toBe("commanded");
});
