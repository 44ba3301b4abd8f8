/**
 * Documents that come in pieces, because no answer is longer than half a megabyte.
 */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import * as z from "zod";
import { planHash as hashOf } from "../../firmware/waves/plan.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { readResult } from "./results.ts";

const pieceSchema = z.object({ sizeBytes: z.int(), base64: z.string() });
const packedSchema = z.object({ made: z.string() });

/** Asks the agent, over whichever door; throws where the answer is not `done`. */
type Ask = (name: string, args: Readonly<Record<string, unknown>>) => Promise<{ readonly result?: unknown }>;
/** The command line's progress bar is one. */
type OnPart = (part: { readonly done: number; readonly of: number; readonly what: string }) => void;

interface Wanted {
  readonly verb: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** What the pieces that follow are asked for by besides, from the first answer. */
  readonly named: (first: unknown) => Readonly<Record<string, unknown>>;
  /** In the words of `kB of the report`. */
  readonly what: string;
}

/** The whole of it. @returns its bytes, and the first answer */
export async function fetchPieces(
  ask: Ask,
  { verb, args, named, what }: Wanted,
  onPart?: OnPart,
): Promise<{ readonly bytes: Buffer; readonly first: unknown }> {
  const { result: first } = await ask(verb, args);
  const { sizeBytes, base64 } = readResult(pieceSchema, first);
  const pieces = [Buffer.from(base64, "base64")];
  for (let done = pieces[0]?.length ?? 0; done < sizeBytes; ) {
    const { result } = await ask(verb, { ...args, ...named(first), offset: done });
    const bytes = Buffer.from(readResult(pieceSchema, result).base64, "base64");
    if (bytes.length === 0) throw new CliError(`The ${what} grew shorter while it was fetched`, EXIT.failed, "Give the command again.");
    pieces.push(bytes);
    done += bytes.length;
    onPart?.({ done: Math.ceil(done / 1_000), of: Math.ceil(sizeBytes / 1_000), what: `kB of the ${what}` });
  }
  return { bytes: Buffer.concat(pieces), first };
}

const unzip = promisify(gunzip);
/** A plan of ten thousand devices is some twenty megabytes. */
export const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024;

/** What was packed, as JSON says it. */
export async function fetchPacked(ask: Ask, verb: string, args: Readonly<Record<string, unknown>>, onPart?: OnPart): Promise<unknown> {
  const named = (first: unknown) => ({ made: readResult(packedSchema, first).made });
  const { bytes } = await fetchPieces(ask, { verb, args, named, what: "plan" }, onPart);
  const whole = await unzip(bytes, { maxOutputLength: DOCUMENT_BYTES_MAX }).catch(() => undefined);
  if (whole === undefined) throw new CliError("The plan did not arrive as it was made", EXIT.failed, "Give the command again.");
  return JSON.parse(whole.toString("utf8"));
}

/** A whole plan, by its hash: a kept one, or one of the newest dry runs. */
export async function fetchPlan(ask: Ask, planHash: string, onPart?: OnPart): Promise<Plan> {
  const plan = (await fetchPacked(ask, "campaign.document", { planHash }, onPart)) as Plan;
  if (hashOf(plan) !== planHash) throw new CliError("The plan did not arrive as it was made", EXIT.failed, "Give the command again.");
  return plan;
}
