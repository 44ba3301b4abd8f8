/** The JSON Schemas under `docs/schemas`, made from what the code checks by; with `--write` it writes them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { signedSchema } from "../../agent/coverage/attest.ts";

const SCHEMAS = {
  "attestation.schema.json": { title: "A signed coverage attestation", schema: signedSchema },
} satisfies Readonly<Record<string, { readonly title: string; readonly schema: z.ZodType }>>;

export const SCHEMA_NAMES = Object.keys(SCHEMAS) as readonly (keyof typeof SCHEMAS)[];

export function pathOfSchema(name: string): string {
  return join(import.meta.dirname, "../../docs/schemas", name);
}

export function renderSchema(name: keyof typeof SCHEMAS): string {
  const { title, schema } = SCHEMAS[name];
  return `${JSON.stringify({ ...z.toJSONSchema(schema), title }, null, 2)}\n`;
}

if (process.argv.includes("--write")) for (const name of SCHEMA_NAMES) writeFileSync(pathOfSchema(name), renderSchema(name));
