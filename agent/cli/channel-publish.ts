/**
 * `channel publish`: the draft becomes what sites read. All is checked before the first byte is written.
 */
import { join } from "node:path";
import { preparePublication, publish } from "../../firmware/channel/author.ts";
import type { ChannelKey } from "../../firmware/channel/keys.ts";
import { filesOf, mayKeySign } from "../../firmware/channel/metadata.ts";
import type { Publication } from "../../firmware/channel/publication.ts";
import type { Repository } from "../../firmware/channel/repository.ts";
import { channelError, onDisk, repositoryAt } from "./channel-errors.ts";
import { keyFilesIn, keyFromFile, type PassphraseOptions, passphrasesGiven } from "./channel-keys.ts";
import { lookAt } from "./channel-look.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { safeText } from "./output.ts";
import { counted } from "./show.ts";

export interface PublishOptions extends PassphraseOptions {
  readonly keys?: string;
  readonly key?: readonly string[];
  readonly refresh?: boolean;
  readonly dryRun?: boolean;
}

export async function publishChannel(cli: Cli, options: PublishOptions, [folder = ""]: readonly string[]): Promise<number> {
  const { refresh = false, dryRun = false } = options;
  const of = await repositoryAt(folder);
  const keys = await keysFor(cli, of, options);
  const input = { keys, nowMs: cli.io.clock.nowMs(), refresh };
  const prepared = await onDisk(() => preparePublication(of, input, cli.io.stop));
  if (!prepared.ok) throw channelError(prepared.fault);
  if (!dryRun) {
    const done = await onDisk(() => publish(of, prepared.value));
    if (!done.ok) throw channelError(done.fault);
  }
  const readBack = dryRun ? undefined : await lookAt({ kind: "folder", folder }, join(folder, "root.json"), cli.io);
  print(cli, { of, publication: prepared.value, dryRun });
  if (readBack === undefined) return EXIT.done;
  if (!readBack.ok)
    throw new CliError(
      `It is published, but a reader refuses it (${readBack.fault.name})`,
      EXIT.failed,
      "groundswell channel verify says more.",
    );
  cli.out.note(
    `Read back as an agent would: catalogue ${readBack.value.catalogue.version}, ${counted(readBack.value.catalogue.releases.length, "release")}.`,
  );
  return EXIT.done;
}

/** Snapshot and timestamp keys, of the root as it is and as it will be. */
async function keysFor(cli: Cli, { root, draft }: Repository, options: PublishOptions): Promise<readonly ChannelKey[]> {
  const { keys: folder, key: named = [] } = options;
  if (folder === undefined && named.length === 0) {
    throw new CliError("No key is given", EXIT.usage, "Give --keys FOLDER, or --key FILE for the snapshot and the timestamp key.");
  }
  const roles = options.refresh === true ? (["timestamp"] as const) : (["snapshot", "timestamp"] as const);
  const wanted = (id: string): boolean =>
    roles.some((role) => [root, draft.root].some((one) => one !== undefined && mayKeySign(id, role, one)));
  const found = folder === undefined ? [] : await onDisk(() => keyFilesIn(folder, wanted));
  if (folder !== undefined && found.length === 0 && named.length === 0) {
    throw new CliError(`No key in "${folder}" is one of ${roles.join(" or ")}`, EXIT.config, "Name the folder of the desk's keys, *.key.");
  }
  const paths = [...named, ...found];
  const given = await passphrasesGiven(cli, options);
  const opened: ChannelKey[] = [];
  for (const path of paths) opened.push(await keyFromFile(cli, path, given));
  return opened;
}

const CLOCK = "Is the clock of this machine right, or were the days in channel.json made fewer?";

interface Shown {
  readonly of: Repository;
  readonly publication: Publication;
  readonly dryRun: boolean;
}

function print(cli: Cli, { of, publication, dryRun }: Shown): void {
  const { versions, expires, changed, seamless, targets, writes } = publication;
  const before = filesOf(of.targets);
  const after = filesOf(targets);
  const documents = [...after].filter(([path]) => path.startsWith("releases/"));
  const nameOf = (path: string): string => path.replace(/^releases\/|\.json$/g, "");
  const added = documents.filter(([path]) => !before.has(path)).map(([path]) => nameOf(path));
  const altered = documents
    .filter(([path, { sha256 }]) => before.has(path) && before.get(path)?.sha256 !== sha256)
    .map(([path]) => nameOf(path));
  const body = { folder: of.folder, dryRun, versions, changed, added, altered, seamless, expires, files: writes.map(({ path }) => path) };
  const lines = [
    `${dryRun ? "Would publish" : "Published"}: ${changed.map((role) => `${role} ${versions[role]}`).join(", ")}.`,
    ...changed.map((role) => `  ${role.padEnd(9)}  until ${expires[role]}`),
    ...added.map((id) => `  + ${id}`),
    ...altered.map((id) => `  ~ ${id}`),
    ...(added.length + altered.length === 0 ? ["  no release changes"] : []),
  ];
  cli.out.one("groundswell.channel-publication/1", body, lines.map(safeText).join("\n"));
  if (dryRun) cli.out.note("Nothing was changed.");
  const early = (["snapshot", "timestamp"] as const).filter((role) => expires[role] < of[role].expires);
  if (early.length > 0) cli.out.note(`Mind: ${early.join(" and ")} would have held longer as they were. ${CLOCK}`);
  if (!seamless) cli.out.note("The keys before did not sign too: a site that reads in this very moment refuses once, and reads again.");
}
