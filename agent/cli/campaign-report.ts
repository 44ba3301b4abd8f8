/**
 * `groundswell campaign report|verify`: what was planned, what was done, what proves it; and whether a file is as it was signed.
 */
import { readFile, stat } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import * as z from "zod";
import { reasonOf } from "../config/files.ts";
import { type Cli, printDocument, type Runner, readsJson, whole, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { placeFile } from "./files.ts";
import { cannotWrite } from "./key.ts";
import { meanwhile } from "./meanwhile.ts";
import { fetchPieces } from "./pieces.ts";
import { reportText } from "./report-text.ts";
import { readResult } from "./results.ts";
import { counted, showBytes } from "./show.ts";

export function addReport(campaign: Command, run: Runner): void {
  withGlobals(
    campaign
      .command("report")
      .argument("[campaign]", "the newest where none is named")
      .description("what was planned, done and proven; of one that still goes, so far"),
  )
    .option("--wave <n>", "only this wave", whole(1, 10_000))
    .option("--out <file>", "write it there: FILE.pdf for people, FILE.json signed", outOf)
    .option("--force", "in place of a file that is there")
    .action(run(report));
  withGlobals(
    campaign.command("verify").argument("<file>", "the JSON of a report").description("check the signature of a campaign's report"),
  )
    .option("--signer <key>", "public key or thumbprint of the agent that must have signed it")
    .action(run(verify));
}

function outOf(text: string): string {
  if (/\.(pdf|json)$/i.test(text)) return text;
  throw new InvalidArgumentError("Expected a name that ends in .pdf or .json.");
}

interface ReportOptions {
  readonly wave?: number;
  readonly out?: string;
  readonly force?: boolean;
}

async function report(cli: Cli, { wave, out, force }: ReportOptions, [campaign]: readonly string[]): Promise<number> {
  const form = out !== undefined && /\.pdf$/i.test(out) ? "pdf" : "json";
  const about = { ...(campaign === undefined ? {} : { campaign }), ...(wave === undefined ? {} : { wave }), form };
  if (out === undefined && force === true) throw new CliError("--force is for a file: name it with --out", EXIT.usage);
  const made = await meanwhile(cli, fetchReport(cli, about), async () => undefined);
  if (out === undefined) return show(cli, made.bytes);
  try {
    await placeFile(out, made.bytes, { replace: force === true });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new CliError(`Cannot write "${out}": it exists`, EXIT.failed, "Give --force to put the new one in its place.");
    throw cannotWrite(out, error);
  }
  const { name, sha256, complete } = made;
  const body = { file: out, form, name, sha256, sizeBytes: made.bytes.length, complete };
  const check = form === "json" ? `\nCheck it with: groundswell campaign verify ${out}` : "";
  cli.out.one(
    "groundswell.campaign-report-made/1",
    body,
    `${out}, ${showBytes(made.bytes.length)}${complete ? "" : "; it is not over: so far"}${check}`,
  );
  return EXIT.done;
}

/** For scripts the document itself, for people what its PDF says. */
async function show(cli: Cli, bytes: Buffer): Promise<number> {
  const { signedReportSchema } = await import("../reports/campaign-sign.ts");
  const parsed = signedReportSchema.safeParse(JSON.parse(bytes.toString("utf8")));
  if (!parsed.success)
    throw new CliError("The agent's report cannot be read", EXIT.failed, "The agent is of another version than this command line.");
  if (readsJson(cli)) {
    printDocument(cli, parsed.data.report);
    return EXIT.done;
  }
  const { reportForPeople } = await import("../reports/campaign-report.ts");
  cli.out.settle();
  cli.io.out(reportText(reportForPeople(parsed.data.report, "notable"), { width: cli.io.columns, colour: cli.out.colour }));
  return EXIT.done;
}

interface Made {
  readonly name: string;
  readonly sha256: string;
  readonly complete: boolean;
  readonly bytes: Buffer;
}

const madeSchema = z.object({ name: z.string(), sha256: z.string(), complete: z.boolean() });

async function fetchReport(cli: Cli, args: Readonly<Record<string, unknown>>): Promise<Made> {
  const named = (first: unknown) => ({ made: readResult(madeSchema, first).sha256 });
  const { bytes, first } = await fetchPieces(cli.doors.ask, { verb: "campaign.report", args, named, what: "report" }, cli.out.progress);
  cli.out.settle();
  const { name, sha256, complete } = readResult(madeSchema, first);
  const { sha256Of } = await import("../coverage/attest-sign.ts");
  if (sha256Of(bytes) !== sha256) throw new CliError("The report did not arrive as it was made", EXIT.failed, "Give the command again.");
  return { name, sha256, complete, bytes };
}

async function verify(cli: Cli, { signer }: { readonly signer?: string }, [file = ""]: readonly string[]): Promise<number> {
  const { REPORT_BYTES_MAX, verifyReport } = await import("../reports/campaign-sign.ts");
  const verdict = await verifyReport(await textOf(file, REPORT_BYTES_MAX), signer);
  if (!verdict.ok)
    throw new CliError(
      `"${file}" does not hold: ${verdict.why}`,
      EXIT.failed,
      "Make it anew with: groundswell campaign report CAMPAIGN --out FILE.json",
    );
  const { report: told, signer: by } = verdict.signed;
  const { campaign, site, madeAt, complete, totals } = told;
  const body = { ok: true, file, site: site.id, campaign, madeAt, complete, signer: by, totals };
  const pinned =
    signer === undefined ? "\n  Compare that key with the agent's own: it is retained in the site's info, or give it with --signer." : "";
  const text = `● The report is as it was signed: ${campaign} of ${site.name} (${site.id}), made ${madeAt}${complete ? "" : ", so far"}\n  ${counted(totals.planned, "device")}\n  signed by key ${by.kid}${pinned}`;
  cli.out.one("groundswell.campaign-report-verified/1", body, text);
  return EXIT.done;
}

async function textOf(file: string, bytesMax: number): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > bytesMax) throw new CliError(`"${file}" is larger than any report of a campaign`, EXIT.failed);
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`Cannot read "${file}": ${reasonOf(error)}`, EXIT.failed);
  }
}
