/**
 * `groundswell audit list|verify`: who did what, and is the chain whole.
 */

import type { Command } from "commander";
import type * as z from "zod";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, printDocument, type Runner, readsJson, whole, withGlobals } from "./command.ts";
import { textOf } from "./device-view.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import type { Column } from "./output.ts";
import { auditSchema, auditVerifySchema, readForPeople, readResult } from "./results.ts";
import { counted, whenFor } from "./show.ts";

export function addAudit(program: Command, run: Runner): void {
  const audit = program.command("audit").description("who did what, in a chain that shows every change to it");
  withGlobals(audit.command("list").description("entries of the audit"))
    .option("--after <seq>", "only entries after this number", whole(0, 1e15))
    .option("--limit <n>", "at most this many, up to 500", whole(1, 500))
    .action(run(listAudit));
  withGlobals(audit.command("verify").description("recalculate the whole chain; exit 1 where it is broken")).action(run(verifyAudit));
}

type Entry = z.infer<typeof auditSchema>["entries"][number];

async function listAudit(cli: Cli, { after, limit }: { readonly after?: number; readonly limit?: number }): Promise<number> {
  const args = { ...(after === undefined ? {} : { after }), ...(limit === undefined ? {} : { limit }) };
  const { result } = await cli.doors.ask("audit.list", args);
  const { entries } = readResult(auditSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const columns: readonly Column<Entry>[] = [
    { title: "NO", of: ({ seq }) => String(seq), align: "right" },
    { title: "WHEN", of: ({ at }) => when(at) },
    { title: "WHO", of: ({ actor }) => actor },
    { title: "WHAT", of: ({ action }) => action },
    { title: "ON", of: ({ subject }) => subject ?? "" },
    { title: "DETAIL", of: ({ detail }) => detailText(detail) },
  ];
  printList(cli, { result, schema: "groundswell.audit/1", rowSchema: "groundswell.audit-row/1" }, entries, {
    columns,
    empty: after === undefined ? "Nothing has been done yet." : `Nothing has been done since entry ${after}.`,
  });
  return EXIT.done;
}

/** `door socket, code done`: for people, in the order the agent wrote it. */
function detailText(detail: unknown): string {
  if (typeof detail !== "object" || detail === null) return textOf(detail);
  return Object.entries(detail)
    .map(([name, value]) => `${name} ${textOf(value)}`)
    .join(", ");
}

async function verifyAudit(cli: Cli): Promise<number> {
  const { result } = await cli.doors.ask("audit.verify");
  const { ok, count, head, atSeq, why } = readForPeople(auditVerifySchema, result);
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.audit-verify/1", ...(result as object) });
  else {
    const text = ok
      ? `The audit is whole: ${counted(count ?? 0, "entry", "entries")}, head ${head ?? ""}`
      : `The audit is broken${typeof atSeq === "number" ? ` at entry ${atSeq}` : ""}: ${why ?? "no reason given"}. Keep the database as it is and call the partner.`;
    cli.out.one("groundswell.audit-verify/1", {}, text.trimEnd());
  }
  return ok ? EXIT.done : EXIT.failed;
}
