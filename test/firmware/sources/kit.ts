/** Real signed channels in folders that go away with the test, and ways to damage them as an attacker or a disk would. */
import { createHash, sign } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { CatalogueMark } from "../../../firmware/sources/catalogue-order.ts";
import { channelSource } from "../../../firmware/sources/channel.ts";
import type { Source } from "../../../firmware/sources/source.ts";
import { type ChannelInput, type ChannelKeys, type ChannelRelease, makeChannel } from "../../../fixtures/channel/make.ts";
import { demoReleases } from "../../../fixtures/channel/releases.ts";
import { systemClock } from "../../../protocols/core/time.ts";

export const never: AbortSignal = new AbortController().signal;
export const DAY = 86_400_000;
export const SMALL = 2_000;

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-channel-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Channel {
  readonly folder: string;
  readonly rootPath: string;
  readonly keys: ChannelKeys;
  readonly nowMs: number;
}

/** Expiry is judged by the machine's own time, so a channel is made for now. */
export async function channel(changes: Partial<ChannelInput> = {}): Promise<Channel> {
  const folder = changes.folder ?? temporaryFolder();
  const input = { folder, nowMs: Date.now(), releases: demoReleases(SMALL), version: 1, ...changes };
  return { folder, nowMs: input.nowMs, ...(await makeChannel(input)) };
}

/** The same channel, published again; its root stays the same to the byte, and so does what is remembered under it. */
export function published(of: Channel, version: number, changes: Partial<ChannelInput> = {}): Promise<Channel> {
  return channel({ folder: of.folder, keys: of.keys, nowMs: of.nowMs, version, ...changes });
}

export interface Reader extends Source {
  readonly cacheFolder: string;
}

/** A reader with a cache of its own, over the channel's folder unless another place is named. */
export function readerOf(of: Channel, changes: Partial<Parameters<typeof channelSource>[0]> = {}): Reader {
  const cacheFolder = changes.cacheFolder ?? temporaryFolder();
  const options = {
    from: { kind: "folder", folder: of.folder } as const,
    rootPath: of.rootPath,
    agentVersion: "0.1.0",
    clock: systemClock(),
    ...changes,
  };
  return { ...channelSource({ ...options, cacheFolder }), cacheFolder };
}

/** The name of the fault of a read, or the versions it gave. */
export async function outcome(source: Source, newestSeen?: CatalogueMark): Promise<string | readonly string[]> {
  const read = await source.read(newestSeen, never);
  return read.ok ? read.value.releases.map(({ version }) => version) : read.fault.name;
}

export const DEMO_VERSIONS: readonly string[] = ["8.6.0.1321", "6.4.8.1190"];

/** A release of the demonstration with another document; its images stay. */
export function releaseWith(changes: Record<string, unknown>): ChannelRelease {
  const [release] = demoReleases(SMALL);
  if (release === undefined) throw new Error("no release");
  return { ...release, doc: { ...release.doc, ...changes } };
}

interface Signed {
  signatures: { keyid: string; sig: string }[];
  signed: Record<string, unknown>;
}

export function readMetadata(of: Channel, name: string): Signed {
  return JSON.parse(readFileSync(join(of.folder, "metadata", name), "utf8")) as Signed;
}

export function writeMetadata(of: Channel, name: string, bytes: string | Buffer): void {
  mkdirSync(join(of.folder, "metadata"), { recursive: true });
  writeFileSync(join(of.folder, "metadata", name), bytes);
}

/** Plain ASCII only, where every canonical form of JSON is the same. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
}

type Holder = ChannelKeys["timestamp"];

export function signedBy(body: Record<string, unknown>, by: readonly Holder[]): Buffer {
  const bytes = Buffer.from(canonical(body));
  const signatures = by.map(({ id, privateKey }) => ({ keyid: id, sig: sign(null, bytes, privateKey).toString("hex") }));
  return Buffer.from(JSON.stringify({ signatures, signed: body }));
}

export function described(bytes: Buffer): { length: number; hashes: { sha256: string } } {
  return { length: bytes.length, hashes: { sha256: createHash("sha256").update(bytes).digest("hex") } };
}

export interface Rewritten {
  readonly targets?: Record<string, unknown>;
  readonly snapshot?: Record<string, unknown>;
  readonly timestamp?: Record<string, unknown>;
  /** Who signs instead of the role's own key. */
  readonly by?: Partial<Pick<ChannelKeys, "targets" | "snapshot" | "timestamp">>;
}

/** Writes the three roles of version 1 anew with something changed; each still fits the one above it. */
export function rewrite(of: Channel, changes: Rewritten): void {
  const keys = { ...of.keys, ...changes.by };
  const role = (name: string, change: Record<string, unknown> | undefined, more: object = {}) => ({
    ...readMetadata(of, name).signed,
    ...more,
    ...change,
  });
  const targets = signedBy(role("1.targets.json", changes.targets), [keys.targets]);
  const targetsMeta = { "targets.json": { version: 1, ...described(targets) } };
  const snapshot = signedBy(role("1.snapshot.json", changes.snapshot, { meta: targetsMeta }), [keys.snapshot]);
  const snapshotMeta = { "snapshot.json": { version: 1, ...described(snapshot) } };
  writeMetadata(of, "1.targets.json", targets);
  writeMetadata(of, "1.snapshot.json", snapshot);
  writeMetadata(of, "timestamp.json", signedBy(role("timestamp.json", changes.timestamp, { meta: snapshotMeta }), [keys.timestamp]));
}

/** A root of the version, signed by whom. */
export function writeRoot(of: Channel, version: number, by: readonly Holder[], changes: Record<string, unknown> = {}): void {
  const body = { ...readMetadata(of, "1.root.json").signed, version, ...changes };
  writeMetadata(of, `${version}.root.json`, signedBy(body, by));
}
