/**
 * A person says what a file is for, or that it is for nothing. Only then is there a release to plan; the word is on the bytes,
 * and other bytes under the same name wait anew.
 */
import { type ImageRef, type Release, treeOf } from "../../firmware/release.ts";
import { disagreementText } from "../../firmware/sources/agree.ts";
import type { UnsignedKind } from "../../firmware/sources/source.ts";
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { imagesOf } from "../../firmware/waves/legs.ts";
import { type Fault, ok, type Result, showFault } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import type { Clock } from "../../protocols/core/time.ts";
import { CHANNEL } from "../../store/releases.ts";
import type { Store } from "../../store/store.ts";
import type { Thread } from "../threads/channel.ts";
import type { DepotRequests } from "../threads/depot-requests.ts";
import { type AcceptOrder, type NamedFile, nameFiles, type Refused, refuse } from "./accepted-files.ts";
import { pinnedImages } from "./releases.ts";
import type { Sources } from "./sources.ts";
import { imagesInside, inChannel, overruledBy } from "./standing.ts";

export interface AcceptanceIo {
  readonly store: Pick<Store, "transaction" | "releases" | "offerings" | "quarantine" | "campaigns" | "audit">;
  readonly depot: Pick<Thread<DepotRequests>, "ask">;
  readonly sources: Pick<Sources, "noticing">;
  readonly clock: Clock;
  /** Inside the transaction of the word. */
  onAccepted(release: Release, person: string): void;
  onWithdrawn(release: string, person: string): void;
}

export interface Accepted {
  readonly release: string;
  /** Files of the order; and their images, which of an archive are others. */
  readonly files: readonly Sha256[];
  readonly images: readonly Sha256[];
  /** Why it cannot be planned although it was accepted. */
  readonly overruled?: string;
}

/** Takes the bytes into the depot, checked, and then the word with everything that follows from it. Safe to repeat. */
export async function accept(
  order: AcceptOrder,
  person: string,
  io: AcceptanceIo,
  signal: AbortSignal,
): Promise<Result<Accepted, Refused>> {
  const { store } = io;
  const named = nameFiles(order, store);
  if (!named.ok) return named;
  const source = sourceOf(order.hashes, store);
  const images = named.value.flatMap((file) => file.images);
  const wrong = unfit(order.release, images, source, store);
  if (wrong !== undefined) return wrong;
  for (const file of named.value) {
    // The bytes as they are now: a file that changed since it was looked at is refused here.
    const staged = await stageFile(file, io, signal);
    if (!staged.ok) return refuse("faulted", stageTrouble(file.row.name, staged.fault));
  }
  io.sources.noticing(() => {
    const atMs = io.clock.nowMs();
    const { release, reason, despite } = order;
    for (const { sha256, sizeBytes } of images) store.releases.saveImage({ sha256, sizeBytes, state: "staged", atMs });
    // The word on an archive is one on the images that were taken out of it.
    for (const sha256 of new Set([...order.hashes, ...images.map((image) => image.sha256)]))
      store.quarantine.decide({ sha256, verdict: "accepted", release: release.id, person, reason, atMs });
    store.releases.accept(release, source, atMs);
    const known = despite.length === 0 ? {} : { despite };
    const detail = { release: release.id, version: release.version, source, files: order.hashes, images: images.length, reason, ...known };
    store.audit.append({ atMs, actor: person, action: "firmware.accepted", subject: release.id, detail });
    io.onAccepted(release, person);
  });
  for (const sha256 of order.hashes) await dropFetched(sha256, io);
  const overruled = overruledBy(order.release.id, store);
  return ok({
    release: order.release.id,
    files: order.hashes,
    images: images.map(({ sha256 }) => sha256),
    ...(overruled === undefined ? {} : { overruled: disagreementText(overruled) }),
  });
}

function sourceOf(hashes: readonly Sha256[], store: AcceptanceIo["store"]): UnsignedKind {
  const [first] = hashes;
  return (first === undefined ? undefined : store.quarantine.ofHash(first)[0]?.source) ?? "folder";
}

/** What stands in the way of the release as a whole. @param brought  its images that come with this order */
function unfit(
  release: Release,
  brought: readonly ImageRef[],
  source: UnsignedKind,
  store: AcceptanceIo["store"],
): Result<never, Refused> | undefined {
  const hashes = new Set(brought.map(({ sha256 }) => sha256));
  if (release.revoked) return refuse("wrongState", "The release document calls itself revoked");
  const missing = release.images.find(
    ({ sha256 }) => !hashes.has(sha256) && store.quarantine.verdict(sha256)?.verdict !== "accepted" && !inChannel(sha256, store),
  );
  if (missing !== undefined)
    return refuse("wrongState", `Image "${missing.target}" of the release is not accepted: name its hash as well (${missing.sha256})`);
  const taken = store.releases.stated().find((one) => one.release.id === release.id && one.source !== source);
  if (taken !== undefined)
    return refuse("wrongState", `A release "${release.id}" comes from ${taken.source} already: give this one another id`);
  const rival = rivalOf(release, store);
  if (rival !== undefined)
    return refuse("wrongState", `Release "${rival}" was accepted with other bytes for the same version and hardware: reject those first`);
  return undefined;
}

/** An accepted release of the same version with other bytes for a part number of this one. */
function rivalOf(release: Release, { releases }: Pick<Store, "releases">): string | undefined {
  const clashes = (other: Release): boolean =>
    other.images.some((image) =>
      release.images.some((mine) => mine.sha256 !== image.sha256 && mine.partNumbers.some((part) => image.partNumbers.includes(part))),
    ) || clashesAsTree(release, other);
  const rival = releases
    .stated()
    .find(
      ({ source, release: other }) => source !== CHANNEL && other.id !== release.id && other.version === release.version && clashes(other),
    );
  return rival?.release.id;
}

/** Two trees for a model of both that lay other bytes under one path. */
function clashesAsTree(release: Release, other: Release): boolean {
  if (release.family !== other.family || !release.models.some((model) => other.models.includes(model))) return false;
  const hashes = new Map(treeOf(other).map(({ path, sha256 }) => [path, sha256]));
  return treeOf(release).some(({ path, sha256 }) => hashes.has(path) && hashes.get(path) !== sha256);
}

/** Every image of the file into the depot; what is staged already is not asked for again. */
async function stageFile({ images, from }: NamedFile, { store, depot }: AcceptanceIo, signal: AbortSignal): Promise<Result<unknown>> {
  const pinned = pinnedImages(store);
  if (from === undefined) return ok(undefined);
  if ("archive" in from) return depot.ask("stageInside", { archive: from.archive, images, pinned }, signal);
  for (const image of images) {
    const staged = await depot.ask("stage", { image, pinned, ...from }, signal);
    if (!staged.ok) return staged;
  }
  return ok(undefined);
}

function stageTrouble(name: string, fault: Fault): string {
  return fault.kind === "mismatch"
    ? `"${name}" has changed since it was looked at: it waits in quarantine under its new hash`
    : `"${name}" is not taken in: ${showFault(fault)}`;
}

export interface RejectOrder {
  readonly sha256: Sha256;
  readonly reason: string;
}

/** Nobody may plan these bytes; what was accepted of them is taken back. A file in the drop folder stays where it is. */
export async function reject(
  { sha256, reason }: RejectOrder,
  person: string,
  io: AcceptanceIo,
): Promise<Result<{ readonly withdrawn: readonly string[] }, Refused>> {
  const { store } = io;
  const rows = store.quarantine.ofHash(sha256);
  if (rows.length === 0)
    return refuse("notFound", `No file with the hash ${sha256} is in quarantine: "groundswell firmware quarantine" shows them`);
  // A word on an archive is one on the images inside.
  const bytes = new Set([sha256, ...rows.flatMap(imagesInside).map((image) => image.sha256)]);
  const user = store.campaigns
    .open()
    .filter(({ state }) => !isFinalCampaign(state))
    .find(({ id }) => {
      const plan = store.campaigns.load(id)?.plan;
      return plan !== undefined && imagesOf(plan).intersection(bytes).size > 0;
    });
  if (user !== undefined && store.quarantine.verdict(sha256)?.verdict === "accepted")
    return refuse("wrongState", `Campaign "${user.id}" needs these bytes: halt it first`);
  const withdrawn = io.sources.noticing(() => {
    const atMs = io.clock.nowMs();
    const lost = store.releases
      .stated()
      .filter(({ source, release }) => source !== CHANNEL && release.images.some((image) => bytes.has(image.sha256)));
    for (const { source, release } of lost) {
      store.releases.withdraw(release.id, source as UnsignedKind, atMs);
      io.onWithdrawn(release.id, person);
    }
    for (const each of bytes) store.quarantine.decide({ sha256: each, verdict: "rejected", person, reason, atMs });
    const detail = { reason, withdrawn: lost.map(({ release }) => release.id) };
    store.audit.append({ atMs, actor: person, action: "firmware.rejected", subject: sha256, detail });
    return detail.withdrawn;
  });
  await dropFetched(sha256, io);
  return ok({ withdrawn });
}

/** What was fetched is in the depot by now, or wanted by nobody. */
async function dropFetched(sha256: Sha256, { store, depot, clock }: AcceptanceIo): Promise<void> {
  const fetched = store.quarantine.ofHash(sha256).filter(({ source, goneAtMs }) => source !== "folder" && goneAtMs === undefined);
  if (fetched.length === 0) return;
  await depot.ask("dropQuarantined", { sha256 });
  for (const { source } of fetched) store.quarantine.gone(source, sha256, clock.nowMs());
}
