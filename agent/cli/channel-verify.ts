/**
 * `channel verify`: what an agent would make of a channel, and what runs out soon.
 */
import { stat } from "node:fs/promises";
import type { RoleName } from "../../firmware/channel/roles.ts";
import type { Release } from "../../firmware/release.ts";
import { channelSource } from "../../firmware/sources/channel.ts";
import type { ChannelPlace } from "../../firmware/sources/channel-files.ts";
import type { SourceFaultName } from "../../firmware/sources/source.ts";
import { inspectFile } from "../../firmware/staging/inspect.ts";
import { showFault } from "../../protocols/core/fault.ts";
import { DAY, type Ms } from "../../protocols/core/time.ts";
import { type Look, lookAt } from "./channel-look.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { textFrom } from "./files.ts";
import { safeText } from "./output.ts";
import { counted, momentOf, relative } from "./show.ts";

export interface VerifyOptions {
  readonly root: string;
}

/** Roots and releases take people together, so they are told a month ahead; a timestamp lives a month at all. */
const SOON_MS: Readonly<Record<RoleName, Ms>> = { root: 30 * DAY, targets: 30 * DAY, snapshot: 30 * DAY, timestamp: 10 * DAY };

export async function verifyChannel(cli: Cli, { root }: VerifyOptions, [place = ""]: readonly string[]): Promise<number> {
  const from = await placeOf(cli, place);
  // Told apart from a channel that is refused.
  await textFrom(root, cli.io.environment);
  const look = await lookAt(from, root, cli.io);
  if (!look.ok) {
    const { name } = look.fault;
    const detail = showFault(look.fault);
    const text = `${safeText(place)} is not believed (${name}): ${MEANS[name]}\n  ${safeText(detail)}`;
    cli.out.one("groundswell.channel-check/1", { place, ok: false, fault: name, detail }, text);
    return EXIT.failed;
  }
  const bad = from.kind === "folder" ? await badImages(look.value.catalogue.releases, from, cli) : [];
  return print(cli, { place, look: look.value, bad, fetched: from.kind === "folder" });
}

const MEANS: Readonly<Record<SourceFaultName, string>> = {
  unreachable: "it does not answer",
  slow: "it answers too slowly",
  expired: "something in it has run out; publish again, or sign with --renew",
  rollback: "it is older than what was there before",
  signature: "it is not signed by enough of the keys that the root file leads to: another channel, or a wrong root file",
  mixed: "its files do not belong together",
  oversized: "a file is larger than it may be",
  garbled: "a file is not what it should be",
  pin: "the root file is no root",
  denied: "it wants a log-in",
};

async function placeOf(cli: Cli, place: string): Promise<ChannelPlace> {
  if (/^https?:\/\//.test(place)) {
    if (!URL.canParse(place)) throw new CliError(`"${place}" is not an address`, EXIT.usage);
    const { caFile } = cli.options;
    return { kind: "url", url: new URL(place), ...(caFile === undefined ? {} : { ca: await textFrom(caFile, cli.io.environment) }) };
  }
  const facts = await stat(place).catch(() => undefined);
  if (facts?.isDirectory() === true) return { kind: "folder", folder: place };
  throw new CliError(`"${place}" is neither a folder nor an address`, EXIT.usage, "Expected a folder, https://… or http://…");
}

/** Images of a folder are hashed; what is served by a web server is hashed by every site when it fetches it. */
async function badImages(releases: readonly Release[], from: ChannelPlace, cli: Cli): Promise<readonly string[]> {
  const { locate } = channelSource({ from, rootPath: "", cacheFolder: "", agentVersion: "", clock: cli.io.clock });
  const bad: string[] = [];
  for (const image of releases.flatMap(({ images }) => images)) {
    const location = locate(image);
    const file = location.kind === "file" ? await inspectFile(location.path, cli.io.stop) : undefined;
    if (file?.ok !== true) bad.push(`${image.target} is not there`);
    else if (file.value.sha256 !== image.sha256 || file.value.sizeBytes !== image.sizeBytes)
      bad.push(`${image.target} is another file than was signed`);
  }
  return bad;
}

interface Checked {
  readonly place: string;
  readonly look: Look;
  readonly bad: readonly string[];
  readonly fetched: boolean;
}

function print(cli: Cli, { place, look, bad, fetched }: Checked): number {
  const { catalogue, roles } = look;
  const { releases, refused } = catalogue;
  const nowMs = cli.io.clock.nowMs();
  const expiring = roles
    .filter(({ role, expires }) => (momentOf(expires) ?? 0) < nowMs + SOON_MS[role])
    .map(({ role, expires }) => ({ role, expires }));
  const ok = refused.length === 0 && bad.length === 0;
  const shown = releases.map(({ id, title, version, models, revoked, images }) => ({
    id,
    title,
    version,
    models,
    revoked,
    images: images.length,
  }));
  const body = { place, ok, version: catalogue.version, roles, releases: shown, refused, badImages: bad, imagesRead: fetched, expiring };
  const lines = [
    `${place} is believed: catalogue ${catalogue.version}, ${counted(releases.length, "release")}.`,
    ...roles.map(
      ({ role, version, expires, signers, threshold }) =>
        `  ${role.padEnd(9)}  version ${version}, until ${expires} (${relative(expires, nowMs)}), signed by ${signers.map((id) => id.slice(0, 12)).join(", ")}; ${threshold} needed`,
    ),
    ...releases.map(({ id, title, models, revoked }) => `  + ${id}: ${title}, for ${models.join(", ")}${revoked ? " (revoked)" : ""}`),
    ...(releases.length === 0 ? ["  It has no releases yet. Add one with: groundswell channel add"] : []),
    ...refused.map(({ document, why }) => `  ! ${document} is refused: ${why}`),
    ...bad.map((why) => `  ! ${why}`),
  ];
  cli.out.one("groundswell.channel-check/1", body, lines.map(safeText).join("\n"));
  if (bad.length > 0) cli.out.note("Sites refuse these files. Copy them again; at the desk the same channel add brings them back.");
  for (const { role, expires } of expiring) cli.out.note(`Mind: ${role} runs out ${relative(expires, nowMs)}. ${RENEW[role]}`);
  return ok ? EXIT.done : EXIT.partly;
}

const RENEW = {
  root: "Renew it with: groundswell channel sign FOLDER --role root --renew --key FILE; then publish.",
  targets: "Renew it with: groundswell channel sign FOLDER --role targets --renew --key FILE; then publish.",
  snapshot: "groundswell channel publish renews it.",
  timestamp: "groundswell channel publish --refresh renews it.",
} as const;
