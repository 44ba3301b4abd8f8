/**
 * The real thing: 10,000 devices asked every minute by the agent's own poller, field thread, observer and store, against hosts in
 * another process, a tenth of them dead. Whether an interval was missed is read from the history the agent wrote.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import { openStore } from "../../store/open.ts";
import { run } from "../child.ts";
import { absoluteRow, type Row } from "../figure.ts";
import { compile, withResponder } from "../programs.ts";
import { addressOf, agentSchema, COMMUNITY, DEAD_EVERY, DEVICES, EVERY_MS, isDead, macOf, type Stretch } from "./site-plan.ts";

/** Everybody is asked for the first time, and more. */
const FIRST_S = 66;
/** Two whole rounds. */
const LATER_S = 62;
/** An answer may be written so much later than its interval: time-outs of two lost packets. */
const SLACK_MS = 5_000;

const idOf = (number: number): DeviceId => `d-${macOf(number)}` as DeviceId;

function fill(directory: string): void {
  const store = openStore({ directory, nowMs: Date.now() });
  const atMs = Date.now();
  store.transaction(() => {
    for (let number = 0; number < DEVICES; number++) {
      store.devices.save({
        id: idOf(number),
        mac: macOf(number) as Mac,
        family: "generic-snmp",
        name: `bridge ${number}`,
        address: addressOf(number),
        managedBy: "none",
        availability: "unknown",
        inUse: { state: "unknown", reason: "not asked yet" },
        lines: [],
        parts: [],
        firstSeenMs: atMs,
        lastSeenMs: atMs,
        adopted: true,
      });
    }
  });
  store.close();
}

function writeSettings(folder: string, port: number): string {
  const [path, community] = [join(folder, "config.yaml"), join(folder, "community")];
  writeFileSync(community, COMMUNITY, { mode: 0o600 });
  const settings = {
    site: { id: "bench-health", name: "Bench" },
    dataDirectory: join(folder, "data"),
    socket: join(folder, "agent.sock"),
    ports: { snmp: port },
    credentials: [{ kind: "community", id: "snmp", communityFile: community }],
    adopt: "all",
    health: { phones: `${EVERY_MS / 1_000}s` },
    log: { level: "warn" },
  };
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

/** Live devices of which an interval has no reading, by what is in the history. */
function missed(directory: string, { fromMs, toMs }: Stretch): { readonly intervals: number; readonly longestMs: number } {
  const store = openStore({ directory, nowMs: Date.now() });
  let [intervals, longestMs] = [0, 0];
  for (let number = 0; number < DEVICES; number++) {
    if (isDead(number)) continue;
    const times = store.history.window(idOf(number), { fromMs: fromMs - EVERY_MS, toMs }).map(({ atMs }) => atMs);
    const gaps = [...times, toMs].map((atMs, i) => atMs - (times[i - 1] ?? fromMs - EVERY_MS));
    // The first is from before the stretch, the last until its end: neither is longer than an interval where none is missed.
    intervals += gaps.filter((gap) => gap > EVERY_MS + SLACK_MS).length;
    longestMs = Math.max(longestMs, ...gaps.slice(1, -1));
  }
  store.close();
  return { intervals, longestMs };
}

const share = ({ cpuMs, wallMs }: Stretch): number => cpuMs / wallMs;
const words = (stretch: Stretch): string =>
  `${(100 * share(stretch)).toFixed(1)} % of a core, loop delay p50 ${stretch.p50Ms.toFixed(1)} p99 ${stretch.p99Ms.toFixed(1)} longest ${stretch.longestMs.toFixed(0)} ms, ${stretch.rssMb.toFixed(0)} MB`;

export async function site(say: (text: string) => void): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-health-"));
  const directory = join(folder, "data");
  try {
    const responder = compile(new URL("../sweep/responder.c", import.meta.url), join(folder, "responder"));
    fill(directory);
    say(`${DEVICES} devices every ${EVERY_MS / 1_000} s by the agent, every ${DEAD_EVERY}th dead: ${FIRST_S + LATER_S} s`);
    const seen = await withResponder(responder, [String(DEAD_EVERY), "servers"], async (port) => {
      const script = new URL("./site-agent.ts", import.meta.url).pathname;
      return agentSchema.parse(
        JSON.parse(await run([process.execPath, script, writeSettings(folder, port), String(FIRST_S), String(LATER_S)], "", 600_000)),
      );
    });
    say(`first asks of all: ${words(seen.first)}`);
    say(`rounds after them: ${words(seen.later)}`);
    const { intervals, longestMs } = missed(directory, seen.later);
    say(`longest time between two readings of a live device: ${(longestMs / 1_000).toFixed(1)} s`);
    return [
      absoluteRow({ figure: `${DEVICES} devices every minute: CPU of the agent, of one core`, atMost: 0.25 }, [share(seen.later)]),
      absoluteRow({ figure: "the same: main loop delay p99, ms", atMost: 20 }, [seen.later.p99Ms]),
      absoluteRow({ figure: "the same: intervals missed of devices that answer", atMost: 0 }, [intervals]),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
