/**
 * Prometheus's snmp_exporter over the same devices and objects: what one poll costs it, by the kernel's count of its processor time.
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../agent/demo/free-port.ts";
import { install, isThere } from "../programs.ts";
import { addressOf, COMMUNITY, OIDS } from "./round-plan.ts";

const PROGRAM = "prometheus-snmp-exporter";
/** Fewer than a whole round: it is asked over HTTP, one device a request. */
const POLLS = 1_500;
const AT_ONCE = 16;
/** Of /proc/PID/stat. Linux: always 100 a second. */
const TICK_MS = 10;
const READY_TRIES = 100;

function settings(): string {
  const metrics = OIDS.map((oid, i) => ({ name: `value${i}`, oid: oid.replace(/\.0$/, ""), type: "gauge", help: "-" }));
  // The form of 0.21, as Debian has it: access stands in the module.
  return JSON.stringify({ bench: { get: OIDS, metrics, version: 2, auth: { community: COMMUNITY } } });
}

function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** @returns processor milliseconds per device, or why it cannot be told */
export async function exporterCpuMs(folder: string, hostsPort: number, say: (text: string) => void): Promise<number | string> {
  const trouble = isThere(PROGRAM) ? undefined : install([PROGRAM], say);
  if (trouble !== undefined) return trouble;
  const path = join(folder, "snmp.yml");
  writeFileSync(path, settings());
  const port = await freePort();
  const child = spawn(PROGRAM, [`--config.file=${path}`, `--web.listen-address=127.0.0.1:${port}`], { stdio: "ignore" });
  try {
    const poll = async (number: number): Promise<boolean> => {
      const answer = await fetch(`http://127.0.0.1:${port}/snmp?module=bench&target=${addressOf(number)}:${hostsPort}`);
      return (await answer.text()).includes("\nvalue19 ");
    };
    for (let tries = 1; !(await poll(0).catch(() => false)); tries++) {
      if (tries === READY_TRIES) return "it gives no values of a device on loopback";
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const before = cpuMsOf(child.pid ?? 0);
    let [next, told] = [0, 0];
    const asker = async (): Promise<void> => {
      while (next < POLLS) if (await poll(next++)) told++;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, asker));
    return told === POLLS ? (cpuMsOf(child.pid ?? 0) - before) / POLLS : `it gave values of ${told} devices of ${POLLS}`;
  } finally {
    child.kill();
  }
}
