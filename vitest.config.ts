import { defineConfig } from "vitest/config";

const CRASH = "test/crash/**/*.test.ts";

/** Ends a test that hangs, and judges none: the slowest machine gets there. Who takes longer says so. */
const MINUTES_5 = 300_000;

const project = (name: string, include: readonly string[], exclude: readonly string[], groupOrder: number) => ({
  test: {
    ...{ name, include: [...include], exclude: [...exclude], sequence: { groupOrder }, testTimeout: MINUTES_5, hookTimeout: MINUTES_5 },
    setupFiles: ["test/support/nothing-left-open.ts"],
  },
});

/** The crash test runs alone after the others: it drives real processes at many times the speed of real devices. */
export default defineConfig({
  test: {
    pool: "forks",
    // Our modules keep no state, so files may share a process; most of a test's time is a real time-out, so more than the cores.
    isolate: false,
    maxWorkers: 4,
    projects: [project("parts", ["test/**/*.test.ts"], [CRASH], 0), project("crash", [CRASH], [], 1)],
  },
});
