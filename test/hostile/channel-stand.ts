/** A channel under attack: real files, a real web server whose every path an attacker may answer, and readers of both. */
import { cpSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { manualClock } from "../../protocols/core/time.ts";
import {
  type Channel,
  channel,
  DAY,
  described,
  published,
  type Reader,
  readerOf,
  readMetadata,
  signedBy,
  temporaryFolder,
  writeMetadata,
} from "../firmware/sources/kit.ts";
import { type HttpsDevice, httpsDevice } from "../support/https-device.ts";

export type Way = "folder" | "server";
type ReaderChanges = Parameters<typeof readerOf>[1];

export interface Stand {
  of: Channel;
  readonly server: HttpsDevice;
  /** Answers of the attacker's by path; all else comes from the folder. */
  readonly answers: Map<string, (response: ServerResponse) => void>;
  /** A reader that was there before the attack, or one that comes new. */
  reader(changes?: ReaderChanges): Reader;
}

export async function stand(way: Way, of?: Channel): Promise<Stand> {
  const answers: Stand["answers"] = new Map();
  const server = await httpsDevice(undefined, ({ path }, response) => {
    const hostile = answers.get(path);
    if (hostile !== undefined) return hostile(response);
    try {
      response.end(readFileSync(join(made.of.folder, path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  onTestFinished(() => server.close());
  const made: Stand = {
    of: of ?? (await channel({ version: 2 })),
    server,
    answers,
    reader(changes) {
      const url = new URL(`http://127.0.0.1:${server.port}/`);
      return readerOf(made.of, way === "server" ? { from: { kind: "url", url }, ...changes } : changes);
    },
  };
  return made;
}

/** A role's file of the standing version with something changed, and all above it made anew with stolen keys. */
export interface Forgery {
  readonly targets?: Record<string, unknown>;
  readonly snapshot?: Record<string, unknown>;
  readonly timestamp?: Record<string, unknown>;
  readonly by?: Partial<Pick<Channel["keys"], "snapshot" | "timestamp">> & { readonly targets?: Holder | readonly Holder[] };
  /** Version of all three; one more than what stands. */
  readonly version?: number;
}

export function forge({ of }: Stand, { by, version = 3, ...change }: Forgery): void {
  const keys = { ...of.keys, ...by };
  const body = (name: string, own: Record<string, unknown> | undefined, more: object = {}) => ({
    ...readMetadata(of, name).signed,
    version,
    ...more,
    ...own,
  });
  const stated = (bytes: Buffer, own: Record<string, unknown> | undefined) => ({
    version: own?.["version"] ?? version,
    ...described(bytes),
  });
  const targets = signedBy(body("2.targets.json", change.targets), [keys.targets].flat());
  const meta = { "targets.json": stated(targets, change.targets) };
  const snapshot = signedBy(body("2.snapshot.json", change.snapshot, { meta }), [keys.snapshot]);
  const snapshotMeta = { "snapshot.json": stated(snapshot, change.snapshot) };
  writeMetadata(of, `${change.targets?.["version"] ?? version}.targets.json`, targets);
  writeMetadata(of, `${change.snapshot?.["version"] ?? version}.snapshot.json`, snapshot);
  writeMetadata(of, "timestamp.json", signedBy(body("timestamp.json", change.timestamp, { meta: snapshotMeta }), [keys.timestamp]));
}

/** Version 1 of the same channel, for attackers who kept a copy. */
export async function olderCopy({ of }: Stand): Promise<Channel> {
  return published(await channel({ keys: of.keys, folder: temporaryFolder() }), 1);
}

/** Puts files of another copy over the channel's. */
export function putBack({ of }: Stand, from: Channel, ...names: readonly string[]): void {
  for (const name of names) cpSync(join(from.folder, "metadata", name), join(of.folder, "metadata", name));
}

/** The root of the channel, one version on, with what changes; signed by whom. */
export function nextRoot(
  { of }: Stand,
  by: readonly Channel["keys"]["timestamp"][],
  changes: Record<string, unknown> = {},
  version = 2,
): void {
  const body = { ...readMetadata(of, "1.root.json").signed, version, ...changes };
  writeMetadata(of, `${version}.root.json`, signedBy(body, by));
}

type Holder = Channel["keys"]["timestamp"];

/** Keys and roles of a root in which these roles have one new key each. */
export function withKeys({ of }: Stand, roles: Readonly<Record<string, Holder>>): Record<string, unknown> {
  const { keys, roles: before } = readMetadata(of, "1.root.json").signed as {
    keys: Record<string, object>;
    roles: Record<string, object>;
  };
  const publics = Object.values(roles).map(({ id, publicHex }) => [
    id,
    { keytype: "ed25519", scheme: "ed25519", keyval: { public: publicHex } },
  ]);
  const changed = Object.entries(roles).map(([role, { id }]) => [role, { keyids: [id], threshold: 1 }]);
  return { keys: { ...keys, ...Object.fromEntries(publics) }, roles: { ...before, ...Object.fromEntries(changed) } };
}

/** Never ends, as fast as the line takes it. */
export function endless(response: ServerResponse): void {
  const piece = Buffer.alloc(64 * 1024, " ");
  const pump = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on("drain", pump);
  response.on("error", () => undefined);
  pump();
}

/** Sends one byte and then nothing, and says when it was asked. */
export function trickling(): { readonly answer: (response: ServerResponse) => void; readonly asked: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    asked: promise,
    answer(response) {
      response.writeHead(200);
      response.write("{", () => resolve());
    },
  };
}

export const standingClock = () => manualClock(Date.now());
export const isoOf = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;
export const PAST: string = isoOf(Date.now() - DAY);
