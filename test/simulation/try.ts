import { runDay } from "./health-day.ts";

const run = await runDay({
  seed: Number(process.argv[2] ?? 1),
  devices: Number(process.argv[3] ?? 100),
  onHour: (h, ms) => console.log("hour", h, Math.round(ms)),
});
console.log({ kills: run.kills, outages: run.brokerOutages, ms: run.realMs, folder: run.folder });
console.log(run.logged.slice(0, 20).join("\n"));
console.log(run.portal.faults());
const book = run.portal.sites[0];
console.log(book?.events.events.length, book?.events.lastNumber, book?.events.repeated, book?.documents.size, book?.sessions, book?.state);
const types = new Map<string, number>();
for (const e of run.portal.events) types.set(e.type, (types.get(e.type) ?? 0) + 1);
console.log(types);

import { brokenPromises } from "./health-day-judge.ts";

console.log("BROKEN", brokenPromises(run));
