/**
 * Starts the three worker threads with what the settings give each of them.
 */
import { join } from "node:path";
import { STANDARD_PORTS } from "../../protocols/core/device.ts";

import { startThread,             } from "./channel.ts";
import { plainOf } from "./credentials.ts";

export async function startThreads(input              )                   {
  const { config, clock, log } = input;
  const onTrouble = (what        , error         )       => log.error("a worker thread had trouble", { what, ...error });
  const onEvent = ()       => undefined;
  let depotStarts = 0;
  const field = startThread                           ({
    name: "field",
    entry: new URL("./field.ts", import.meta.url),
    data: fieldData(input),
    heapMb: config.threads.fieldHeapMb,
    clock,
    onEvent: input.onField,
    onTrouble,
  });
  const depot = startThread                           ({
    name: "depot",
    entry: new URL("./depot.ts", import.meta.url),
    data: depotData(input),
    heapMb: config.threads.depotHeapMb,
    clock,
    onEvent: input.onDepot,
    onTrouble,
    onStart: () => {
      if (depotStarts++ > 0) input.onDepotRestarted();
    },
  });
  const history = startThread                        ({
    name: "history",
    entry: new URL("./history.ts", import.meta.url),
    data: { directory: config.dataDirectory }                      ,
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

function fieldData({ config, credentials, clockOptions }              )            {
  const given = Object.fromEntries(Object.entries(config.ports).filter(([, port]) => port !== undefined));
  return {
    clock: clockOptions,
    ports: { ...STANDARD_PORTS, ...given },
    credentials: credentials.map(plainOf),
    concurrency: config.health.concurrency,
  };
}

function depotData({ config, clockOptions, agentVersion }              )            {
  const { channel, provisioning, staging, dataDirectory } = config;
  const from = channel?.url !== undefined ? { url: channel.url } : channel?.folder !== undefined ? { folder: channel.folder } : undefined;
  return {
    clock: clockOptions,
    agentVersion,
    depotFolder: join(dataDirectory, "depot"),
    budgetBytes: staging.diskBudgetBytes,
    stagingBytesPerSecond: staging.bytesPerSecond,
    ...(from === undefined || channel === undefined
      ? {}
      : { channel: { from, rootPath: channel.rootFile, cacheFolder: join(dataDirectory, "channel") } }),
    ...(provisioning === undefined
      ? {}
      : {
          endpoint: {
            host: provisioning.host,
            port: provisioning.port,
            uploadsFolder: join(dataDirectory, "uploads"),
            bytesPerSecond: provisioning.pace,
          },
        }),
  };
}

