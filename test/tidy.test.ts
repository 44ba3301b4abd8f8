import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { readMigrations } from "../store/migrate.ts";
import {
  cycleProblems,
  globalProblems,
  hookProblems,
  packageProblems,
  rankProblems,
  type Sources,
  sizeProblems,
  stageProblems,
} from "./support/tidy.ts";

const root = join(import.meta.dirname, "..");

function sourcesOnDisk(): Sources {
  const found = new Map<string, string>();
  for (const folder of ["protocols", "firmware", "store", "agent", "fixtures", "test", "bench"]) {
    let entries: string[] = [];
    try {
      entries = readdirSync(join(root, folder), { recursive: true }) as string[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    for (const entry of entries.filter((name) => name.endsWith(".ts"))) {
      const path = join(root, folder, entry);
      found.set(relative(root, path), readFileSync(path, "utf8"));
    }
  }
  return found;
}

describe("the tree", () => {
  const sources = sourcesOnDisk();

  it("tree: imports go down or sideways only", () => expect(rankProblems(sources)).toEqual([]));
  it("tree: what plays on a simulated fleet is loaded only when it is asked for", () => expect(stageProblems(sources)).toEqual([]));
  it("tree: no import cycles", () => expect(cycleProblems(sources)).toEqual([]));
  it("tree: each package is imported in its one place", () => expect(packageProblems(sources)).toEqual([]));
  it("tree: time, chance and environment are arguments", () => expect(globalProblems(sources)).toEqual([]));
  it("tree: what test files share hangs no hook on them", () => expect(hookProblems(sources)).toEqual([]));
  it("tree: files stay small and well named", () => expect(sizeProblems(sources)).toEqual([]));
  it("tree: migrations are numbered one after the other", () => {
    for (const folder of ["migrations", "history/migrations"])
      expect(readMigrations(join(root, "store", folder)).length).toBeGreaterThan(0);
  });
});

describe("the tidy checks themselves", () => {
  const planted = (file: string, text: string): Sources =>
    new Map([
      [file, text],
      ["agent/main.ts", ""],
      ["store/open.ts", ""],
      ["fixtures/site/main.ts", ""],
    ]);

  it("rankProblems(): an upward import is caught", () => {
    expect(rankProblems(planted("firmware/release.ts", 'import { x } from "../store/open.ts";\n'))).toEqual([
      "firmware/release.ts: upward import of store/open.ts",
    ]);
  });
  it("rankProblems(): a type-only upward import is caught too", () => {
    expect(rankProblems(planted("protocols/core/a.ts", 'import type { X } from "../../agent/main.ts";\n'))).toHaveLength(1);
  });
  it("rankProblems(): the product may not use the simulated site", () => {
    expect(rankProblems(planted("agent/loop.ts", 'import { x } from "../fixtures/site/main.ts";\n'))).toHaveLength(1);
  });
  it("rankProblems(): the simulated site may not use the driver", () => {
    const sources = new Map([
      ["fixtures/site/a.ts", 'import { parse } from "../../protocols/sip/message.ts";\n'],
      ["protocols/sip/message.ts", ""],
    ]);
    expect(rankProblems(sources)).toHaveLength(1);
  });
  it("stageProblems(): an import that would load the simulated fleet with the rest is caught; one of types, or in time, is not", () => {
    const wrong = 'import { play } from "./rehearsal/play.ts";\n';
    // In two pieces: this very file is looked through as well.
    const lazy = ["import(", '"./rehearsal/play.ts")'].join("");
    const right = `import type { Played } from "./rehearsal/played.ts";\nconst { play } = await ${lazy};\n`;
    expect(stageProblems(planted("agent/loop.ts", wrong))).toEqual(["agent/loop.ts: ./rehearsal/play.ts must be loaded with import()"]);
    expect(stageProblems(planted("agent/loop.ts", right))).toEqual([]);
  });
  it("cycleProblems(): a cycle is named", () => {
    const sources = new Map([
      ["protocols/a.ts", 'import "./b.ts";\n'],
      ["protocols/b.ts", 'import type { A } from "./a.ts";\n'],
    ]);
    expect(cycleProblems(sources)).toEqual(["cycle: protocols/a.ts → protocols/b.ts → protocols/a.ts"]);
  });
  it("packageProblems(): a package outside its home is caught", () => {
    expect(packageProblems(planted("agent/loop.ts", 'import mqtt from "mqtt";\n'))).toHaveLength(1);
  });
  it("globalProblems(): a clock read inside a decision is caught, a mention in a comment is not", () => {
    expect(globalProblems(planted("firmware/plan.ts", "const now = Date.now();\n"))).toHaveLength(1);
    expect(globalProblems(planted("firmware/plan.ts", "// Date.now() is not used\n"))).toEqual([]);
  });
  it("sizeProblems(): a file over the limit is caught", () => {
    expect(sizeProblems(planted("agent/loop.ts", "x\n".repeat(301)))).toHaveLength(1);
  });

  it("hookProblems(): a hook in a helper is caught, in a test file it is right", () => {
    const hook = "afterEach(() => {});\n";
    expect(hookProblems(planted("test/support/a.ts", hook))).toHaveLength(1);
    expect(hookProblems(planted("test/support/a.test.ts", hook))).toEqual([]);
  });
});
