/** The numbers that stand for names of values inside packed readings, as the file has them. */

import { Bug } from "../../protocols/core/fault.ts";
import { READING_NAMES, type ReadingName } from "../../protocols/core/reading.ts";
import { decoder, text, whole } from "../row.ts";
import type { Row, Sql } from "../sql.ts";

import { NAMES_MAX, type NameTable } from "./pack.ts";

const readName = decoder("names", "number", (row: Row) => [text(row, "name"), whole(row, "number")] as const);

/** Reads the numbers given so far. A name without one is a `Bug` when packed and never met when unpacked. */
export function loadNames(sql: Sql): NameTable {
  const numbers = new Map(sql.all("select name, number from names").map(readName));
  const names = new Map(READING_NAMES.flatMap((name) => (numbers.has(name) ? [[numbers.get(name) as number, name] as const] : [])));
  return {
    numberOf(name: ReadingName) {
      const number = numbers.get(name);
      if (number === undefined) throw new Bug(`Reading name ${name} has no number in this file`);
      return number;
    },
    nameOf: (number) => names.get(number),
  };
}

/** Gives a number to every name of this agent that has none yet. */
export function giveNumbers(sql: Sql): void {
  sql.transaction(() => {
    for (const name of READING_NAMES)
      sql.run("insert into names (number, name) select coalesce(max(number), -1) + 1, @name from names where true on conflict do nothing", {
        name,
      });
  });
  const count = whole(sql.one("select count(*) as count from names") ?? {}, "count");
  if (count > NAMES_MAX) throw new Bug(`${count} names of values were used over time; packed readings have room for ${NAMES_MAX}`);
}
