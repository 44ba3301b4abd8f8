import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { markFolder, type Owner, ownerOf, removeLeftovers } from "../../../agent/rehearsal/leftovers.ts";
import { storeShelf } from "../../../agent/rehearsal/shelf.ts";

const ENTRY = join(import.meta.dirname, "shelf-entry.ts");
const PREFIX = "groundswell-rehearsal-";
const SELF: Owner = { boot: "boot-1", space: "pid:[1]", pid: 70, started: "7000" };
let parent: string;
/** Stands for /proc. */
let proc: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "leftovers-"));
  proc = join(parent, "proc");
  mkdirSync(proc);
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

function folder(name: string, owner: Owner | undefined): string {
  const path = join(parent, `${PREFIX}${name}`);
  mkdirSync(path, { mode: 0o700 });
  markFolder(path, owner);
  mkdirSync(join(path, "rows-1"));
  return path;
}

function running(pid: number, started: string): void {
  mkdirSync(join(proc, `${pid}`));
  const fields = ["S", ...Array.from({ length: 18 }, () => "1"), started, "0"];
  writeFileSync(join(proc, `${pid}`, "stat"), `${pid} (no) de (x) ${fields.join(" ")}\n`);
}

const removed = () => removeLeftovers(parent, PREFIX, SELF, proc);

test("removeLeftovers(): what a process that is gone left, and what one left whose number another has by now", () => {
  const gone = folder("gone", { ...SELF, pid: 71 });
  const again = folder("again", { ...SELF, pid: 72 });
  running(72, "7200");
  expect(removed().toSorted()).toEqual([again, gone].toSorted());
  expect([existsSync(gone), existsSync(again)]).toEqual([false, false]);
  expect(removed()).toEqual([]);
});

test("removeLeftovers(): a rehearsal that goes on keeps its folder", () => {
  running(72, "7200");
  folder("alive", { ...SELF, pid: 72, started: "7200" });
  expect(removed()).toEqual([]);
});

test("removeLeftovers(): whatever leaves a doubt stays", () => {
  const gone = { ...SELF, pid: 71 };
  folder("other-system", { ...gone, boot: "boot-2" });
  folder("other-container", { ...gone, space: "pid:[2]" });
  folder("unmarked", undefined);
  writeFileSync(join(folder("half", undefined), "owner.json"), '{"boot":"boot-1"');
  writeFileSync(join(folder("strange", undefined), "owner.json"), JSON.stringify({ ...gone, more: 1 }));
  writeFileSync(join(folder("long", undefined), "owner.json"), JSON.stringify({ ...gone, boot: "b".repeat(2_000) }));
  chmodSync(folder("open-to-others", gone), 0o755);
  const elsewhere = join(parent, "elsewhere");
  mkdirSync(elsewhere, { mode: 0o700 });
  markFolder(elsewhere, gone);
  symlinkSync(elsewhere, join(parent, `${PREFIX}link`));
  // Its entry is there and cannot be read as one.
  folder("unreadable", { ...gone, pid: 73 });
  mkdirSync(join(proc, "73", "stat"), { recursive: true });
  const before = readdirSync(parent);
  expect(removed()).toEqual([]);
  expect(readdirSync(parent)).toEqual(before);
  expect(removeLeftovers(parent, PREFIX, undefined, proc)).toEqual([]);
});

test("ownerOf(): nobody where the system says nothing", () => {
  expect(ownerOf(1, proc)).toBeUndefined();
});

test.runIf(process.platform === "linux")(
  "storeShelf(): a rehearsal takes away what a killed one left, and leaves one that goes on alone",
  async () => {
    const start = async () => {
      const child = spawn(process.execPath, [ENTRY, parent], { stdio: ["pipe", "pipe", "inherit"] });
      await once(child.stdout, "data");
      return child;
    };
    const folders = () => readdirSync(parent).filter((name) => name.startsWith(PREFIX));
    const killed = await start();
    const left = folders();
    expect(left).toHaveLength(1);
    killed.kill("SIGKILL");
    await once(killed, "exit");
    expect(folders()).toEqual(left);
    const living = await start();
    try {
      const alive = folders();
      expect(alive).toHaveLength(1);
      expect(alive).not.toEqual(left);
      storeShelf(parent).close();
      expect(folders()).toEqual(alive);
    } finally {
      living.kill("SIGKILL");
      await once(living, "exit");
    }
  },
);
