/**
 * What the tidy test checks, as pure functions over file texts, so that a planted mistake can be shown to be caught.
 */

export type Sources = ReadonlyMap<string, string>;

const RANKS: Readonly<Record<string, number>> = { protocols: 0, firmware: 1, store: 2, agent: 3, test: 9, bench: 9, fixtures: 8 };

/** The only file or folder that may import a package. Tests and the simulated site are free: they stand outside. */
const HOMES: Readonly<Record<string, string | readonly string[]>> = {
  "net-snmp": "protocols/snmp/client.ts",
  ssh2: "protocols/ssh/client.ts",
  undici: "protocols/http/client.ts",
  mqtt: "protocols/mqtt/client.ts",
  ws: "protocols/mqtt/websocket.ts",
  aedes: "protocols/mqtt/broker.ts",
  "p-queue": "protocols/core/limit.ts",
  semver: "protocols/core/version.ts",
  "fast-xml-parser": "protocols/core/xml.ts",
  "ipaddr.js": "protocols/core/networks.ts",
  "tuf-js": "firmware/sources/channel.ts",
  // Its reader and its author; each checks the other, so they share the library's models and nothing else.
  "@tufjs/models": ["firmware/sources/channel.ts", "firmware/channel/metadata.ts"],
  yauzl: "firmware/staging/zip.ts",
  "better-sqlite3": "store/open.ts",
  pino: "agent/log.ts",
  "pino-pretty": "agent/log.ts",
  commander: "agent/cli/",
  "ical.js": "agent/calendars/ical.ts",
  diff: "agent/cli/device-config-view.ts",
  fastify: "agent/web/",
  yaml: "agent/config/load.ts",
  jose: "agent/commands/",
  "prom-client": "agent/metrics/prometheus.ts",
  pdfkit: "agent/reports/pdf.ts",
  standardwebhooks: "agent/tickets/connectors/webhook.ts",
  zod: "",
};

/** Files that own the clock, chance, the environment or a wait; everything else takes them as arguments. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  "Date.now": ["protocols/core/time.ts"],
  "new Date(": [],
  "Math.random": [],
  "setTimeout(": ["protocols/core/time.ts"],
  "setInterval(": [],
  "process.env": ["agent/main.ts", "agent/demo/main.ts"],
  "fetch(": [],
};

const PRODUCT = /^(protocols|firmware|store|agent)\//;
/** Parts of the product that play on a simulated fleet; nothing else of it may load one. */
const STAGES = /^agent\/(demo|rehearsal)\//;
const importForm =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?[\s}*]from\s*["']([^"']+)["']|(?:^|\n)\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

export function importsOf(text: string): string[] {
  return [...text.matchAll(importForm)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** A relative import as a path from the root. */
function resolve(file: string, specifier: string): string {
  const parts = file.split("/").slice(0, -1);
  for (const piece of specifier.split("/")) {
    if (piece === "..") parts.pop();
    else if (piece !== ".") parts.push(piece);
  }
  return parts.join("/");
}

const top = (file: string): string => file.split("/", 1)[0] ?? "";

export function rankProblems(sources: Sources): string[] {
  const problems: string[] = [];
  for (const [file, text] of sources) {
    const rank = RANKS[top(file)];
    if (rank === undefined) continue;
    for (const specifier of importsOf(text).filter((s) => s.startsWith("."))) {
      const target = resolve(file, specifier);
      const targetRank = RANKS[top(target)];
      if (!target.endsWith(".ts")) problems.push(`${file}: "${specifier}" must end in .ts`);
      else if (!sources.has(target)) problems.push(`${file}: "${specifier}" does not exist`);
      if (targetRank === undefined) continue;
      const stage = top(target) === "fixtures";
      if (PRODUCT.test(file) && stage && !STAGES.test(file)) problems.push(`${file}: the product must not import ${target}`);
      else if (PRODUCT.test(file) && !stage && targetRank > rank) problems.push(`${file}: upward import of ${target}`);
      if (top(file) === "fixtures" && !stage && !/^protocols\/core\/(time|random)\.ts$/.test(target)) {
        problems.push(`${file}: the simulated site must not share ${target} with the driver`);
      }
    }
  }
  return problems;
}

/** What plays on a simulated fleet is loaded when it is asked for, never with the rest: the daemon must not carry it. */
export function stageProblems(sources: Sources): string[] {
  const problems: string[] = [];
  for (const [file, text] of sources) {
    if (!PRODUCT.test(file) || STAGES.test(file)) continue;
    for (const [, specifier = ""] of text.matchAll(/(?:^|\n)\s*(?:import|export)\s(?!type\s)[^;]*?[\s}*]from\s*["']([^"']+)["']/g)) {
      if (specifier.startsWith(".") && STAGES.test(resolve(file, specifier)))
        problems.push(`${file}: ${specifier} must be loaded with import()`);
    }
  }
  return problems;
}

export function cycleProblems(sources: Sources): string[] {
  const graph = new Map(
    [...sources].map(([file, text]) => [
      file,
      importsOf(text)
        .filter((s) => s.startsWith("."))
        .map((s) => resolve(file, s)),
    ]),
  );
  const problems: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      problems.push(`cycle: ${[...path.slice(at), file].join(" → ")}`);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return problems;
}

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

export function packageProblems(sources: Sources): string[] {
  const problems: string[] = [];
  for (const [file, text] of sources) {
    if (!PRODUCT.test(file)) continue;
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith(".") || specifier.startsWith("node:")) continue;
      const home = HOMES[packageOf(specifier)];
      if (home === undefined) problems.push(`${file}: package "${specifier}" has no home in test/support/tidy.ts`);
      else if (![home].flat().some((one) => file.startsWith(one))) problems.push(`${file}: package "${specifier}" belongs in ${home}`);
    }
  }
  return problems;
}

/** Comments and texts are not code. */
function codeOnly(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(^|\s)\/\/.*$/gm, "")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
}

export function globalProblems(sources: Sources): string[] {
  const problems: string[] = [];
  for (const [file, text] of sources) {
    if (!PRODUCT.test(file)) continue;
    const code = codeOnly(text);
    for (const [word, homes] of Object.entries(EDGES)) {
      const at = code.search(new RegExp(`(?<![\\w.])${word.replaceAll(/[.(]/g, "\\$&")}`));
      if (at >= 0 && !homes.includes(file))
        problems.push(`${file}: "${word}" is only for ${homes.join(", ") || "nobody"}; take it as an argument`);
    }
    if (/@ts-(ignore|expect-error|nocheck)/.test(text)) problems.push(`${file}: the type checker is switched off`);
    if (/\.(skip|only)\(/.test(code)) problems.push(`${file}: skipped or exclusive test`);
  }
  return problems;
}

const FILE_LINES_MAX = 300;
const FAMILY_LINES_MAX = 150;
const FAMILY_FILES = /^protocols\/families\/(uc-phone|soundpoint|video-os|group|hdx|lens-only|switch|generic-snmp)\.ts$/;

export function sizeProblems(sources: Sources): string[] {
  const problems: string[] = [];
  for (const [file, text] of sources) {
    const limit = FAMILY_FILES.test(file) ? FAMILY_LINES_MAX : FILE_LINES_MAX;
    const lines = text.trimEnd().split("\n").length;
    if (lines > limit) problems.push(`${file}: ${lines} lines, the limit is ${limit}`);
    if (!/^[a-z0-9./-]+$/.test(file)) problems.push(`${file}: file names are kebab-case`);
    if (/(^|\/)(utils?|common|misc|manager|helpers?)(\.ts|\/)/.test(file)) problems.push(`${file}: the name says nothing`);
  }
  return problems;
}

/** Loaded anew for each test file by vitest.config.ts. */
const SETUP = "test/support/nothing-left-open.ts";

/** Test files share a process: a hook at the top of what they share would be one of the first file that loads it, and of no other. */
export function hookProblems(sources: Sources): string[] {
  return [...sources]
    .filter(([file, text]) => file !== SETUP && /^test\/.*(?<!\.test)\.ts$/.test(file) && /^(before|after)(Each|All)\(/m.test(text))
    .map(([file]) => `${file}: a hook outside a test file; use onTestFinished where something is opened`);
}
