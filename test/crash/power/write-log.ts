/** What a process wrote to its database files, in order, read from the output of strace. Pure. */

export type Op =
  | { readonly do: "write"; readonly file: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly do: "truncate"; readonly file: string; readonly length: number }
  | { readonly do: "sync"; readonly file: string }
  /** The process said to the outside that this step is done. */
  | { readonly do: "ack"; readonly step: number };

/** Options of strace that give what `parseTrace` reads; the path of the log and the program follow. */
export const STRACE = ["-y", "-xx", "-s", "10000000", "-e", "trace=pwrite64,write,fsync,fdatasync,ftruncate", "-o"] as const;

const CALL = /^(\w+)\((\d+)<([^>]*)>(?:, )?(.*)\) = (-?\d+)/;
const text = (escaped: string): Buffer => Buffer.from(escaped.replaceAll("\\x", "").replaceAll('"', ""), "hex");

/** Calls on files whose name ends as one of `files`; all other writes of the process are its own affair. */
export function parseTrace(log: string, files: readonly string[]): readonly Op[] {
  return log.split("\n").flatMap((line): Op[] => {
    const [, call = "", descriptor = "", path = "", rest = "", result = ""] = CALL.exec(line) ?? [];
    if (call === "write" && descriptor === "1") return acksIn(text(rest.split(", ")[0] ?? "").toString("utf8"));
    const file = files.find((name) => text(path).toString("utf8").endsWith(`/${name}`));
    if (file === undefined) return [];
    if (Number(result) < 0) throw new Error(`a call failed: ${line.slice(0, 200)}`);
    if (call === "fsync" || call === "fdatasync") return [{ do: "sync", file }];
    if (call === "ftruncate") return [{ do: "truncate", file, length: Number(rest) }];
    const [bytes = "", , offset] = rest.split(", ");
    if (offset === undefined) throw new Error(`a write without a place: ${line.slice(0, 200)}`);
    return [{ do: "write", file, offset: Number(offset), bytes: text(bytes) }];
  });
}

function acksIn(said: string): Op[] {
  return [...said.matchAll(/^ack (\d+)$/gm)].map(([, step]) => ({ do: "ack", step: Number(step) }));
}
