/**
 * A person says what a file is for, or that it is for nothing. Only then is there a release to plan; the word is on the bytes,
 * and other bytes under the same name wait anew.
 */
import { type ImageRef, type Release, treeOf } from "../../firmware/release.ts";
import { disagreementText } from "../../firmware/sources/agree.ts";
import type { UnsignedKind } from "../../firmware/sources/source.ts";
import { isFinalCampaign } from "../../firmware/waves/campaign.ts";
import { type Fault, fail, ok, type Result, showFault } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import type { Clock } from "../../protocols/core/time.ts";
import { CHANNEL } from "../../store/releases.ts";
import type { Store } from "../../store/store.ts";
import type { Thread } from "../threads/channel.ts";
import type { DepotRequests, HeldFile } from "../threads/depot-requests.ts";
import { pinnedImages } from "./releases.ts";
import type { Sources } from "./sources.ts";
import { heldAt, inChannel, overruledBy } from "./standing.ts";

export interface AcceptanceIo {
  readonly store: Pick<Store, "transaction" | "releases" | "offerings" | "quarantine" | "campaigns" | "audit">;
  readonly depot: Pick<Thread<DepotRequests>, "ask">;
  readonly sources: Pick<Sources, "noticing">;
  readonly clock: Clock;
  /** Inside the transaction of the word. */
  onAccepted(release: Release, person: string): void;
  onWithdrawn(release: string, person: string): void;
}

/** Why a word was not taken: nothing is changed then. */
export interface Refused {
  readonly code: "notFound" | "wrongState" | "faulted";
  readonly why: string;
}

export interface AcceptOrder {
  readonly hashes: readonly Sha256[];
  readonly release: Release;
  readonly reason: string;
}

export interface Accepted {
  readonly release: string;
  readonly images: readonly Sha256[];
  /** Why it cannot be planned although it was accepted. */
  readonly overruled?: string;
}

const refuse = (code: Refused["code"], why: string) => fail<Refused>({ code, why });

/** One file of the order: the image it is said to be, and where its bytes lie. */
interface Named {
  readonly image: ImageRef;
  readonly held: HeldFile | undefined;
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
  const wrong = unfit(order, source, store);
  if (wrong !== undefined) return wrong;
  for (const { image, held } of named.value) {
    // The bytes as they are now: a file that changed since it was looked at is refused here.
    const staged = await io.depot.ask("stage", { image, pinned: pinnedImages(store), ...(held === undefined ? {} : { held }) }, signal);
    if (!staged.ok) return refuse("faulted", stageTrouble(image, staged.fault));
  }
  io.sources.noticing(() => {
    const atMs = io.clock.nowMs();
    const { release, reason } = order;
    for (const { image } of named.value) {
      const { sha256, sizeBytes } = image;
      store.releases.saveImage({ sha256, sizeBytes, state: "staged", atMs });
      store.quarantine.decide({ sha256, verdict: "accepted", release: release.id, person, reason, atMs });
    }
    store.releases.accept(release, source, atMs);
    const detail = { release: release.id, version: release.version, source, files: order.hashes, reason };
    store.audit.append({ atMs, actor: person, action: "firmware.accepted", subject: release.id, detail });
    io.onAccepted(release, person);
  });
  for (const sha256 of order.hashes) await dropFetched(sha256, io);
  const overruled = overruledBy(order.release.id, store);
  return ok({
    release: order.release.id,
    images: order.hashes,
    ...(overruled === undefined ? {} : { overruled: disagreementText(overruled) }),
  });
}

/** Every named hash is a file we have, and an image of the document with its size. */
function nameFiles({ hashes, release }: AcceptOrder, store: AcceptanceIo["store"]): Result<readonly Named[], Refused> {
  const named: Named[] = [];
  for (const sha256 of hashes) {
    const rows = store.quarantine.ofHash(sha256);
    const [row] = rows;
    if (row === undefined)
      return refuse("notFound", `No file with the hash ${sha256} is in quarantine: "groundswell firmware quarantine" shows them`);
    const held = heldAt(sha256, store);
    if (held === undefined && store.releases.image(sha256)?.state !== "staged")
      return refuse("wrongState", `"${row.name}" lies nowhere any more: drop or fetch it again`);
    const image = release.images.find((one) => one.sha256 === sha256);
    if (image === undefined) return refuse("wrongState", `The release document names no image with the hash ${sha256}`);
    if (image.sizeBytes !== row.sizeBytes)
      return refuse("wrongState", `The release document says ${image.sizeBytes} bytes of "${image.target}", the file has ${row.sizeBytes}`);
    named.push({ image, held });
  }
  return ok(named);
}

function sourceOf(hashes: readonly Sha256[], store: AcceptanceIo["store"]): UnsignedKind {
  const [first] = hashes;
  return (first === undefined ? undefined : store.quarantine.ofHash(first)[0]?.source) ?? "folder";
}

/** What stands in the way of the release as a whole. */
function unfit({ hashes, release }: AcceptOrder, source: UnsignedKind, store: AcceptanceIo["store"]): Result<never, Refused> | undefined {
  if (release.revoked) return refuse("wrongState", "The release document calls itself revoked");
  const missing = release.images.find(
    ({ sha256 }) => !hashes.includes(sha256) && store.quarantine.verdict(sha256)?.verdict !== "accepted" && !inChannel(sha256, store),
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

function stageTrouble({ target }: ImageRef, fault: Fault): string {
  return fault.kind === "mismatch"
    ? `"${target}" has changed since it was looked at: it waits in quarantine under its new hash`
    : `"${target}" is not taken in: ${showFault(fault)}`;
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
  if (store.quarantine.ofHash(sha256).length === 0)
    return refuse("notFound", `No file with the hash ${sha256} is in quarantine: "groundswell firmware quarantine" shows them`);
  const user = store.campaigns
    .list()
    .filter(({ state }) => !isFinalCampaign(state))
    .find(({ id }) => store.campaigns.load(id)?.plan.release.images.some((image) => image.sha256 === sha256));
  if (user !== undefined && store.quarantine.verdict(sha256)?.verdict === "accepted")
    return refuse("wrongState", `Campaign "${user.id}" needs these bytes: halt it first`);
  const withdrawn = io.sources.noticing(() => {
    const atMs = io.clock.nowMs();
    const lost = store.releases
      .stated()
      .filter(({ source, release }) => source !== CHANNEL && release.images.some((image) => image.sha256 === sha256));
    for (const { source, release } of lost) {
      store.releases.withdraw(release.id, source as UnsignedKind, atMs);
      io.onWithdrawn(release.id, person);
    }
    store.quarantine.decide({ sha256, verdict: "rejected", person, reason, atMs });
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
