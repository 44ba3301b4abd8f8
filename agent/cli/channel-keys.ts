/**
 * Keys and passphrases of a channel's author, as options name them. A passphrase comes from a file, the environment or a
 * person's hand; never from the command line, where every user of the machine can read it.
 */
import { join } from "node:path";
import { namesIn } from "../../firmware/channel/disk.ts";
import { readKeyFile } from "../../firmware/channel/key-files.ts";
import { type ChannelKey, describeKey, openKey } from "../../firmware/channel/keys.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { channelError } from "./channel-errors.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { secretFrom } from "./files.ts";

export interface PassphraseOptions {
  /** Each is tried on every sealed key. */
  readonly passphraseFile?: readonly string[];
}

export const PASSPHRASE_VARIABLE = "GROUNDSWELL_PASSPHRASE";
const HOW_TO_GIVE = `Give --passphrase-file FILE, set ${PASSPHRASE_VARIABLE}, or run it at a terminal and type it.`;

/** Said where new keys are written without one. */
export const OPEN_KEYS = "The keys have no passphrase: whoever gets a file can sign with it. Mind --passphrase-file and --ask-passphrase.";

/** Given ones; none where a person is to be asked. */
export async function passphrasesGiven(cli: Cli, { passphraseFile = [] }: PassphraseOptions): Promise<readonly Secret[]> {
  const fromFiles: Secret[] = [];
  for (const path of passphraseFile) fromFiles.push(await secretFrom(path, cli.io.environment));
  const variable = cli.io.environment[PASSPHRASE_VARIABLE];
  return variable === undefined || variable === "" ? fromFiles : [...fromFiles, new Secret(variable)];
}

/** A key file opened; a person is asked for the passphrase where none was given. */
export async function keyFromFile(cli: Cli, path: string, given: readonly Secret[]): Promise<ChannelKey> {
  const read = await readKeyFile(path);
  if (!read.ok) throw channelError(read.fault);
  let key = openKey(read.value, given);
  if (key === "sealed" || key === "wrongPassphrase") {
    const typed = await cli.io.readHidden(`Passphrase of "${path}": `);
    if (typed !== undefined) key = openKey(read.value, [new Secret(typed)]);
  }
  if (key === "sealed") throw new CliError(`The key "${path}" needs its passphrase`, EXIT.config, HOW_TO_GIVE);
  if (key === "wrongPassphrase") throw new CliError(`The key "${path}" does not open with that passphrase`, EXIT.config, HOW_TO_GIVE);
  if (key === "notAKey")
    throw new CliError(`"${path}" is not a channel's key`, EXIT.config, "Name a file that groundswell channel init or rotate has made.");
  return key;
}

/** The key files in a folder that `wanted` asks for, by their id; no passphrase is needed to know. */
export async function keyFilesIn(folder: string, wanted: (id: string) => boolean): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of [...(await namesIn(folder))].sort()) {
    if (!name.endsWith(".key")) continue;
    const path = join(folder, name);
    const read = await readKeyFile(path);
    if (!read.ok) throw channelError(read.fault);
    const described = describeKey(read.value);
    if (described !== undefined && wanted(described.id)) found.push(path);
  }
  return found;
}

/** A passphrase for new keys: the first given, else one that a person types twice; `undefined` where neither is wanted. */
export async function passphraseForNew(
  cli: Cli,
  options: PassphraseOptions & { readonly ask?: boolean },
  what: string,
): Promise<Secret | undefined> {
  const [given] = await passphrasesGiven(cli, options);
  if (given !== undefined || options.ask !== true) return given === undefined ? undefined : longEnough(given);
  const first = await cli.io.readHidden(`New passphrase for ${what}: `);
  const second = first === undefined ? undefined : await cli.io.readHidden("The same again: ");
  if (first === undefined || second === undefined)
    throw new CliError("A passphrase can only be asked for at a terminal", EXIT.usage, HOW_TO_GIVE);
  if (first !== second) throw new CliError("The two passphrases differ: nothing is written", EXIT.usage);
  return longEnough(new Secret(first));
}

/** Judgement: scrypt makes each guess cost half a second; below this even that is little. */
const PASSPHRASE_CHARS_MIN = 10;

function longEnough(passphrase: Secret): Secret {
  if ([...passphrase.reveal()].length >= PASSPHRASE_CHARS_MIN) return passphrase;
  throw new CliError(`The passphrase is too short: at least ${PASSPHRASE_CHARS_MIN} characters`, EXIT.usage);
}
