/** `groundswell campaign explain DEVICE`: why not yet. */
import * as z from "zod";
import { agentNowMs } from "./agent-clock.ts";
import { joinedSchema, joinedText } from "./campaign-joined.ts";
import { type Cli, printDocument, readsJson } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { usedColumns } from "./lists.ts";
import { renderTable } from "./output.ts";
import { readForPeople } from "./results.ts";
import { whenFor } from "./show.ts";

const maybe = z.string().nullish();
const explainSchema = z.object({
  name: z.string(),
  campaign: z.string(),
  state: z.string(),
  at: maybe,
  wave: z.number().nullish(),
  reasons: z.array(z.object({ code: z.string(), why: z.string(), since: maybe, until: maybe, endedBy: maybe })),
  joinedLater: joinedSchema.nullish(),
});

export async function explainDevice(
  cli: Cli,
  { campaign }: { readonly campaign?: string },
  [device = ""]: readonly string[],
): Promise<number> {
  const { result } = await cli.doors.ask("campaign.explain", { device, ...(campaign === undefined ? {} : { campaign }) });
  if (readsJson(cli)) {
    printDocument(cli, { schema: "groundswell.explain/1", ...(result as object) });
    return EXIT.done;
  }
  const { name, campaign: id, state, at, wave, reasons, joinedLater } = readForPeople(explainSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const place = typeof at === "string" ? `: ${at}${typeof wave === "number" ? ` in wave ${wave}` : ""}` : "";
  const columns = usedColumns<(typeof reasons)[number]>(
    [
      { title: "WHY", of: ({ why }) => why },
      { title: "SINCE", of: ({ since }) => (since ? when(since) : "") },
      { title: "UNTIL", of: ({ until }) => until ?? "" },
      { title: "ENDED BY", of: ({ endedBy }) => endedBy ?? "" },
    ],
    reasons,
  );
  const text = `${name} in campaign ${id} (${state})${place}\n${renderTable(columns, reasons)}${joinedText(joinedLater)}`;
  cli.out.one("groundswell.explain/1", {}, text.trimEnd());
  return EXIT.done;
}
