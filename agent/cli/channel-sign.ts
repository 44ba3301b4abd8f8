/**
 * `channel sign`: one person's signature on a draft. Needs the channel's `metadata/`, `draft/` and `channel.json`, no images:
 * they fit on any stick.
 */
import { documentPath, readDocuments } from "../../firmware/channel/documents.ts";
import { type DraftStanding, draftRoot, draftTargets, filesNext, signDraft, staleness, standingsOf } from "../../firmware/channel/draft.ts";
import { filesOf, isInForce, rootInputOf, type Standing, type StatedFiles } from "../../firmware/channel/metadata.ts";
import { followsFrom, type Repository, saveDraft } from "../../firmware/channel/repository.ts";
import { ROLE_NAMES } from "../../firmware/channel/roles.ts";
import { revisionWords } from "../../firmware/edges.ts";
import type { Release } from "../../firmware/release.ts";
import { channelError, onDisk, repositoryAt } from "./channel-errors.ts";
import { keyFromFile, type PassphraseOptions, passphrasesGiven } from "./channel-keys.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { textFrom } from "./files.ts";
import { safeText } from "./output.ts";
import { counted } from "./show.ts";

export interface SignOptions extends PassphraseOptions {
  readonly role: "root" | "targets";
  readonly key: string;
  /** A root file the signer holds themselves. */
  readonly root?: string;
  readonly renew?: boolean;
  readonly dryRun?: boolean;
}

export async function signChannel(cli: Cli, options: SignOptions, [folder = ""]: readonly string[]): Promise<number> {
  const { role } = options;
  const opened = await repositoryAt(folder);
  if (options.root !== undefined) await holdAgainst(opened, options.root, cli);
  const of = withRenewal(opened, options, cli);
  const changes = role === "root" ? rootChanges(of) : await targetsChanges(of);
  const key = await keyFromFile(cli, options.key, await passphrasesGiven(cli, options));
  const signed = signDraft(of, role, key);
  if (!signed.ok) throw channelError(signed.fault);
  if (options.dryRun !== true) await onDisk(() => saveDraft(folder, { [role]: signed.value }));
  const standing = standingsOf(of).find((one) => one.role === role);
  if (standing === undefined) throw new CliError(`There is no draft of ${role}`, EXIT.nothingMatched);
  print(cli, { folder, standing, changes, dryRun: options.dryRun === true });
  return EXIT.done;
}

/** What is published is shown as known: on a stick it may be somebody else's work, so it must follow from a root of the signer's own. */
async function holdAgainst(of: Repository, rootPath: string, cli: Cli): Promise<void> {
  const pinned = Buffer.from(await textFrom(rootPath, cli.io.environment));
  const follows = await onDisk(() => followsFrom(of, pinned));
  if (!follows.ok) throw channelError(follows.fault);
}

/** With `--renew` a draft is made where there is none, or one that has run out: nobody could publish that. */
function withRenewal(of: Repository, { role, renew }: SignOptions, cli: Cli): Repository {
  const draft = of.draft[role];
  if (draft !== undefined && (renew !== true || isInForce(draft.signed.expires, cli.io.clock.nowMs()))) return of;
  const unfit = draft === undefined ? undefined : staleness(of, role);
  if (unfit !== undefined) throw channelError(unfit.fault);
  if (renew !== true) {
    throw new CliError(
      `There is no draft of ${role} to sign`,
      EXIT.nothingMatched,
      "groundswell channel add makes one, or rotate; --renew makes one that only holds longer.",
    );
  }
  const nowMs = cli.io.clock.nowMs();
  const renewed = role === "root" ? { root: draftRoot(of, nowMs) } : { targets: draftTargets(of, filesNext(of), nowMs) };
  return { ...of, draft: { ...of.draft, ...renewed } };
}

/** What a person puts their name to. */
async function targetsChanges({ folder, draft, targets }: Repository): Promise<readonly string[]> {
  const before = filesOf(targets);
  const after = draft.targets === undefined ? before : filesOf(draft.targets);
  const releases = await onDisk(() =>
    readDocuments(
      folder,
      new Map([...after].filter(([path, { sha256 }]) => before.get(path)?.sha256 !== sha256 || !path.startsWith("releases/"))),
    ),
  );
  if (!releases.ok) throw channelError(releases.fault);
  return [
    ...[...releases.value.values()].map((release) => `${before.has(documentPath(release.id)) ? "~" : "+"} ${shownRelease(release)}`),
    ...[...before.keys()].filter((path) => !after.has(path)).map((path) => `- ${path}`),
    ...unexplained(before, after, releases.value),
  ];
}

/** Its title is free text: what it would install, and on what, stands beside it. */
function shownRelease({ id, title, version, kind, models, images, edges, revoked }: Release): string {
  const steps = edges.map((edge) => `${edge.fromMin} to ${edge.fromMax} ${edge.reversibility}${revisionWords(edge)}`);
  return [
    `${id}: ${title}`,
    `version ${version}, ${kind}`,
    `for ${models.join(", ")}`,
    counted(images.length, "image"),
    `from ${steps.join(", ")}`,
    ...(revoked ? ["revoked"] : []),
  ].join("; ");
}

/** Files that change though no release above says so: no step here does that. */
function unexplained(before: StatedFiles, after: StatedFiles, changed: ReadonlyMap<string, Release>): readonly string[] {
  const explained = new Set([...changed.values()].flatMap(({ images }) => images.map(({ target }) => target)));
  return [...after]
    .filter(([path]) => !path.startsWith("releases/"))
    .flatMap(([path, { sha256, sizeBytes }]) => {
      const known = before.get(path);
      if (known === undefined) return explained.has(path) ? [] : [`! ${path}: a file that none of these releases names`];
      return known.sha256 === sha256 && known.sizeBytes === sizeBytes ? [] : [`! ${path}: another file than is published`];
    });
}

function rootChanges({ draft, root }: Repository): readonly string[] {
  const before = rootInputOf(root);
  const after = rootInputOf(draft.root ?? root);
  return ROLE_NAMES.flatMap((role) => {
    const ids = (of: Repository["root"]): readonly string[] => of.signed.roles[role]?.keyIDs ?? [];
    const [old, next] = [ids(root), ids(draft.root ?? root)];
    const terms =
      before.thresholds[role] === after.thresholds[role]
        ? []
        : [`~ ${role}: ${before.thresholds[role]} then ${after.thresholds[role]} must sign`];
    return [
      ...terms,
      ...next.filter((id) => !old.includes(id)).map((id) => `+ ${role} key ${id.slice(0, 12)}`),
      ...old.filter((id) => !next.includes(id)).map((id) => `- ${role} key ${id.slice(0, 12)}`),
    ];
  });
}

interface Shown {
  readonly folder: string;
  readonly standing: DraftStanding;
  readonly changes: readonly string[];
  readonly dryRun: boolean;
}

function print(cli: Cli, { folder, standing, changes, dryRun }: Shown): void {
  const { role, version, expires, own, before } = standing;
  const sides: (readonly [string, Standing])[] = [
    ["its own keys", own],
    ...(before === undefined ? [] : [["the keys before it", before] as const]),
  ];
  const lines = sides.map(([whose, { signers, threshold, missing }]) => {
    const by = signers.length === 0 ? "" : ` (${signers.map((id) => id.slice(0, 12)).join(", ")})`;
    return `  signed by ${signers.length} of the ${threshold} needed of ${whose}${by}${missing === 0 ? "" : `: ${missing} missing`}`;
  });
  const what = changes.length === 0 ? ["  nothing changes but how long it holds"] : changes.map((line) => `  ${safeText(line)}`);
  const body = {
    folder,
    dryRun,
    role,
    version,
    expires,
    changes,
    missing: standing.missing,
    signers: own.signers,
    before: before?.signers,
  };
  cli.out.one("groundswell.channel-signature/1", body, [`Draft of ${role} ${version}, until ${expires}:`, ...what, ...lines].join("\n"));
  if (dryRun) return void cli.out.note("The key opens and may sign; nothing was changed.");
  if (standing.missing > 0)
    cli.out.note(`At least ${standing.missing} more must sign: groundswell channel sign ${folder} --role ${role} --key FILE`);
  else cli.out.note(`Enough have signed. Next: groundswell channel publish ${folder} --keys FOLDER`);
}
