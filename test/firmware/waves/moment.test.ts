import { expect, test } from "vitest";
import { momentary } from "../../../firmware/waves/moment.ts";
import type { DriveStore } from "../../../firmware/waves/ports.ts";
import { CAMPAIGN, candidate } from "./builders.ts";
import { fakeDrive } from "./fake-drive.ts";

/** Counts what reaches the rows. */
function counted() {
  const fake = fakeDrive([candidate(1), candidate(2)]);
  const asked: Record<string, number> = {};
  const count =
    <A extends readonly unknown[], R>(name: string, ask: (...about: A) => R) =>
    (...about: A): R => {
      asked[name] = (asked[name] ?? 0) + 1;
      return ask(...about);
    };
  const { store } = fake;
  const plain: DriveStore = {
    ...store,
    campaigns: count("campaigns", store.campaigns),
    tasks: count("tasks", store.tasks),
    atRisk: count("atRisk", store.atRisk),
    company: count("company", store.company),
    state: count("state", store.state),
    imageStaged: count("imageStaged", store.imageStaged),
    waves: count("waves", store.waves),
    unfinished: count("unfinished", store.unfinished),
    judged: count("judged", store.judged),
    catalogue: count("catalogue", store.catalogue),
  };
  const read = (rows: DriveStore) => [
    ...[rows.campaigns(), rows.tasks(CAMPAIGN), rows.atRisk(), rows.company(), rows.state(CAMPAIGN), rows.imageStaged("a")],
    ...[rows.waves(CAMPAIGN), rows.unfinished(CAMPAIGN, 1), rows.judged(CAMPAIGN, 1), rows.catalogue(fake.plan)],
  ];
  return { fake, asked, ...momentary(plain), read };
}
const NAMES = ["campaigns", "tasks", "atRisk", "company", "state", "imageStaged", "waves", "unfinished", "judged", "catalogue"];
const ONCE = Object.fromEntries(NAMES.map((name) => [name, 1]));
const TWICE = Object.fromEntries(NAMES.map((name) => [name, 2]));

test("momentary(): the same questions in one moment reach the rows once, and give the same answers", () => {
  const { asked, rows, during, read, fake } = counted();
  during(() => expect(read(rows)).toEqual(read(rows)));
  expect(asked).toEqual(ONCE);
  expect(read(rows)).toEqual(read(fake.store));
});

test("momentary(): outside of a moment every question reaches the rows, after one that broke too", () => {
  const { asked, rows, during, read } = counted();
  expect(() =>
    during(() => {
      read(rows);
      throw new Error("broken");
    }),
  ).toThrow("broken");
  read(rows);
  expect(asked).toEqual(TWICE);
});

test("momentary(): a write forgets what was read before it, and within it", () => {
  const { asked, rows, during, read, fake } = counted();
  const [task] = fake.store.tasks(CAMPAIGN);
  const planned = fake.plan.tasks[0];
  if (task === undefined || planned === undefined) throw new Error("no task");
  during(() => {
    read(rows);
    rows.together(() => {
      expect(rows.tasks(CAMPAIGN)[0]?.state.at).toBe("planned");
      rows.applyTask({ row: task, planned, event: { kind: "imageStaged" }, next: { at: "staged", tries: 0, leg: 0 }, atMs: 0 });
      expect(rows.tasks(CAMPAIGN)[0]?.state.at).toBe("staged");
    });
    read(rows);
  });
  expect(asked["tasks"]).toBe(4);
});
