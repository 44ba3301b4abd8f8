/**
 * `groundswell coverage attest|verify`: the monthly proof, and whether one is still what was signed. Verifying needs no agent.
 */

import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { reasonOf } from "../config/files.ts";
import { type Cli, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { attestedSchema, pieceSchema } from "./coverage-results.ts";
import { countsText } from "./coverage-view.ts";
import { EXIT } from "./exit-codes.ts";
import { cannotWrite } from "./key.ts";
import { meanwhile } from "./meanwhile.ts";
import { readForPeople, readResult } from "./results.ts";
import { counted, showBytes } from "./show.ts";

export function addAttest(coverage: Command, run: Runner): void {
  withGlobals(coverage.command("attest").description("make the attestation of a month: PDF and signed JSON"))
    .requiredOption("--month <month>", "such as 2026-11; the month that lasts gives one that is not final", monthOf)
    .option("--out <folder>", "write both files there", ".")
    .action(run(attest));
  withGlobals(
    coverage
      .command("verify")
      .argument("<file>", "the JSON of an attestation, or its PDF with the JSON beside it")
      .description("check signature and PDF of an attestation"),
  )
    .option("--pdf <file>", "the PDF, where it is not beside the JSON under its own name")
    .option("--signer <key>", "public key or thumbprint of the agent that must have signed it")
    .action(run(verify));
}

function monthOf(text: string): string {
  if (/^20\d\d-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a month such as "2026-11".');
}

async function attest(cli: Cli, { month, out }: { readonly month: string; readonly out: string }): Promise<number> {
  const folder = await stat(out).catch(() => undefined);
  if (folder?.isDirectory() !== true) throw new CliError(`Cannot write into "${out}": it is no folder`, EXIT.failed);
  const { result } = await meanwhile(cli, cli.doors.ask("coverage.attest", { month }), async () => undefined);
  const made = readForPeople(attestedSchema, result);
  const paths: string[] = [];
  for (const [file, { name, sizeBytes, sha256 }] of [
    ["pdf", made.pdf],
    ["json", made.json],
  ] as const) {
    const bytes = await fetchFile(cli, month, file, sizeBytes);
    const { sha256Of } = await import("../coverage/attest-sign.ts");
    if (sha256Of(bytes) !== sha256) throw new CliError(`"${name}" did not arrive as it was made`, EXIT.failed, "Give the command again.");
    const path = join(out, basename(name));
    await writeFile(path, bytes, { mode: 0o640 }).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
    paths.push(path);
  }
  const { counts, complete } = made;
  const text = [
    `Attestation of ${month}${complete ? "" : " (the month is not over: this one is not final)"}: ${counted(counts.devices, "device")}, ${countsText(counts)}`,
    ...paths.map((path) => `  ${path}`),
    `Check it with: groundswell coverage verify ${paths[1]}`,
  ].join("\n");
  cli.out.one("groundswell.attestation-made/1", { ...(result as object), files: paths }, text);
  return EXIT.done;
}

/** In pieces: over MQTT an answer holds half a megabyte. */
async function fetchFile(cli: Cli, month: string, file: "json" | "pdf", sizeBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let done = 0;
  while (done < sizeBytes) {
    const { result } = await cli.doors.ask("coverage.attestation", { month, file, offset: done });
    const bytes = Buffer.from(readResult(pieceSchema, result).base64, "base64");
    if (bytes.length === 0) throw new CliError("The file grew shorter while it was fetched", EXIT.failed, "Give the command again.");
    pieces.push(bytes);
    done += bytes.length;
    cli.out.progress({ done: Math.ceil(done / 1_000), of: Math.ceil(sizeBytes / 1_000), what: `kB of the ${file.toUpperCase()}` });
  }
  cli.out.settle();
  return Buffer.concat(pieces);
}

async function verify(
  cli: Cli,
  { pdf, signer }: { readonly pdf?: string; readonly signer?: string },
  [file = ""]: readonly string[],
): Promise<number> {
  const { pdfTrouble, verifyAttestation } = await import("../coverage/attest-sign.ts");
  const jsonPath = /\.pdf$/i.test(file) ? file.replace(/\.pdf$/i, ".json") : file;
  const verdict = await verifyAttestation((await read(jsonPath)).toString("utf8"), signer);
  if (!verdict.ok) throw bad(jsonPath, verdict.why);
  const { attestation } = verdict;
  const pdfPath = pdf ?? (jsonPath === file ? join(dirname(jsonPath), basename(attestation.pdf.name)) : file);
  const wrong = pdfTrouble(await read(pdfPath), attestation);
  if (wrong !== undefined) throw bad(pdfPath, wrong);
  const { site, month, signer: by, counts, complete, madeAt } = attestation;
  const body = { ok: true, json: jsonPath, pdf: pdfPath, site: site.id, month, complete, madeAt, signer: by, counts };
  const pinned =
    signer === undefined ? "\n  Compare that key with the agent's own: it is retained in the site's info, or give it with --signer." : "";
  const text = `● The attestation is as it was signed: ${site.name} (${site.id}), ${month}${complete ? "" : ", not final"}, made ${madeAt}\n  ${counted(counts.devices, "device")}: ${countsText(counts)}\n  PDF ${pdfPath}, ${showBytes(attestation.pdf.sizeBytes)}\n  signed by key ${by.kid}${pinned}`;
  cli.out.one("groundswell.attestation-verified/1", body, readsJson(cli) ? "" : text);
  return EXIT.done;
}

function bad(path: string, why: string): CliError {
  return new CliError(
    `"${path}" does not hold: ${why}`,
    EXIT.failed,
    "Ask whoever gave it to you for the file as it was made, or make it anew with: groundswell coverage attest",
  );
}

const FILE_BYTES_MAX = 64 * 1024 * 1024;

async function read(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) throw new CliError(`"${path}" is larger than any attestation`, EXIT.failed);
    return await readFile(path);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(
      `Cannot read "${path}": ${reasonOf(error)}`,
      EXIT.failed,
      "JSON and PDF belong together; name the PDF with --pdf where it lies elsewhere.",
    );
  }
}
