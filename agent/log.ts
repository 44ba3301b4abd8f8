/**
 * The log: JSON lines on standard error with fixed messages; everything that varies is a field. Errors are rebuilt by
 * allow-list, because library errors carry passwords (security.md 1.4).
 */
import { Writable } from "node:stream";
import pino from "pino";
import pretty from "pino-pretty";

export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A log whose lines all carry these fields. */
  with(fields: Readonly<Record<string, unknown>>): Log;
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

export interface LogOptions {
  readonly level: LogLevel;
  /** For people at a terminal; machines read the JSON lines. */
  readonly pretty: boolean;
  readonly write: (line: string) => void;
}

/** What of an error may be written down: its kind and place, never what a library hung onto it. */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    ...(typeof code === "string" ? { code } : {}),
    message: error.message.slice(0, 500),
    stack: error.stack?.slice(0, 4_000),
  };
}

export function createLog(options: LogOptions): Log {
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

function asWritable(write: (line: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      write(String(chunk));
      done();
    },
  });
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    with: (fields) => wrap(logger.child(fields)),
  };
}

export const SILENT: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => SILENT,
};
