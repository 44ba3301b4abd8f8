/**
 * `groundswell roster new|check`: who may command, signed by two of the partner's root keys.
 */

import type { Command } from "commander";
import { gather, type Runner, whole, withGlobals } from "./command.ts";
import type { NewOptions } from "./roster-file.ts";

/** Security.md 3: a roster is renewed at least this often. */
const DAYS_MAX = 90;

export function addRoster(program: Command, run: Runner): void {
  const roster = program.command("roster").description("who may command, signed by the partner's roots");
  withGlobals(roster.command("new").description("make a roster file"), { except: ["site", "version"] })
    .requiredOption("--site <id>", "a site it is for, or '*'; may be given several times", gather)
    .requiredOption("--person <id:name:role:publickey>", "a person with a key; the same person again adds a key", gather)
    .requiredOption("--version <n>", "higher than the version before", whole(1, 1e9))
    .option("--days <n>", "how long it holds, up to 90", whole(1, DAYS_MAX), DAYS_MAX)
    .requiredOption("--out <file>", "where it is written; never over an existing file")
    .requiredOption("--root-key <file>", "a root's key file; two are needed", gather)
    .action(run(async (cli, options: NewOptions) => (await import("./roster-file.ts")).newRoster(cli, options)));
  withGlobals(roster.command("check").argument("<file>").description("is it signed, whole and in force?"))
    .requiredOption("--root <publickey>", "public key of a root; two are needed", gather)
    .action(
      run(async (cli, options: { readonly root: readonly string[] }, args) =>
        (await import("./roster-file.ts")).checkRoster(cli, options, args),
      ),
    );
}
