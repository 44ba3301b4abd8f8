/**
 * Makes and checks roster files. Both work without an agent: a roster proves itself.
 */
import { writeFile } from "node:fs/promises";
import * as z from "zod";
import { parseSiteId } from "../../protocols/core/ids.ts";
import { DAY, isoOf } from "../../protocols/core/time.ts";
import { keyTextSchema, type SigningKey, thumbprint } from "../commands/keys.ts";
import {
  MAX_ROSTER_BYTES,
  type PinnedRoot,
  ROLES,
  ROOT_SIGNATURES,
  type Roster,
  type RosterText,
  signRoster,
  verifyRoster,
} from "../commands/roster.ts";
import { parseStrictJson } from "../commands/strict-json.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { textFrom } from "./files.ts";
import { cannotWrite } from "./key.ts";
import { safeText } from "./output.ts";
import { counted, facts } from "./show.ts";
import { keyFrom } from "./sign.ts";

/** As commander hands them over. */
export interface NewOptions {
  /** Site ids, or one `*`. */
  readonly site: readonly string[];
  /** `id:name:role:publickey`; the same person again adds a key. */
  readonly person: readonly string[];
  readonly version: number;
  readonly days: number;
  readonly out: string;
  readonly rootKey: readonly string[];
}

type Person = RosterText["people"][number];

/** `roster new`: signs and writes a roster. What its own check would refuse is not written. */
export async function newRoster(cli: Cli, options: NewOptions): Promise<number> {
  const roots = await rootKeys(options.rootKey);
  const nowMs = cli.io.clock.nowMs();
  const roster: RosterText = {
    schema: "groundswell.roster/1",
    sites: sitesOf(options.site),
    version: options.version,
    issuedAt: isoOf(nowMs),
    expiresAt: isoOf(nowMs + options.days * DAY),
    people: await peopleOf(options.person),
  };
  const text = signRoster(roster, roots);
  const answer = await verifyRoster(text, { roots, site: siteIn(text), nowMs });
  if (!answer.ok) throw new CliError(`The roster is not written: ${answer.detail}`, EXIT.usage, "Look at --site, --person and --version.");
  try {
    await writeFile(options.out, `${text}\n`, { flag: "wx", mode: 0o644, flush: true });
  } catch (error) {
    throw cannotWrite(options.out, error);
  }
  const body = { file: options.out, ...shownOf(answer.roster), digest: answer.digest };
  cli.out.one("groundswell.roster-file/1", body, `${options.out}: ${rosterText(answer.roster, answer.digest)}`);
  cli.out.note(`Put it where "commands.rosterFile" of the agents' settings says; they take it by themselves.`);
  return EXIT.done;
}

/** `roster check`: exit 0 where the roster is signed, whole and in force for `--site`, or for the first site it names; else 1. */
export async function checkRoster(
  cli: Cli,
  { root }: { readonly root: readonly string[] },
  [file = ""]: readonly string[],
): Promise<number> {
  const roots = await pinned(root);
  const text = await textFrom(file, cli.io.environment);
  const answer = await verifyRoster(text, { roots, site: cli.options.site ?? siteIn(text), nowMs: cli.io.clock.nowMs() });
  if (!answer.ok) {
    const { refusal, detail } = answer;
    cli.out.one("groundswell.roster-check/1", { file, ok: false, refusal, detail }, safeText(`${file} is refused (${refusal}): ${detail}`));
    return EXIT.failed;
  }
  const body = { file, ok: true, ...shownOf(answer.roster), digest: answer.digest };
  cli.out.one("groundswell.roster-check/1", body, `${safeText(file)} is signed and in force: ${rosterText(answer.roster, answer.digest)}`);
  return EXIT.done;
}

async function rootKeys(paths: readonly string[]): Promise<readonly SigningKey[]> {
  const keys = await Promise.all(paths.map(keyFrom));
  enoughRoots(new Set(keys.map(({ kid }) => kid)).size, "--root-key");
  return keys;
}

async function pinned(publicKeys: readonly string[]): Promise<readonly PinnedRoot[]> {
  const roots = await Promise.all(publicKeys.map(async (text) => ({ kid: await thumbprint(keyText(text)), publicKey: text })));
  enoughRoots(new Set(roots.map(({ kid }) => kid)).size, "--root");
  return roots;
}

function enoughRoots(count: number, option: string): void {
  if (count >= ROOT_SIGNATURES) return;
  throw new CliError(`A roster needs ${ROOT_SIGNATURES} roots, not ${count}`, EXIT.usage, `Give ${option} once for each of them.`);
}

function sitesOf(sites: readonly string[]): RosterText["sites"] {
  if (sites.length === 1 && sites[0] === "*") return "*";
  const bad = sites.find((site) => parseSiteId(site) === undefined);
  if (bad === undefined) return [...sites];
  throw new CliError(
    `"${bad}" is not a site id`,
    EXIT.usage,
    "Expected 3 to 64 lower-case letters, digits and dashes; or '*' alone, for every site.",
  );
}

async function peopleOf(texts: readonly string[]): Promise<Person[]> {
  const people = new Map<string, Person>();
  for (const text of texts) {
    const { id, name, role, publicKey } = personIn(text);
    const key = { kid: await thumbprint(publicKey), publicKey };
    const known = people.get(id);
    if (known === undefined) people.set(id, { id, name, role, keys: [key] });
    else if (known.name === name && known.role === role) known.keys.push(key);
    else throw new CliError(`Person "${id}" stands twice, with another name or role`, EXIT.usage);
  }
  return [...people.values()];
}

/** A name may hold colons; the other parts may not. */
function personIn(text: string): { readonly id: string; readonly name: string; readonly role: Person["role"]; readonly publicKey: string } {
  const [, id, name, roleText, publicKey] = /^([^:]+):(.+):([^:]+):([^:]+)$/.exec(text) ?? [];
  if (id === undefined || name === undefined || roleText === undefined || publicKey === undefined) {
    throw new CliError(
      `"${text}" is not a person`,
      EXIT.usage,
      "Expected id:name:role:publickey; groundswell key show prints the public key.",
    );
  }
  const role = ROLES.find((one) => one === roleText);
  if (role === undefined) throw new CliError(`"${roleText}" is not a role`, EXIT.usage, `Expected one of: ${ROLES.join(", ")}.`);
  return { id, name, role, publicKey: keyText(publicKey) };
}

function keyText(text: string): string {
  if (keyTextSchema.safeParse(text).success) return text;
  throw new CliError(`"${text}" is not a public key`, EXIT.usage, "groundswell key show prints the public key of a key file.");
}

const sitesSchema = z.object({ roster: z.object({ sites: z.union([z.string(), z.array(z.string()).min(1)]) }) });

/** A site the file names: nothing is believed of it before its check. */
function siteIn(text: string): string {
  const seen = sitesSchema.safeParse(parseStrictJson(text, MAX_ROSTER_BYTES));
  if (!seen.success) return "*";
  const { sites } = seen.data.roster;
  return typeof sites === "string" ? sites : (sites[0] ?? "*");
}

function shownOf({ version, sites, issuedAt, expiresAt, people }: Roster): Readonly<Record<string, unknown>> {
  const shown = people.map(({ id, name, role, keys }) => ({ id, name, role, keys: keys.length }));
  return { version, sites, issuedAt: isoOf(issuedAt), expiresAt: isoOf(expiresAt), people: shown };
}

function rosterText({ version, sites, expiresAt, people }: Roster, digest: string): string {
  const known = facts([
    ["sites", sites === "*" ? "all" : sites.join(", ")],
    ["in force until", isoOf(expiresAt)],
    ["digest", digest],
    ...people.map(({ id, name, role, keys }) => ["person", safeText(`${id} (${name}), ${role}, ${counted(keys.length, "key")}`)] as const),
  ]);
  return `version ${version}, ${counted(people.length, "person", "people")}\n${known}`;
}
