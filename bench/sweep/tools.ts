/**
 * The peers that are programs: found, installed or compiled, and run. Nothing here reaches further than 127.0.0.0/8.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { nowMs, run } from "../child.ts";
import { compile, install, isThere } from "../programs.ts";
import { addressOf, COMMUNITY, HOSTS, networkOf } from "./plan.ts";

const PACKAGES = { onesixtyone: "onesixtyone", nmap: "nmap", gcc: "gcc libc6-dev" } as const;

/** What one run of a program brought. */
export interface Ran {
  readonly answered: number;
  readonly wallMs: number;
}

export interface Tools {
  /** Answers every address of the loopback; started with `serve`. */
  readonly responder: string;
  loop(port: number, base: number): Promise<Ran>;
  onesixtyone(port: number, base: number, waitMs: number): Promise<Ran>;
  /** Only so many hosts: it is slow by design. */
  nmap(port: number, base: number): Promise<Ran>;
  close(): void;
}

/** Installs what is missing where that is ours to do, else says what to do. */
function providePrograms(say: (text: string) => void): void {
  const missing = Object.entries(PACKAGES).flatMap(([program, packages]) => (isThere(program) ? [] : packages.split(" ")));
  const trouble = missing.length === 0 ? undefined : install(missing, say);
  if (trouble !== undefined) throw new Error(`Cannot measure: ${trouble}`);
}

export function openTools(say: (text: string) => void): Tools {
  providePrograms(say);
  const folder = mkdtempSync(join(tmpdir(), "groundswell-sweep-"));
  const compiled = (name: string): string => compile(new URL(`./${name}.c`, import.meta.url), join(folder, name));
  const loop = compiled("loop");
  const hosts = (base: number): string => {
    const path = join(folder, `hosts-${base}`);
    writeFileSync(path, Array.from({ length: HOSTS }, (_, i) => `${addressOf(base, i + 1)}\n`).join(""));
    return path;
  };
  const schema = z.object({ answered: z.number(), wallMs: z.number() });
  return {
    responder: compiled("responder"),
    loop: async (port, base) => schema.parse(JSON.parse(await run([loop, String(port), String(base), String(HOSTS), COMMUNITY]))),
    async onesixtyone(port, base, waitMs) {
      const list = hosts(base);
      const startMs = nowMs();
      const said = await run(["onesixtyone", "-p", String(port), "-w", String(waitMs), "-i", list, COMMUNITY]);
      const wallMs = nowMs() - startMs;
      return { answered: new Set(said.match(/127\.\d+\.\d+\.\d+ \[/g)).size, wallMs };
    },
    async nmap(port, base) {
      const startMs = nowMs();
      const args = ["-sU", "-n", "-Pn", "-p", String(port), "--max-retries", "0", "--min-rate", "100000", "--open", "-oG", "-"];
      const said = await run(["nmap", ...args, networkOf(base)]);
      return { answered: new Set(said.match(/^Host: 127\.\d+\.\d+\.\d+ .*open\//gm)).size, wallMs: nowMs() - startMs };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
