import { expect, test } from "vitest";
import { openFile } from "../../store/open.ts";
import { addLoad } from "../../store/outbox-load.ts";
import { temporaryFolder } from "./temporary.ts";

test("addLoad(): adds to the row of its kind alone, and goes with the transaction", () => {
  const sql = openFile(`${temporaryFolder()}/load.db`, "FULL");
  sql.exec(
    "create table outbox_load (kind text primary key, waiting integer, bytes integer); insert into outbox_load values ('event', 0, 0), ('health', 0, 0)",
  );
  addLoad(sql, "health", 2, 30);
  addLoad(sql, "health", -1, -10);
  expect(() =>
    sql.transaction(() => {
      addLoad(sql, "event", 1, 1);
      throw new Error("stop");
    }),
  ).toThrow("stop");
  expect(sql.all("select * from outbox_load order by kind")).toEqual([
    { kind: "event", waiting: 0, bytes: 0 },
    { kind: "health", waiting: 1, bytes: 20 },
  ]);
  sql.close();
});
