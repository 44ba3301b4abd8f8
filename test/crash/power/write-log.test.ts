import { expect, test } from "vitest";
import { parseTrace } from "./write-log.ts";

const hex = (said: string): string => [...Buffer.from(said)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
const FILES = ["a.db", "a.db-wal"];

test("parseTrace(): writes with their place, syncs, cuts and acknowledgements, in order; others' files are not seen", () => {
  const log = [
    `pwrite64(15<${hex("/t/a.db-wal")}>, "${hex("frame")}", 5, 32) = 5`,
    `pwrite64(16<${hex("/t/other.db")}>, "${hex("x")}", 1, 0) = 1`,
    `fsync(15<${hex("/t/a.db-wal")}>) = 0`,
    `fdatasync(14<${hex("/t/a.db")}>) = 0`,
    `ftruncate(15<${hex("/t/a.db-wal")}>, 4096) = 0`,
    `write(1<${hex("pipe:[7]")}>, "${hex("ack 3\nack 4\n")}", 12) = 12`,
    `write(9<${hex("anon_inode")}>, "${hex("ack 9")}", 5) = 5`,
    "+++ killed by SIGKILL +++",
  ].join("\n");
  expect(parseTrace(log, FILES)).toEqual([
    { do: "write", file: "a.db-wal", offset: 32, bytes: Buffer.from("frame") },
    { do: "sync", file: "a.db-wal" },
    { do: "sync", file: "a.db" },
    { do: "truncate", file: "a.db-wal", length: 4096 },
    { do: "ack", step: 3 },
    { do: "ack", step: 4 },
  ]);
});
