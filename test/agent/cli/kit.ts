/** Runs the command line in this process, with its world given and its words kept. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { CliIo } from "../../../agent/cli/context.ts";
import { runCli } from "../../../agent/cli/index.ts";

/** The clock must be given; the rest is a terminal-less run with an empty environment. */
export type RunWith = Pick<CliIo, "clock"> & Partial<CliIo>;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The document on standard output. Throws where there is none. */
  json(): Record<string, unknown>;
}

export async function run(argv: readonly string[], io: RunWith): Promise<Ran> {
  const said = { out: "", err: "" };
  const code = await runCli(argv, {
    environment: {},
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 120,
    readInput: async () => "",
    readHidden: async () => undefined,
    async *inputPieces() {},
    drained: async () => undefined,
    stop: new AbortController().signal,
    ...io,
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { code, ...said, json: () => JSON.parse(said.out) as Record<string, unknown> };
}

/** A folder that goes away with the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "groundswell-cli-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

export function closeLater(close: () => Promise<void>): void {
  onTestFinished(close);
}
