/**
 * `channel init`: a whole channel without releases, and the keys of its roles.
 */
import { mkdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { makeChannelFolder, type NewKeys } from "../../firmware/channel/author.ts";
import { namesIn } from "../../firmware/channel/disk.ts";
import { writeKeyFile } from "../../firmware/channel/key-files.ts";
import { type ChannelKey, makeKey, sealKey } from "../../firmware/channel/keys.ts";
import { ROLE_NAMES, type RoleName, type Terms, termsTrouble } from "../../firmware/channel/roles.ts";
import { channelError, onDisk } from "./channel-errors.ts";
import { OPEN_KEYS, type PassphraseOptions, passphraseForNew } from "./channel-keys.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { safeText } from "./output.ts";
import { counted } from "./show.ts";

export interface InitOptions extends PassphraseOptions {
  readonly keys: string;
  readonly askPassphrase?: boolean;
  readonly rootKeys: number;
  readonly rootThreshold: number;
  readonly targetsKeys: number;
  readonly targetsThreshold: number;
  readonly rootDays: number;
  readonly targetsDays: number;
  readonly snapshotDays: number;
  readonly timestampDays: number;
}

interface NewKeyFile {
  readonly role: RoleName;
  readonly name: string;
  readonly key: ChannelKey;
  readonly text: string;
}

export async function initChannel(cli: Cli, options: InitOptions, [folder = ""]: readonly string[]): Promise<number> {
  const terms = termsOf(options);
  const why = termsTrouble(terms);
  if (why !== undefined) throw new CliError(`Such roles cannot be: ${why}`, EXIT.usage);
  if (isBelow(options.keys, folder)) {
    throw new CliError(
      `The keys would lie in the channel's folder, which is given out: "${options.keys}"`,
      EXIT.usage,
      "Choose a folder apart.",
    );
  }
  if ((await onDisk(() => namesIn(folder))).length > 0) throw new CliError(`"${folder}" is not empty`, EXIT.failed, "Choose a new folder.");
  const made = await newKeys(cli, terms, options);
  await onDisk(() => mkdir(options.keys, { recursive: true, mode: 0o700 }));
  const taken = (await onDisk(() => namesIn(options.keys))).find((name) => made.some((one) => one.name === name));
  if (taken !== undefined)
    throw new CliError(`"${join(options.keys, taken)}" exists`, EXIT.failed, "Keys are never written over: choose another folder.");
  for (const { name, text } of made) {
    const written = await writeKeyFile(join(options.keys, name), text);
    if (!written.ok) throw channelError(written.fault);
  }
  const keys = Object.fromEntries(ROLE_NAMES.map((role) => [role, made.filter((one) => one.role === role).map(({ key }) => key)]));
  const channel = await onDisk(() =>
    makeChannelFolder(folder, terms, keys as Record<RoleName, ChannelKey[]> satisfies NewKeys, cli.io.clock.nowMs()),
  );
  if (!channel.ok) throw channelError(channel.fault);
  print(cli, { folder, keysFolder: options.keys, terms, made });
  return EXIT.done;
}

function termsOf(options: InitOptions): Terms {
  const single = (days: number) => ({ keys: 1, threshold: 1, days });
  return {
    root: { keys: options.rootKeys, threshold: options.rootThreshold, days: options.rootDays },
    targets: { keys: options.targetsKeys, threshold: options.targetsThreshold, days: options.targetsDays },
    snapshot: single(options.snapshotDays),
    timestamp: single(options.timestampDays),
  };
}

function isBelow(inner: string, outer: string): boolean {
  const way = relative(resolve(outer), resolve(inner));
  return way === "" || !(way.startsWith("..") || resolve(way) === way);
}

async function newKeys(cli: Cli, terms: Terms, { askPassphrase, ...options }: InitOptions): Promise<readonly NewKeyFile[]> {
  const ask = askPassphrase === undefined ? options : { ...options, ask: askPassphrase };
  // Roots are for different people; the others lie on one desk.
  const forDesk = await passphraseForNew(cli, ask, "targets, snapshot and timestamp");
  const made: NewKeyFile[] = [];
  for (const role of ROLE_NAMES) {
    for (let at = 1; at <= terms[role].keys; at++) {
      const name = terms[role].keys === 1 ? `${role}.key` : `${role}-${at}.key`;
      const passphrase = role === "root" ? await passphraseForNew(cli, ask, name) : forDesk;
      const key = makeKey();
      made.push({ role, name, key, text: sealKey(key, name.replace(".key", ""), passphrase) });
    }
  }
  return made;
}

interface Made {
  readonly folder: string;
  readonly keysFolder: string;
  readonly terms: Terms;
  readonly made: readonly NewKeyFile[];
}

function print(cli: Cli, { folder, keysFolder, terms, made }: Made): void {
  const sealed = made.every(({ text }) => text.includes('"sealed"'));
  const body = {
    folder,
    rootFile: join(folder, "root.json"),
    sealed,
    keys: made.map(({ role, name, key }) => ({ role, file: join(keysFolder, name), id: key.id })),
    terms,
  };
  const lines = ROLE_NAMES.map((role) => {
    const { keys, threshold, days } = terms[role];
    return `  ${role.padEnd(9)}  ${threshold} of ${counted(keys, "key")} must sign, holds ${counted(days, "day")}`;
  });
  const files = made.map(({ name, key }) => `  ${name.padEnd(14)}  ${key.id.slice(0, 12)}`);
  const text = [
    `"${safeText(folder)}" is a channel without releases.`,
    ...lines,
    "",
    `Keys in "${safeText(keysFolder)}":`,
    ...files,
    "",
    ...KEEP,
  ].join("\n");
  cli.out.one("groundswell.channel-made/1", body, text);
  if (!sealed) cli.out.note(OPEN_KEYS);
}

const KEEP: readonly string[] = [
  "What to keep where:",
  "  root-*.key               one with each of different people, offline, in a safe; never two in one place",
  "  targets*.key             with whoever decides which releases are good; not on a server",
  "  snapshot, timestamp.key  at the desk that publishes",
  "  root.json                on every site's box: channel.rootFile in its settings",
  "Give out the channel's metadata/ and targets/, by a web server or a stick; never the keys.",
];
