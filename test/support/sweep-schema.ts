/** `node test/support/sweep-schema.ts --write` writes `docs/schemas/sweep.json` from the declarations of the command line. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sweepJsonSchema } from "../../agent/cli/sweep-documents.ts";

export const SWEEP_SCHEMA = fileURLToPath(new URL("../../docs/schemas/sweep.json", import.meta.url));

export const made = (): string => `${JSON.stringify(sweepJsonSchema(), null, 2)}\n`;
export const published = (): string => readFileSync(SWEEP_SCHEMA, "utf8");

if (process.argv.includes("--write")) writeFileSync(SWEEP_SCHEMA, made());
