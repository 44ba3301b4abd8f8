/**
 * Power cuts while the outbox and the incidents are written: the write log of a real process, recorded by strace, is played
 * back up to any moment with unsynced writes lost, torn or out of order, and the agent's store opens what is left.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import { MAIN_FILE, openFile, openStore } from "../../../store/open.ts";
import { peerTest } from "../../peers/peer.ts";
import { ackedAt, filesAfterCut } from "./cut.ts";
import { contentOf, runStep, STEPS, T0 } from "./workload.ts";
import { type Op, parseTrace, STRACE } from "./write-log.ts";

const TRACER = "/usr/bin/strace";
const FILES = [MAIN_FILE, `${MAIN_FILE}-wal`];
/** security.md 5, G3: in every run, and as many as are asked for in a full one. */
const CUTS = Number(process.env["GROUNDSWELL_CUTS"] ?? 100);

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "groundswell-power-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

let recorded: readonly Op[] | undefined;
const record = (): readonly Op[] => (recorded ??= run());

function run(): readonly Op[] {
  const made = folder();
  const log = join(made, "trace");
  const entry = join(import.meta.dirname, "entry.ts");
  const ran = spawnSync(TRACER, [...STRACE, log, process.execPath, entry, join(made, "data")], { encoding: "utf8" });
  const ops = parseTrace(readFileSync(log, "latin1"), FILES);
  if (ackedAt(ops, ops.length) !== STEPS) throw new Error(`the workload did not end: ${ran.stderr}`);
  return ops;
}

/** The content after each step, from a run that nothing disturbs. */
let known: readonly string[] | undefined;
const contents = (): readonly string[] => (known ??= undisturbed());

function undisturbed(): readonly string[] {
  const directory = folder();
  const store = openStore({ directory, nowMs: T0 });
  const reader = openFile(join(directory, MAIN_FILE), "FULL");
  const all = [contentOf(reader)];
  for (let step = 1; step <= STEPS; step++) {
    runStep(store, step);
    all.push(contentOf(reader));
  }
  reader.close();
  store.close();
  return all;
}

/** Opens what a cut left. @returns what the store finds wrong with the file, and what the tables hold */
function openAfter(ops: readonly Op[], at: number, random: Random): { readonly wrong: readonly string[]; readonly content: string } {
  const directory = mkdtempSync(join(tmpdir(), "groundswell-power-"));
  try {
    for (const [file, bytes] of filesAfterCut(ops, at, random)) writeFileSync(join(directory, file), bytes);
    const store = openStore({ directory, nowMs: T0 });
    const wrong = store.check("full");
    store.close();
    const reader = openFile(join(directory, MAIN_FILE), "FULL");
    const content = contentOf(reader);
    reader.close();
    return { wrong, content };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Cuts at moments after the first step: what was there before is the making of the file. */
function* moments(ops: readonly Op[], random: Random): Generator<number> {
  const first = ops.findIndex((op) => op.do === "ack") + 1;
  for (let cut = 0; cut < CUTS; cut++) yield first + random.below(ops.length - first + 1);
}

peerTest(
  "power cut: of the outbox and the incidents no acknowledged row is lost, none is half there, and the file is sound",
  TRACER,
  () => {
    const ops = record();
    const expected = contents();
    // The log must hold what makes it hard: a checkpoint that overwrites the file while the log is reused.
    expect(ops.filter((op) => op.do === "sync" && op.file === MAIN_FILE).length).toBeGreaterThan(1);
    const random = seededRandom(3);
    for (const at of moments(ops, random)) {
      const acked = ackedAt(ops, at);
      const { wrong, content } = openAfter(ops, at, random);
      expect(wrong, `cut at ${at}`).toEqual([]);
      // The step under way may be there whole, or not at all.
      const step = [acked, acked + 1].find((one) => expected[one] === content);
      expect(step, `cut at ${at}, after step ${acked}`).toBeDefined();
    }
  },
);

peerTest("power cut: without a sync at each commit the same cuts are seen to lose rows", TRACER, () => {
  const lazy = record().filter((op) => op.do !== "sync" || op.file === MAIN_FILE);
  const expected = contents();
  const random = seededRandom(3);
  let lost = 0;
  for (const at of [...moments(lazy, random)].slice(0, 20)) {
    const acked = ackedAt(lazy, at);
    try {
      const { content } = openAfter(lazy, at, random);
      if (![acked, acked + 1].some((one) => expected[one] === content)) lost++;
    } catch {
      lost++; // not even a database any more
    }
  }
  expect(lost).toBeGreaterThan(10);
});
