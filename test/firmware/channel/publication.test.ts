import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { draftRoot, draftTargets, rotate } from "../../../firmware/channel/draft.ts";
import { makeKey } from "../../../firmware/channel/keys.ts";
import { filesOf } from "../../../firmware/channel/metadata.ts";
import { planPublication } from "../../../firmware/channel/publication.ts";
import { saveDraft } from "../../../firmware/channel/repository.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { readerOf } from "../sources/kit.ts";
import {
  type Authored,
  authored,
  must,
  never,
  opened,
  publishNow,
  released,
  releaseFrom,
  signWith,
  stage,
  temporaryFolder,
} from "./kit.ts";

const onlineKeys = ({ keys }: Authored) => [...keys.snapshot, ...keys.timestamp];

test("planPublication(): without a draft snapshot and timestamp are renewed, in this order", async () => {
  const of = await authored();
  const plan = must(planPublication(await opened(of), { keys: onlineKeys(of), nowMs: Date.now(), refresh: false }));
  expect(plan.writes.map(({ path }) => path)).toEqual(["metadata/2.snapshot.json", "metadata/timestamp.json"]);
  expect(plan).toMatchObject({
    versions: { root: 1, targets: 1, snapshot: 2, timestamp: 2 },
    changed: ["snapshot", "timestamp"],
    seamless: true,
  });
});

test("planPublication(): a refresh writes the timestamp and nothing else, and needs no other key", async () => {
  const of = await authored();
  const plan = must(planPublication(await opened(of), { keys: of.keys.timestamp, nowMs: Date.now(), refresh: true }));
  expect(plan.writes.map(({ path }) => path)).toEqual(["metadata/timestamp.json"]);
  expect(plan.versions).toEqual({ root: 1, targets: 1, snapshot: 1, timestamp: 2 });
});

test("planPublication(): a refresh leaves a draft alone, signed or not", async () => {
  const of = await authored();
  await stage(of, await releaseFrom("ucs-1", "image"));
  must(await publishNow(of, { refresh: true }));
  expect((await opened(of)).draft.targets).toBeDefined();
});

test.each(["snapshot", "timestamp"] as const)(
  "planPublication(): without the %s key, or with a stranger's, nothing is planned",
  async (role) => {
    const of = await authored();
    const others = onlineKeys(of).filter(({ id }) => id !== of.keys[role][0]?.id);
    for (const keys of [others, [...others, makeKey()]]) {
      const plan = planPublication(await opened(of), { keys, nowMs: Date.now(), refresh: false });
      expect(plan).toMatchObject({ ok: false, fault: { kind: "unsigned", why: expect.stringContaining(role) } });
    }
  },
);

test("planPublication(): a draft below its threshold is refused", async () => {
  const of = await authored();
  await stage(of, await releaseFrom("ucs-1", "image"));
  expect(await publishNow(of)).toMatchObject({ ok: false, fault: { kind: "unsigned", why: expect.stringContaining("0 of 1") } });
  await saveDraft(of.folder, { root: draftRoot(await opened(of), Date.now()) });
  await signWith(of, "targets", of.keys.targets);
  await signWith(of, "root", of.keys.root.slice(0, 1));
  expect(await publishNow(of)).toMatchObject({ ok: false, fault: { kind: "unsigned", why: expect.stringContaining("1 of 2") } });
});

test("planPublication(): a version never goes back, nor skips one", async () => {
  const of = await authored();
  await released(of, "ucs-1");
  const repository = await opened(of);
  for (const version of [1, 2, 4]) {
    const base = { ...repository, targets: { ...repository.targets, signed: { ...repository.targets.signed, version: version - 1 } } };
    const targets = draftTargets(base as typeof repository, filesOf(repository.targets), Date.now());
    const plan = planPublication({ ...repository, draft: { targets } }, { keys: onlineKeys(of), nowMs: Date.now(), refresh: false });
    expect([version, plan.ok || plan.fault.kind]).toEqual([version, "refused"]);
  }
});

test("planPublication(): what has run out is not published again, and the way to renew it is said", async () => {
  const of = await authored(Date.now() - 181 * DAY);
  const plan = planPublication(await opened(of), { keys: onlineKeys(of), nowMs: Date.now(), refresh: true });
  expect(plan).toMatchObject({ ok: false, fault: { kind: "refused", hint: expect.stringContaining("--role targets --renew") } });
});

test("planPublication(): a timestamp is not renewed over a snapshot that readers refuse", async () => {
  const late = await authored(Date.now() - 91 * DAY);
  const plan = planPublication(await opened(late), { keys: onlineKeys(late), nowMs: Date.now(), refresh: true });
  expect(plan).toMatchObject({ ok: false, fault: { kind: "refused", why: expect.stringContaining("The snapshot has run out") } });
  const of = await authored();
  const { root, made } = must(rotate(await opened(of), "snapshot", [], Date.now()));
  await saveDraft(of.folder, { root });
  await signWith(of, "root", of.keys.root.slice(0, 2));
  // Cut off after the root: the snapshot there is signed by the key that went.
  cpSync(join(of.folder, "draft", "root.json"), join(of.folder, "metadata", "2.root.json"));
  const keys = [...onlineKeys(of), ...made];
  expect(planPublication(await opened(of), { keys, nowMs: Date.now(), refresh: true })).toMatchObject({
    ok: false,
    fault: { why: expect.stringContaining("The snapshot is not signed"), hint: expect.stringContaining("without --refresh") },
  });
  must(await publishNow(of, { keys }));
  must(await publishNow(of, { keys, refresh: true }));
});

/** Each state of the folder that a reader may meet while it is published: after none, one, two … of the writes. */
async function everyState(of: Authored, keys = onlineKeys(of)) {
  const repository = await opened(of);
  const { writes, seamless } = must(planPublication(repository, { keys, nowMs: Date.now(), refresh: false }));
  const copy = temporaryFolder();
  cpSync(of.folder, copy, { recursive: true });
  if (existsSync(join(copy, "draft", "targets")))
    cpSync(join(copy, "draft", "targets"), join(copy, "targets"), { recursive: true, force: true });
  const pinned = join(temporaryFolder(), "root.json");
  cpSync(join(copy, "metadata", "1.root.json"), pinned);
  const told: unknown[] = [];
  for (const write of [undefined, ...writes]) {
    if (write !== undefined) writeFileSync(join(copy, write.path), write.bytes);
    const reader = readerOf({ folder: copy, rootPath: pinned, keys: undefined as never, nowMs: 0 });
    const read = await reader.read(undefined, never);
    told.push(read.ok ? read.value.releases.map(({ id }) => id) : read.fault.name);
  }
  return { told, seamless };
}

test("publish: after every single write a new reader sees the channel before or after, never half", async () => {
  const of = await authored();
  await released(of, "ucs-1");
  await stage(of, await releaseFrom("ucs-2", "second"));
  await signWith(of, "targets", of.keys.targets);
  const { told } = await everyState(of);
  expect(told).toEqual([["ucs-1"], ["ucs-1"], ["ucs-1"], ["ucs-1", "ucs-2"]]);
});

test("publish: with new keys for every role too, where the keys before sign as well", async () => {
  const of = await authored();
  await released(of, "ucs-1");
  const made = [];
  for (const role of ["targets", "snapshot", "timestamp"] as const) {
    const rotated = must(rotate(await opened(of), role, [], Date.now()));
    made.push(...rotated.made);
    await saveDraft(of.folder, { root: rotated.root, ...(rotated.targets === undefined ? {} : { targets: rotated.targets }) });
  }
  await signWith(of, "root", of.keys.root.slice(0, 2));
  await signWith(of, "targets", [...made.slice(0, 1), ...of.keys.targets]);
  const { told, seamless } = await everyState(of, [...onlineKeys(of), ...made.slice(1)]);
  expect(seamless).toBe(true);
  expect(told).toEqual(Array.from({ length: 6 }, () => ["ucs-1"]));
});

test("publish: without the keys before a reader in that very moment refuses, and believes nothing half", async () => {
  const of = await authored();
  await released(of, "ucs-1");
  const { root, made } = must(rotate(await opened(of), "timestamp", [], Date.now()));
  await saveDraft(of.folder, { root });
  await signWith(of, "root", of.keys.root.slice(1));
  const { told, seamless } = await everyState(of, [...of.keys.snapshot, ...made]);
  expect(seamless).toBe(false);
  expect(told).toEqual([["ucs-1"], ["ucs-1"], "signature", ["ucs-1"], ["ucs-1"]]);
});
