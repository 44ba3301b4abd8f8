/**
 * The document that says what a file is for: from a file a person wrote, or from options over one file in quarantine.
 */
import * as z from "zod";
import { type Release, releaseSchema } from "../../firmware/release.ts";
import { MINUTE } from "../../protocols/core/time.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import type { FileShown } from "./firmware-results.ts";

export interface DocumentOptions {
  readonly id?: string;
  readonly title?: string;
  readonly family?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly model?: readonly string[];
  readonly part?: readonly string[];
  readonly from?: string;
  readonly reversibility?: string;
}

/** How long an update takes where nobody measured: long enough that no gate calls a slow one failed. Guesses. */
const UNMEASURED = { p50: 6 * MINUTE, p90: 12 * MINUTE, p99: 25 * MINUTE };

export function readDocument(text: string, name: string): Release {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new CliError(`"${name}" is not JSON`, EXIT.usage, "Its form is in docs/firmware-sources.md.");
  }
  return checked(raw, `"${name}"`);
}

/** @param files  the files that are accepted; all of them for the named part numbers, or each for the one its name tells */
export function documentOf(options: DocumentOptions, files: readonly FileShown[]): Release {
  const { title, family = "uc-phone", kind = "combined", model = [], from, reversibility = "one_way" } = options;
  const version = options.version ?? files[0]?.version ?? undefined;
  const missing = [
    ...(version === undefined ? ["--version"] : []),
    ...(model.length === 0 ? ["--model"] : []),
    ...(from === undefined ? ["--from"] : []),
  ];
  if (missing.length > 0)
    throw new CliError(
      `Without --release the document needs ${missing.join(", ")}`,
      EXIT.usage,
      "Example: --version 6.4.8.1190 --model 'VVX 450' --from 6.0.0.0-6.4.7.9999 --part 3111-48450-001",
    );
  const [fromMin = "", fromMax = fromMin] = (from ?? "").split("-");
  const id = options.id ?? `${family}-${version}`.toLowerCase();
  return checked(
    {
      schema: "groundswell.release/1",
      ...{ id, family, title: title ?? `${family} ${version}`, models: model, version, kind },
      edges: [{ models: model, fromMin, fromMax, reversibility, durationMs: UNMEASURED, revertMs: UNMEASURED.p99 }],
      images: files.map((file) => imageOf(file, options.part ?? [])),
    },
    "The release these options describe",
  );
}

function imageOf({ name, sha256, sizeBytes, partNumber }: FileShown, given: readonly string[]): object {
  const partNumbers = given.length > 0 ? given : typeof partNumber === "string" ? [partNumber] : [];
  if (partNumbers.length === 0)
    throw new CliError(`The name of "${name}" tells no part number`, EXIT.usage, "Name the hardware it is for with --part.");
  return { target: targetOf(name, sha256), partNumbers, sizeBytes, sha256 };
}

/** A target path of the form a channel has; letters it may not hold are dashes. */
function targetOf(name: string, sha256: string): string {
  const plain = name
    .replaceAll(/[^A-Za-z0-9._-]/g, "-")
    .replaceAll("..", "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(-120);
  return `accepted/${sha256.slice(0, 12)}/${plain === "" ? "image" : plain}`;
}

function checked(raw: unknown, what: string): Release {
  const read = releaseSchema.safeParse(raw);
  if (read.success) return read.data;
  throw new CliError(
    `${what} is not a release document:\n${z.prettifyError(read.error)}`,
    EXIT.usage,
    "Its form is in docs/firmware-sources.md.",
  );
}
