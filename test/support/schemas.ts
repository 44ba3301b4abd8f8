/** The JSON Schemas under `docs/schemas`, made from what the code checks by; `npm run schemas` writes them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { sweepJsonSchema } from "../../agent/cli/sweep-documents.ts";
import { signedSchema } from "../../agent/coverage/attest.ts";
import { rehearsalSchema } from "../../agent/rehearsal/document.ts";
import { signedReportSchema } from "../../agent/reports/campaign-sign.ts";

const SCHEMAS = {
  "attestation.schema.json": () => ({ ...z.toJSONSchema(signedSchema), title: "A signed coverage attestation" }),
  "campaign-report.schema.json": () => ({ ...z.toJSONSchema(signedReportSchema), title: "A signed report of a campaign" }),
  "rehearsal.schema.json": () => ({ ...z.toJSONSchema(rehearsalSchema), title: "What a rehearsal of a campaign showed" }),
  "sweep.schema.json": sweepJsonSchema,
} satisfies Readonly<Record<string, () => object>>;

export type SchemaName = keyof typeof SCHEMAS;
export const SCHEMA_NAMES = Object.keys(SCHEMAS) as readonly SchemaName[];

export function pathOfSchema(name: SchemaName): string {
  return join(import.meta.dirname, "../../docs/schemas", name);
}

export function renderSchema(name: SchemaName): string {
  return `${JSON.stringify(SCHEMAS[name](), null, 2)}\n`;
}

export const publishedSchema = (name: SchemaName): string => readFileSync(pathOfSchema(name), "utf8");

if (process.argv.includes("--write")) for (const name of SCHEMA_NAMES) writeFileSync(pathOfSchema(name), renderSchema(name));
