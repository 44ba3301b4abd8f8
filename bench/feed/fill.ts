/** `fill.ts DIRECTORY ROWS`: a store with so many events waiting. */
import { openStore } from "../../store/open.ts";
import { eventOf, T0 } from "./plan.ts";

const PAGE = 2_000;
const [, , directory = "", rows = "0"] = process.argv;
const store = openStore({ directory, nowMs: T0 });
for (let first = 0; first < Number(rows); first += PAGE) {
  store.transaction(() => {
    for (let i = 0; i < PAGE && first + i < Number(rows); i++) store.outbox.add(eventOf(store.outbox.nextSequence()));
  });
}
store.close();
process.stdout.write(`${JSON.stringify({ rows: Number(rows) })}\n`);
