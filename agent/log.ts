/**
 * The log: JSON lines on standard error with fixed messages; everything that varies is a field. Errors are rebuilt by
 * allow-list, because library errors carry passwords (security.md 1.4).
 */
import { Writable } from "node:stream";
import pino from "pino";
import pretty from "pino-pretty";

/** What of an error may be written down: its kind and place, never what a library hung onto it. */
export function describeError(error         )                                    {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = (error                      ).code;
  return {
    name: error.name,
    ...(typeof code === "string" ? { code } : {}),
    message: error.message.slice(0, 500),
    stack: error.stack?.slice(0, 4_000),
  };
}

export function createLog(options            )      {
  const sink = { write: options.write };
  const stream = options.pretty
    ? pretty({ colorize: false, sync: true, ignore: "pid,hostname", destination: asWritable(options.write) })
    : sink;
  const root = pino(
    { level: options.level, base: null, formatters: { level: (label) => ({ level: label }) }, serializers: { error: describeError } },
    stream,
  );
  return wrap(root);
}

function asWritable(write                        )           {
  return new Writable({
    decodeStrings: false,
    write(chunk                     , _encoding, done) {
      write(String(chunk));
      done();
    },
  });
}

function wrap(logger             )      {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    with: (fields) => wrap(logger.child(fields)),
  };
}

export const SILENT      = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => SILENT,
};

//# sourceURL=file:///work/main/agent/log.ts