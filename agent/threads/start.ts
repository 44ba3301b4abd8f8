/**
 * Starts the three worker threads with what the settings give each of them.
 */
import { join } from "node:path";
import { STANDARD_PORTS } from "../../protocols/core/device.ts";
import { Bug } from "../../protocols/core/fault.ts";
import type { Credential, Secret } from "../../protocols/core/secret.ts";
import type { Clock, ScaledClockOptions } from "../../protocols/core/time.ts";
import type { LensAccount } from "../../protocols/lens/client.ts";
import type { Config } from "../config/schema.ts";
import type { WatchKeys } from "../config-watch/keys.ts";
import type { Log } from "../log.ts";
import type { Secrets } from "../secrets.ts";
import { startThread, type Thread } from "./channel.ts";
import { plainAccountOf, plainOf } from "./credentials.ts";
import type { DepotData, DepotEvent, DepotRequests, EndpointModeOrder, PlainSources } from "./depot-requests.ts";
import type { FieldData, FieldEvent, FieldRequests, HistoryData, HistoryRequests } from "./requests.ts";

export interface Threads {
  readonly field: Thread<FieldRequests>;
  readonly depot: Thread<DepotRequests>;
  readonly history: Thread<HistoryRequests>;
  close(): Promise<void>;
}

export interface ThreadsInput {
  readonly config: Config;
  readonly credentials: readonly Credential[];
  readonly lens?: LensAccount;
  readonly sources?: PlainSources;
  /** Of `provisioning.upstream`. */
  readonly upstream?: Pick<Secrets, "upstreamPassword" | "upstreamCa">;
  /** Of `provisioning.credentials`. */
  readonly phonesPassword?: Secret;
  readonly watch?: WatchKeys;
  readonly clock: Clock;
  readonly clockOptions: ScaledClockOptions;
  readonly agentVersion: string;
  readonly log: Log;
  /** What is known of doors, for a field thread that starts. */
  recall(): Pick<FieldData, "pins" | "refusals">;
  onField(event: FieldEvent): void;
  onDepot(event: DepotEvent): void;
  /** The depot was started anew: what was offered is gone. */
  onDepotRestarted(): void;
}

export async function startThreads(input: ThreadsInput): Promise<Threads> {
  const { config, clock, log } = input;
  const onTrouble = (what: string, error?: object): void => log.error("a worker thread had trouble", { what, ...error });
  const onEvent = (): void => undefined;
  let depotStarts = 0;
  const field = startThread<FieldRequests, FieldEvent>({
    name: "field",
    entry: new URL("./field.ts", import.meta.url),
    data: () => fieldData(input),
    heapMb: config.threads.fieldHeapMb,
    clock,
    onEvent: input.onField,
    onTrouble,
  });
  const depot = startThread<DepotRequests, DepotEvent>({
    name: "depot",
    entry: new URL("./depot.ts", import.meta.url),
    data: () => depotData(input),
    heapMb: config.threads.depotHeapMb,
    clock,
    onEvent: input.onDepot,
    onTrouble,
    onStart: () => {
      if (depotStarts++ > 0) input.onDepotRestarted();
    },
  });
  const history = startThread<HistoryRequests, never>({
    name: "history",
    entry: new URL("./history.ts", import.meta.url),
    data: () => ({ directory: config.dataDirectory }) satisfies HistoryData,
    heapMb: config.threads.historyHeapMb,
    clock,
    onEvent,
    onTrouble,
  });
  const started = await Promise.allSettled([field, depot, history]);
  const failed = started.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    for (const one of started) if (one.status === "fulfilled") await one.value.close();
    throw failed.reason;
  }
  const threads = { field: await field, depot: await depot, history: await history };
  return {
    ...threads,
    close: async () => void (await Promise.all([threads.field.close(), threads.depot.close(), threads.history.close()])),
  };
}

function fieldData({ config, credentials, lens, watch, clockOptions, recall }: ThreadsInput): FieldData {
  const given = Object.fromEntries(Object.entries(config.ports).filter(([, port]) => port !== undefined));
  return {
    clock: clockOptions,
    ports: { ...STANDARD_PORTS, ...given },
    credentials: credentials.map(plainOf),
    telnet: config.telnet,
    sipNotify: config.restBySip,
    oldTls: config.oldTls,
    ...recall(),
    concurrency: config.health.concurrency,
    ...(config.listeners === undefined ? {} : { listeners: config.listeners }),
    ...(watch === undefined ? {} : { watch }),
    ...(lens === undefined ? {} : { lens: plainAccountOf(lens) }),
  };
}

function depotData({ config, sources, upstream, phonesPassword, watch, clockOptions, agentVersion }: ThreadsInput): DepotData {
  const { channel, provisioning, staging, dataDirectory } = config;
  const from = channel?.url !== undefined ? { url: channel.url } : channel?.folder !== undefined ? { folder: channel.folder } : undefined;
  return {
    clock: clockOptions,
    agentVersion,
    ...(watch === undefined ? {} : { watch }),
    depotFolder: join(dataDirectory, "depot"),
    budgetBytes: staging.diskBudgetBytes,
    stagingBytesPerSecond: staging.bytesPerSecond,
    ...(from === undefined || channel === undefined
      ? {}
      : { channel: { from, rootPath: channel.rootFile, cacheFolder: join(dataDirectory, "channel") } }),
    ...(sources === undefined ? {} : { sources }),
    ...(provisioning === undefined
      ? {}
      : {
          endpoint: {
            host: provisioning.host,
            port: provisioning.port,
            uploadsFolder: join(dataDirectory, "uploads"),
            bytesPerSecond: provisioning.pace,
            mode: modeOf(provisioning, upstream),
            ...doorOf(provisioning, phonesPassword),
            groupManagement: provisioning.groupManagement,
            ...(provisioning.perSubnetBytesPerSecond === undefined ? {} : { subnetBytesPerSecond: provisioning.perSubnetBytesPerSecond }),
            ...(provisioning.baseUrl === undefined ? {} : { baseUrl: provisioning.baseUrl }),
          },
        }),
  };
}

function modeOf({ mode, upstream }: NonNullable<Config["provisioning"]>, secrets: ThreadsInput["upstream"]): EndpointModeOrder {
  if (mode !== "overlay") return { kind: mode };
  if (upstream === undefined) throw new Bug("mode overlay passed the settings without a server");
  const { url, user } = upstream;
  const { upstreamPassword: password, upstreamCa: ca } = secrets ?? {};
  const account = user === undefined || password === undefined ? {} : { account: { user, password: password.reveal() } };
  return { kind: mode, upstream: { url, ...account, ...(ca === undefined ? {} : { ca }) } };
}

type Provisioning = NonNullable<Config["provisioning"]>;

function doorOf(
  { tls, credentials }: Provisioning,
  secret: Secret | undefined,
): Pick<NonNullable<DepotData["endpoint"]>, "tls" | "account"> {
  const account = credentials === undefined || secret === undefined ? undefined : { ...credentials, password: secret.reveal() };
  return { ...(tls === undefined ? {} : { tls }), ...(account === undefined ? {} : { account }) };
}
