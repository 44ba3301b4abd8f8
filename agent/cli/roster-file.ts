/**
 * Makes and checks roster files for `groundswell roster`.
 */
import { writeFile } from "node:fs/promises";
import { DAY, isoOf } from "../../protocols/core/time.ts";
import { isCanonicalBase64url } from "../commands/base64url.ts";
import { thumbprint } from "../commands/keys.ts";
import { MAX_ROSTER_BYTES, ROLES, ROOT_SIGNATURES, type Role, type RosterText, signRoster, verifyRoster } from "../commands/roster.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { textFrom } from "./files.ts";
import { cannotWrite } from "./key.ts";
import { keyFrom } from "./sign.ts";

export interface NewRosterOptions {
  readonly site: readonly string[];
  readonly person: readonly string[];
  readonly version: number;
  readonly days: number;
  readonly out: string;
  readonly rootKey: readonly string[];
}

export async function newRoster(cli: Cli, options: NewRosterOptions): Promise<ExitCode> {
  const { version, days, out } = options;
  const roots = await Promise.all(options.rootKey.map(keyFrom));
  if (new Set(roots.map(({ kid }) => kid)).size < ROOT_SIGNATURES) {
    throw new CliError(`A roster needs ${ROOT_SIGNATURES} different root keys`, EXIT.usage, "Name each with --root-key FILE.");
  }
  const nowMs = cli.io.clock.nowMs();
  const roster: RosterText = {
    schema: "groundswell.roster/1",
    sites: options.site.includes("*") ? "*" : [...options.site],
    version,
    issuedAt: isoOf(nowMs),
    expiresAt: isoOf(nowMs + days * DAY),
    people: await peopleOf(options.person),
  };
  const text = signRoster(roster, roots);
  const siteId = options.site.find((site) => site !== "*") ?? "any";
  // What we would refuse to read is not written.
  const read = await verifyRoster(text, { roots, site: siteId, nowMs });
  if (!read.ok) throw new CliError(`The roster would be refused (${read.refusal}): ${read.detail}`, EXIT.usage);
  if (Buffer.byteLength(text) > MAX_ROSTER_BYTES) throw new CliError(`The roster is longer than ${MAX_ROSTER_BYTES} bytes`, EXIT.usage);
  try {
    await writeFile(out, `${text}\n`, { flag: "wx", mode: 0o644 });
  } catch (error) {
    throw cannotWrite(out, error);
  }
  const people = roster.people.map(({ id, name, role, keys }) => ({ id, name, role, keys: keys.length }));
  const lines = people.map(({ id, name, role, keys }) => `${id}  ${name}, ${role}, ${keys} ${keys === 1 ? "key" : "keys"}\n`).join("");
  cli.out.one(
    "groundswell.roster-file/1",
    { file: out, version, expiresAt: roster.expiresAt, people },
    `${out}, until ${roster.expiresAt}\n${lines}`,
  );
  return EXIT.done;
}

/** `id:name:role:publickey`; the same person again adds a key. */
async function peopleOf(texts: readonly string[]): Promise<RosterText["people"]> {
  const people = new Map<string, RosterText["people"][number]>();
  for (const text of texts) {
    const { id, name, role, publicKey } = personOf(text);
    const key = { kid: await thumbprint(publicKey), publicKey };
    const known = people.get(id);
    if (known !== undefined && (known.name !== name || known.role !== role)) {
      throw new CliError(`"${id}" stands twice with another name or role`, EXIT.usage);
    }
    people.set(id, { id, name, role, keys: [...(known?.keys ?? []), key] });
  }
  return [...people.values()];
}

function personOf(text: string): { readonly id: string; readonly name: string; readonly role: Role; readonly publicKey: string } {
  const [id = "", name = "", roleText, publicKey = "", ...more] = text.split(":");
  const role = ROLES.find((one) => one === roleText);
  if (id === "" || name === "" || role === undefined || publicKey.length !== 43 || !isCanonicalBase64url(publicKey) || more.length > 0) {
    throw new CliError(
      `"${text}" is not a person: expected id:name:role:publickey, with a role of ${ROLES.join(", ")}`,
      EXIT.usage,
      "The public key is what this prints: groundswell key show FILE",
    );
  }
  return { id, name, role, publicKey };
}

export async function checkRoster(
  cli: Cli,
  options: { readonly root: readonly string[]; readonly site?: string },
  [file = ""]: readonly string[],
): Promise<ExitCode> {
  const roots = await Promise.all(options.root.map(async (publicKey) => ({ kid: await thumbprint(publicKey), publicKey })));
  const text = await textFrom(file, cli.io.environment);
  const nowMs = cli.io.clock.nowMs();
  // Without a site: is it a roster at all? Then the first site it names is as good as any.
  const read = await verifyRoster(text, { roots, site: options.site ?? firstSiteOf(text), nowMs });
  if (!read.ok) throw new CliError(`The roster in "${file}" does not hold (${read.refusal}): ${read.detail}`, EXIT.notAllowed);
  const { roster, digest } = read;
  const expiresAt = isoOf(roster.expiresAt);
  const people = roster.people.map(({ id, name, role, keys }) => ({ id, name, role, keys: keys.length }));
  cli.out.one(
    "groundswell.roster-file/1",
    { file, version: roster.version, sites: roster.sites, expiresAt, digest, people },
    `version ${roster.version}, until ${expiresAt}\n${people.map(({ id, name, role }) => `${id}  ${name}, ${role}\n`).join("")}`,
  );
  return EXIT.done;
}

function firstSiteOf(text: string): string {
  return /"sites":\["([a-z0-9-]{3,64})"/.exec(text)?.[1] ?? "any";
}
