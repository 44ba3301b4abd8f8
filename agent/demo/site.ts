/**
 * The simulated site as the demonstration and the tests use it: its ready line, and its control door.
 */
import { request } from "node:http";
import { join } from "node:path";
import * as z from "zod";
import { type Child, startChild } from "./child.ts";

const portsSchema = z.object({ https: z.int(), http: z.int(), snmp: z.int(), ssh: z.int(), telnet: z.int(), sip: z.int() });

const readySchema = z.object({
  schema: z.literal("groundswell.site/1"),
  control: z.url(),
  ports: portsSchema,
  networks: z.array(z.string()),
  switch: z.string(),
  desk: z.object({ url: z.url(), secret: z.string() }),
  channel: z.object({ url: z.string(), root: z.string() }).optional(),
  credentials: z.record(z.string(), z.unknown()),
  places: z.array(
    z.object({
      mac: z.string(),
      name: z.string(),
      room: z.string().optional(),
      floor: z.string().optional(),
      duties: z.array(z.string()).default([]),
    }),
  ),
});
export type SiteReady = z.infer<typeof readySchema>;

/** A device as the site itself knows it: the truth our inventory is judged by. */
const truthSchema = z.object({
  mac: z.string(),
  serial: z.string(),
  kind: z.string(),
  family: z.string(),
  model: z.string(),
  partNumber: z.string(),
  address: z.string(),
  running: z.string(),
  updater: z.string(),
  name: z.string(),
  phase: z.string(),
  inCall: z.boolean(),
  room: z.string().optional(),
});
export type Truth = z.infer<typeof truthSchema>;

const journalSchema = z.array(z.object({ atMs: z.number(), mac: z.string(), what: z.string(), detail: z.string().optional() }));
export type JournalEntry = z.infer<typeof journalSchema>[number];

export interface SiteProcess {
  readonly ready: SiteReady;
  readonly child: Child;
  devices(): Promise<readonly Truth[]>;
  journal(): Promise<readonly JournalEntry[]>;
  deskTickets(): Promise<readonly Record<string, unknown>[]>;
  call(mac: string, active: boolean): Promise<void>;
  misbehave(mac: string, kind: string | null, options?: Readonly<Record<string, unknown>>): Promise<void>;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  end(): Promise<void>;
}

export interface SiteOptions {
  readonly seed: number;
  readonly devices: number;
  readonly provisioning: string;
  readonly clock: { readonly factor: number; readonly originMs: number; readonly realOriginMs: number };
  readonly channelFolder?: string;
}

const SITE_MAIN = join(import.meta.dirname, "../../fixtures/site/main.ts");
const READY_WITHIN_MS = 30_000;
const ANSWER_BYTES_MAX = 32 * 1024 * 1024;

export async function startSite(options: SiteOptions): Promise<SiteProcess> {
  const { factor, originMs, realOriginMs } = options.clock;
  const argv = [
    SITE_MAIN,
    ...["--seed", `${options.seed}`, "--devices", `${options.devices}`, "--provisioning", options.provisioning],
    ...["--clock-factor", `${factor}`, "--clock-origin-ms", `${originMs}`, "--clock-real-origin-ms", `${realOriginMs}`],
    ...(options.channelFolder === undefined ? [] : ["--channel-folder", options.channelFolder]),
  ];
  const child = await startChild({ name: "the simulated site", argv, readyWithinMs: READY_WITHIN_MS });
  const ready = readySchema.parse(child.ready);
  const control = (method: string, path: string, body?: unknown): Promise<unknown> => ask(new URL(path, ready.control), method, body);
  return {
    ready,
    child,
    control,
    devices: async () => z.array(truthSchema).parse(await control("GET", "/devices")),
    journal: async () => journalSchema.parse(await control("GET", "/journal")),
    deskTickets: async () => z.array(z.record(z.string(), z.unknown())).parse(await control("GET", "/desk/tickets")),
    call: async (mac, active) => void (await control("POST", `/devices/${mac}/call`, { active })),
    misbehave: async (mac, kind, extra) => void (await control("POST", `/devices/${mac}/misbehave`, { kind, ...extra })),
    end: () => child.end(),
  };
}

function ask(url: URL, method: string, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    const outgoing = request(url, { method, agent: false, headers }, (answer) => {
      let received = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        received += chunk;
        if (received.length > ANSWER_BYTES_MAX) outgoing.destroy(new Error("the simulated site answered too much"));
      });
      answer.on("end", () => {
        if ((answer.statusCode ?? 500) >= 300)
          return reject(new Error(`${method} ${url.pathname} answered ${answer.statusCode}: ${received.slice(0, 300)}`));
        resolve(received === "" ? undefined : JSON.parse(received));
      });
      answer.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}
