/** An agent's door on this machine that answers as the test says and remembers what it was asked; and the answers of a small site. */
import { createServer } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { manualClock } from "../../../protocols/core/time.ts";
import { closeLater, folder, type Ran, type RunWith, run } from "./kit.ts";

export const NOW = Date.UTC(2026, 10, 22, 12);
export const SITE = "contoso-zh";
export const HASH = "ab".repeat(32);

export interface Said {
  readonly status: "accepted" | "rejected" | "done" | "failed";
  readonly code: string;
  readonly message: string;
  readonly retryAfter?: number;
  readonly result?: unknown;
}

export const done = (result: unknown, message = "done"): Said => ({ status: "done", code: "done", message, result });
export const refused = (code: string, message = "no"): Said => ({ status: "rejected", code, message });
export const failed = (code: string, message = "no"): Said => ({ status: "failed", code, message });

/** All of a document in one piece. */
export function inOnePiece(value: unknown): Said {
  const bytes = gzipSync(JSON.stringify(value));
  const piece = { sizeBytes: bytes.length, offset: 0, base64: bytes.toString("base64") };
  return done({ schema: "groundswell.packed-piece/1", made: "cd".repeat(32), packed: "gzip", ...piece });
}

/** By the command's name; of a list the first answers the first question, and the last all later ones. */
export type Answers = Readonly<Record<string, Said | readonly Said[]>>;

export interface Asked {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface TestAgent {
  readonly socket: string;
  /** Unsigned questions, in order. */
  readonly asked: readonly Asked[];
  /** Signed ones. */
  readonly tokens: readonly string[];
  /** The command line against this agent. */
  run(argv: readonly string[], io?: Partial<RunWith>): Promise<Ran>;
}

/** Signed commands are answered as `signed` says. */
export async function agent(answers: Answers, signed: Said = done({})): Promise<TestAgent> {
  const socket = join(folder(), "s");
  const asked: Asked[] = [];
  const tokens: string[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      const body = JSON.parse(text) as Asked | { readonly jws: string };
      const said = "jws" in body ? signed : sayTo(body);
      const accepted = { status: "accepted", code: "accepted", message: "accepted" };
      response.end(`${JSON.stringify(accepted)}\n${JSON.stringify(said)}\n`);
      if ("jws" in body) tokens.push(body.jws);
    });
  });
  const sayTo = (question: Asked): Said => {
    const given = answers[question.name] ?? failed("unknownCommand", question.name);
    const list: readonly Said[] = Array.isArray(given) ? given : [given];
    const before = asked.filter(({ name }) => name === question.name).length;
    asked.push(question);
    return list[Math.min(before, list.length - 1)] as Said;
  };
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  closeLater(() => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()));
  return { socket, asked, tokens, run: (argv, io = {}) => run([...argv, "--socket", socket], { clock: manualClock(NOW), ...io }) };
}

/** What a person at a terminal has. */
export const TERMINAL = { outIsTerminal: true, errIsTerminal: true } as const;

export function status(changes: object = {}): object {
  return {
    site: { id: SITE, name: "Contoso Zürich" },
    agentVersion: "0.1.0",
    now: "2026-11-22T12:00:00Z",
    devices: { total: 3, online: 1, suspect: 1, offline: 1, unknown: 0 },
    ...changes,
  };
}

export function listed(changes: object = {}): object {
  return {
    id: "d-64167f000001",
    mac: "64167f000001",
    name: "Reception",
    model: "VVX 450",
    availability: "online",
    registered: 1,
    lines: 2,
    lastSeen: "2026-11-22T11:46:00Z",
    ...changes,
  };
}

export function image(changes: object = {}): object {
  return { sha256: HASH, target: "ucs/a.ld", sizeBytes: 90_000_000, state: "staged", ...changes };
}

export function releaseRow(changes: object = {}): object {
  const models = ["VVX 250", "VVX 450"];
  return { id: "ucs-6.4.8", title: "UC Software 6.4.8", version: "6.4.8.1190", models, fits: 3, images: [image()], ...changes };
}

export const FORECAST = {
  devices: 3,
  lanBytes: 270_000_000,
  wanBytes: 0,
  p50Ms: 600_000,
  p90Ms: 1_200_000,
  waves: [{ index: 1, devices: 1, p50Ms: 300_000, p90Ms: 600_000, lanBytes: 90_000_000 }],
  fitsWindow: true,
};

export const RELEASE = { id: "ucs-6.4.8", title: "UC Software 6.4.8", version: "6.4.8.1190" };

export function task(changes: object = {}): object {
  return { device: "d-64167f000001", name: "Reception", model: "VVX 450", wave: 1, at: "planned", attempts: 0, ...changes };
}

export function campaign(changes: object = {}): object {
  return {
    campaign: "c-abcd1234",
    state: "armed",
    planHash: HASH,
    release: RELEASE,
    planned: 3,
    counts: { planned: 3 },
    atRisk: 0,
    waves: [
      { index: 1, state: "pending", devices: 1, done: 0 },
      { index: 2, state: "pending", devices: 2, done: 0 },
    ],
    tasks: [task()],
    heldBack: [],
    forecast: FORECAST,
    ...changes,
  };
}
