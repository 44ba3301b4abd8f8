/**
 * One round over 10,000 devices, 20 values each, version 2c: ours into SQLite, beside `net-snmp` with a session per poll, net-snmp's C
 * library, which both store nothing, and monitoring programs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, runScript } from "../child.ts";
import { absoluteRow, type Row, ratioRow, skippedRow } from "../figure.ts";
import { compile, install, isThere, withResponder } from "../programs.ts";
import { exporterCpuMs } from "./exporter.ts";
import { DEVICES, type RoundMeasured, roundSchema, TIMEOUT_MS, TRIES } from "./round-plan.ts";

/** Medians of this many rounds, all contenders in turn. */
const ROUNDS = 5;
/** Asks at once, of every contender: what each was fastest with. */
const AT_ONCE = 64;
const DEAD_EVERY = 10;

type Say = (text: string) => void;
const at = (name: string): URL => new URL(`./${name}.ts`, import.meta.url);
const ours = (port: number, folder: string): Promise<RoundMeasured> =>
  runScript(at("round-ours"), [String(port), folder, String(AT_ONCE)], roundSchema);

/** The C library's program, or why there is none. */
function compiledRound(folder: string, say: Say): { readonly program: string } | string {
  const hasHeaders = isThere("net-snmp-config");
  const trouble = hasHeaders ? undefined : install(["libsnmp-dev", "gcc", "libc6-dev"], say);
  if (trouble !== undefined) return trouble;
  return { program: compile(new URL("./round.c", import.meta.url), join(folder, "round"), ["-lnetsnmp"]) };
}

interface Turn {
  readonly ours: RoundMeasured;
  readonly library: RoundMeasured;
  readonly c: RoundMeasured | undefined;
}

async function turns(say: Say, port: number, folder: string): Promise<{ readonly all: readonly Turn[]; readonly noC: string | undefined }> {
  const built = compiledRound(folder, say);
  const all: Turn[] = [];
  for (let i = 1; i <= ROUNDS; i++) {
    say(`a round over ${DEVICES} devices: ${i} of ${ROUNDS}`);
    const c =
      typeof built === "string"
        ? undefined
        : roundSchema.parse(JSON.parse(await run([built.program, String(port), String(DEVICES), String(AT_ONCE)])));
    const library = await runScript(at("round-library"), [String(port), "-", String(AT_ONCE)], roundSchema);
    all.push({ ours: await ours(port, join(folder, "db")), library, c });
  }
  return { all, noC: typeof built === "string" ? built : undefined };
}

const perSecond = ({ answered, wallMs }: RoundMeasured): number => answered / (wallMs / 1e3);

export async function round(say: Say): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-round-"));
  try {
    const responder = compile(new URL("../sweep/responder.c", import.meta.url), join(folder, "responder"));
    return [
      ...(await withResponder(responder, ["0", "servers"], (port) => alive(say, port, folder))),
      await withResponder(responder, [String(DEAD_EVERY), "servers"], (port) => tenthDead(say, port, folder)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function alive(say: Say, port: number, folder: string): Promise<readonly Row[]> {
  const { all, noC } = await turns(say, port, folder);
  const short = all.filter(({ ours, library, c }) => [ours, library, c].some((one) => one !== undefined && one.answered < DEVICES));
  if (short.length > 0) say(`answers were lost in ${short.length} rounds`);
  const c = { figure: "health round, devices/s, net-snmp's C library", atLeast: 1.1 };
  const cpu = all.map(({ ours }) => ours.cpuMs / ours.answered);
  const exporter = { figure: "health round, CPU ms per device, snmp_exporter", atMost: 0.1 };
  say("snmp_exporter, once");
  const peer = await exporterCpuMs(folder, port, say);
  return [
    ratioRow(
      { figure: "health round, devices/s, net-snmp session per poll", atLeast: 4 },
      all.map(({ ours, library }) => ({ ours: perSecond(ours), peer: perSecond(library) })),
    ),
    noC === undefined
      ? ratioRow(
          c,
          all.flatMap((turn) => (turn.c === undefined ? [] : [{ ours: perSecond(turn.ours), peer: perSecond(turn.c) }])),
        )
      : skippedRow(c, noC),
    typeof peer === "number"
      ? ratioRow(
          exporter,
          cpu.map((mine) => ({ ours: mine, peer })),
        )
      : skippedRow(exporter, peer),
    skippedRow(
      { figure: "health round, CPU, Zabbix proxy", atMost: 0.05 },
      "zabbix-proxy-sqlite3 takes its hosts and items from a Zabbix server, and there is none on loopback",
    ),
  ];
}

async function tenthDead(say: Say, port: number, folder: string): Promise<Row> {
  say(`a round with every ${DEAD_EVERY}th device dead`);
  const { wallMs, answered } = await ours(port, join(folder, "dead"));
  say(`${answered} answered`);
  const timeoutsMs = TIMEOUT_MS * TRIES;
  return absoluteRow({ figure: "round with 10 % dead: s beyond the time-outs", atMost: 0.5 }, [Math.max(0, wallMs - timeoutsMs) / 1e3]);
}
