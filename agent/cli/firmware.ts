/**
 * `groundswell firmware list|stage|pause|resume|sync`, and the verbs of `firmware-path.ts`, `firmware-keys.ts`, `firmware-advisories.ts`,
 * `firmware-quarantine.ts` and `firmware-fetch.ts`.
 */

import type { Command } from "commander";
import { SOURCE_KINDS } from "../../firmware/sources/source.ts";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, oneOf, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { addFirmwareAdvisories } from "./firmware-advisories.ts";
import { addFirmwareFetch } from "./firmware-fetch.ts";
import { addFirmwareKeys } from "./firmware-keys.ts";
import { addFirmwarePath } from "./firmware-path.ts";
import { addQuarantine } from "./firmware-quarantine.ts";
import { addStagingControl, rateText, spaceLines } from "./firmware-staging.ts";
import { printList } from "./lists.ts";
import { meanwhile, pause } from "./meanwhile.ts";
import { type Column, safeText } from "./output.ts";
import { type ReleaseListed, readForPeople, readResult, releasesSchema, stageSchema, syncSchema } from "./results.ts";
import { counted, expiry, showBytes } from "./show.ts";
import { sourceLine } from "./source-lines.ts";

export function addFirmware(program: Command, run: Runner): void {
  const firmware = program.command("firmware").description("releases, where they come from, and their images on this site");
  withGlobals(firmware.command("list").description("all releases, how many devices each fits, and what is staged")).action(
    run(listReleases),
  );
  withGlobals(
    firmware.command("stage").argument("<release>", "id of the release").description("fetch and check a release's images"),
  ).action(run((cli: Cli, _options: object, [release = ""]: readonly string[]) => stage(cli, "firmware.stage", release)));
  addStagingControl(firmware, run, stage);
  withGlobals(firmware.command("sync").description("read the channel and all other sources now"))
    .option("--source <source>", `only one: ${SOURCE_KINDS.join(", ")}`, oneOf(SOURCE_KINDS))
    .action(run(sync));
  addQuarantine(firmware, run);
  addFirmwareFetch(firmware, run);
  addFirmwarePath(firmware, run);
  addFirmwareAdvisories(firmware, run);
  addFirmwareKeys(firmware, run);
}

type Image = ReleaseListed["images"][number];

const doneBytes = (image: Image): number => (image.state === "staged" ? image.sizeBytes : (image.doneBytes ?? 0));
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** What became of a release's images: `staged`, `refused`, `staging 40 %`, `not staged`. */
function stagedText({ images, paused }: ReleaseListed): string {
  if (images.some(({ state }) => state === "refused")) return "refused";
  if (images.length > 0 && images.every(({ state }) => state === "staged")) return "staged";
  const size = sum(images.map(({ sizeBytes }) => sizeBytes));
  const done = sum(images.map(doneBytes));
  const busy = done > 0 || images.some(({ state }) => state === "staging");
  const share = `${Math.floor((100 * done) / Math.max(1, size))} %`;
  if (paused === true) return done > 0 ? `paused ${share}` : "paused";
  const rate = rateText(images.filter(({ state }) => state !== "staged"));
  return busy ? `staging ${share}${rate === "" ? "" : `, ${rate}`}` : "not staged";
}

const COLUMNS: readonly Column<ReleaseListed>[] = [
  { title: "RELEASE", of: ({ id }) => id },
  { title: "TITLE", of: ({ title }) => title },
  { title: "VERSION", of: ({ version }) => version },
  { title: "FITS", of: ({ fits }) => (typeof fits === "number" ? String(fits) : "-"), align: "right" },
  { title: "SIZE", of: ({ images }) => showBytes(sum(images.map(({ sizeBytes }) => sizeBytes))), align: "right" },
  { title: "IMAGES", of: stagedText },
  { title: "MODELS", of: ({ models }) => models.join(", ") },
  { title: "SOURCE", of: ({ sources }) => (sources ?? []).join(", ") || "-" },
  { title: "NOTE", of: noteText },
];

function noteText({ revoked, advisories, overruled, disputes }: ReleaseListed): string {
  if (revoked === true) return "revoked by its publisher";
  if (typeof overruled === "string") return `overruled: ${overruled}`;
  return [...(advisories ?? []), ...(disputes ?? [])].join(", ");
}

async function listReleases(cli: Cli): Promise<number> {
  const { result } = await cli.doors.ask("firmware.list");
  const { releases, catalogueVersion, expires, sources, disputes, depot } = readResult(releasesSchema, result);
  printList(cli, { result, schema: "groundswell.releases/1", rowSchema: "groundswell.release-row/1" }, releases, {
    columns: COLUMNS,
    empty: "No releases are known. Read the channel with: groundswell firmware sync",
  });
  if (cli.out.mode === "text" && releases.length > 0) {
    const until = typeof expires === "string" ? `, ${expiry(expires, await agentNowMs(cli))}` : "";
    cli.out.note(`${counted(releases.length, "release")}, catalogue ${catalogueVersion ?? "unknown"}${until}`);
    for (const line of depot === undefined || depot === null ? [] : spaceLines(depot)) cli.out.note(safeText(line));
  }
  if (cli.out.mode !== "text") return EXIT.done;
  const nowMs = (sources ?? []).length === 0 ? undefined : await agentNowMs(cli);
  for (const source of sources ?? []) cli.out.note(safeText(sourceLine(source, nowMs)));
  for (const { text } of disputes ?? []) cli.out.note(safeText(`disputed: ${text}`));
  return EXIT.done;
}

/** Asks for the images and stays until each is staged or refused. */
async function stage(cli: Cli, verb: string, release: string): Promise<number> {
  const look = async (): Promise<readonly Image[]> => {
    const { result } = await cli.doors.ask("firmware.list");
    return readResult(releasesSchema, result).releases.find(({ id }) => id === release)?.images ?? [];
  };
  const show = (images: readonly Image[]): void => {
    const size = sum(images.map(({ sizeBytes }) => sizeBytes));
    if (size === 0) return;
    const done = sum(images.map(doneBytes));
    const rate = rateText(images.filter(({ state }) => state !== "staged"));
    cli.out.progress({
      done: Math.floor(done / 1e6),
      of: Math.max(1, Math.floor(size / 1e6)),
      what: `MB${rate === "" ? "" : `, ${rate}`}`,
    });
  };
  const asking = cli.doors.ask(verb, { release });
  const { result } = await meanwhile(cli, asking, async () => show(await look()));
  let images: readonly Image[] = readResult(stageSchema, result).images;
  while (images.some(({ state }) => state === "staging")) {
    await pause(cli);
    images = await look();
    show(images);
  }
  cli.out.settle();
  const staged = images.filter(({ state }) => state === "staged");
  const whole = { schema: "groundswell.stage/1", release, images };
  const what = `${staged.length} of ${counted(images.length, "image")} staged, ${showBytes(sum(staged.map(({ sizeBytes }) => sizeBytes)))}`;
  const faults = images.flatMap(({ state, target, sha256, fault }) =>
    state === "staged" ? [] : [`\n  ${safeText(`${target ?? sha256.slice(0, 12)} is ${state}${faultText(fault)}`)}`],
  );
  cli.out.one(whole.schema, { release, images }, `${safeText(release)}: ${what}${faults.join("")}`);
  if (staged.length === images.length) return EXIT.done;
  return staged.length === 0 ? EXIT.failed : EXIT.partly;
}

/** A fault is stated as text or as a small document with a kind. */
function faultText(fault: unknown): string {
  if (typeof fault === "string") return `: ${fault}`;
  if (typeof fault !== "object" || fault === null || !("kind" in fault)) return "";
  return `: ${String(fault.kind)}`;
}

async function sync(cli: Cli, { source }: { readonly source?: string }): Promise<number> {
  const { result } = await cli.doors.ask("firmware.sync", source === undefined ? {} : { source });
  const { version, releases, refused, sources } = readForPeople(syncSchema, result);
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.sync/1", ...(result as object) });
  else {
    const count = Array.isArray(releases) ? releases.length : releases;
    const bad = (refused ?? []).map(({ document, why }) => `\n  refused ${document}: ${why}`).join("");
    cli.out.one(
      "groundswell.sync/1",
      {},
      `Catalogue ${version ?? "unknown"}, ${counted(Number(count), "release")}. See them with: groundswell firmware list${bad}`,
    );
    for (const each of sources ?? []) cli.out.note(sourceLine(each, undefined));
  }
  const whole = (refused ?? []).length === 0 && (sources ?? []).every(({ fault }) => typeof fault !== "string");
  return whole ? EXIT.done : EXIT.partly;
}

/** The release of a version, where exactly one fits the models that are meant. */
export async function releaseOfVersion(cli: Cli, version: string, models: readonly string[]): Promise<ReleaseListed> {
  const { result } = await cli.doors.ask("firmware.list");
  const { releases } = readResult(releasesSchema, result);
  const found = releases.filter(
    (one) => one.version === version && models.every((model) => one.models.some((known) => modelMatches(model, known))),
  );
  const [only] = found;
  if (only === undefined) {
    throw new CliError(
      `No release has version "${version}"${models.length === 0 ? "" : ` for ${models.join(", ")}`}`,
      EXIT.nothingMatched,
      "groundswell firmware list shows all.",
    );
  }
  if (found.length > 1)
    throw new CliError(
      `Several releases have version "${version}": ${found.map(({ id }) => id).join(", ")}`,
      EXIT.usage,
      "Name the release by its id.",
    );
  return only;
}

/** `VVX*` means every model whose name begins so; without a star the name itself, whatever its case. */
export function modelMatches(wanted: string, model: string): boolean {
  const parts = wanted.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(model);
}
