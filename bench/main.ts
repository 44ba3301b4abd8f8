/**
 * `npm run bench -- NAME [--json] [--devices N] [--days N] [--megabytes N]`: our figures beside those of peers, measured in one run. Exit 1 where a goal is missed.
 */
import { parseArgs } from "node:util";
import { type Row, rowJson, rowText } from "./figure.ts";

/** For benches whose size can be chosen; the others have one. */
interface Scale {
  readonly devices?: number | undefined;
  readonly days?: number | undefined;
  readonly megabytes?: number | undefined;
}

interface Bench {
  readonly bench: (say: (text: string) => void, scale: Scale) => Promise<readonly Row[]>;
}

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  health: () => import("./health.ts"),
  feed: () => import("./feed.ts"),
  once: () => import("./once.ts"),
  plan: () => import("./plan.ts"),
  probe: () => import("./probe.ts"),
  restart: () => import("./restart.ts"),
  stage: () => import("./stage.ts"),
  serve: () => import("./serve.ts"),
  store: () => import("./store.ts"),
  sweep: () => import("./sweep.ts"),
  tick: () => import("./tick.ts"),
  wire: () => import("./wire.ts"),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    devices: { type: "string" },
    days: { type: "string" },
    megabytes: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const [name = ""] = positionals;
const load = BENCHES[name];
const scale = { devices: countOf(values.devices), days: countOf(values.days), megabytes: countOf(values.megabytes) };
const fits = Object.values(scale).every((count) => count === undefined || count > 0);
if (values.help || load === undefined || positionals.length !== 1 || !fits) {
  const usage = `Usage: npm run bench -- NAME [--json] [--devices N] [--days N] [--megabytes N]\nNames: ${Object.keys(BENCHES).join(", ")}\n`;
  (values.help ? process.stdout : process.stderr).write(usage);
  process.exit(values.help ? 0 : 2);
}
const { bench } = await load();
const rows = await bench((text) => process.stderr.write(`${text}\n`), scale);
for (const row of rows) process.stdout.write(`${values.json ? rowJson(row) : rowText(row)}\n`);
process.exitCode = rows.every(({ holds }) => holds) ? 0 : 1;

/** Absent is absent; what is no whole number is 0. */
function countOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
