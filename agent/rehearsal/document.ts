/** The report of a rehearsal, as `--json` prints it. */
import * as z from "zod";

const outage = z.strictObject({ devices: z.int(), phones: z.int(), rooms: z.int(), darkRooms: z.int() });
const moment = z.iso.datetime().nullable();

const scenario = z.strictObject({
  misbehaviour: z.string().nullable().describe("null: every device behaves"),
  says: z.string(),
  share: z.number().min(0).max(1),
  devices: z.int().describe("that have the misbehaviour"),
  plays: z.int(),
  ended: z.int().describe("plays in which every wave passed"),
  finishP50: moment,
  finishP90: moment,
  windowsP50: z.int().describe("windows in which something was commanded"),
  windowsP90: z.int(),
  counts: z.record(z.string(), z.int()).describe("devices by how they ended; the middle of all plays"),
  touched: z.int().describe("devices that were sent a command"),
  hurt: z.int().describe("devices left failed or lost and not seen well again"),
  asked: z.int().describe("how often a person was asked because the policy says so, and said yes"),
  interrupted: z.int().describe("calls that an update cut off, over all plays"),
  worst: outage.describe("the most that was down at once because of the campaign, over all plays"),
  domains: z.array(
    z.strictObject({ id: z.string(), kind: z.string(), away: z.int(), members: z.int(), minUp: z.int().describe("that must stay up") }),
  ),
  waves: z.array(z.strictObject({ index: z.int(), devices: z.int(), passed: z.int(), startP50: moment, endP50: moment, endP90: moment })),
  stops: z.array(
    z.strictObject({
      gate: z.string().nullable().describe("null: no gate; nothing moved any more"),
      wave: z.int(),
      why: z.string(),
      plays: z.int(),
      touched: z.int(),
      failed: z.int(),
    }),
  ),
});

export const rehearsalSchema = z.strictObject({
  schema: z.literal("groundswell.rehearsal/1"),
  simulated: z.literal(true),
  campaign: z.string(),
  planHash: z.string(),
  site: z.string(),
  zone: z.string().describe("of the site's calendar"),
  seed: z.int(),
  runs: z.int(),
  release: z.strictObject({ id: z.string(), title: z.string(), version: z.string() }),
  devices: z.int(),
  waves: z.array(z.strictObject({ index: z.int(), devices: z.int() })),
  startsAt: z.iso.datetime(),
  planned: z.strictObject({ bound: outage, laid: outage, finishP90: z.iso.datetime() }),
  known: z.strictObject({ usage: z.int().describe("devices whose place's use was learned"), offline: z.int() }),
  scenarios: z.array(scenario),
  cannotKnow: z.array(z.string()),
});

export type RehearsalDocument = Omit<z.infer<typeof rehearsalSchema>, "cannotKnow"> & { readonly cannotKnow: readonly string[] };
export type ScenarioDocument = z.infer<typeof scenario>;
