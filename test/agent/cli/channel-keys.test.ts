import { join } from "node:path";
import { expect, test } from "vitest";
import { keyFilesIn, keyFromFile, passphrasesGiven } from "../../../agent/cli/channel-keys.ts";
import { type Cli, openCli } from "../../../agent/cli/command.ts";
import type { CliIo } from "../../../agent/cli/context.ts";
import { writeKeyFile } from "../../../firmware/channel/key-files.ts";
import { type ChannelKey, makeKey, sealKey } from "../../../firmware/channel/keys.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { folder } from "./kit.ts";

const CHEAP = { n: 2, r: 1, p: 1 };

function cli(changes: Partial<CliIo> = {}): Cli {
  const io: CliIo = {
    out: () => undefined,
    err: () => undefined,
    environment: {},
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 80,
    readInput: async () => "",
    readHidden: async () => undefined,
    async *inputPieces() {},
    drained: async () => undefined,
    clock: systemClock(),
    stop: new AbortController().signal,
    ...changes,
  };
  return openCli({}, io);
}

async function written(key: ChannelKey, passphrase?: string, home = folder(), name = "a.key"): Promise<string> {
  const path = join(home, name);
  await writeKeyFile(path, sealKey(key, "a", passphrase === undefined ? undefined : new Secret(passphrase), CHEAP));
  return path;
}

test("keyFromFile(): by a given passphrase, else by one that is typed, for whom nothing given fits", async () => {
  const key = makeKey();
  const path = await written(key, "the right one");
  expect((await keyFromFile(cli(), path, [new Secret("another"), new Secret("the right one")])).id).toBe(key.id);
  expect((await keyFromFile(cli({ readHidden: async () => "the right one" }), path, [new Secret("another")])).id).toBe(key.id);
  await expect(keyFromFile(cli(), path, [])).rejects.toMatchObject({
    exitCode: 78,
    message: expect.stringContaining("needs its passphrase"),
  });
  await expect(keyFromFile(cli({ readHidden: async () => "wrong" }), path, [])).rejects.toMatchObject({
    message: expect.stringContaining("does not open"),
  });
});

test("passphrasesGiven(): from files, then from the environment; an empty variable is none", async () => {
  const given = (environment: CliIo["environment"]) => passphrasesGiven(cli({ environment }), {});
  expect((await given({ GROUNDSWELL_PASSPHRASE: "x" })).map((secret) => secret.reveal())).toEqual(["x"]);
  expect([await given({ GROUNDSWELL_PASSPHRASE: "" }), await given({})]).toEqual([[], []]);
});

test("keyFilesIn(): only the keys that are asked for, without opening any", async () => {
  const home = folder();
  const [wanted, other] = [makeKey(), makeKey()];
  const path = await written(wanted, "sealed for good", home, "b.key");
  await written(other, undefined, home, "c.key");
  expect(await keyFilesIn(home, (id) => id === wanted.id)).toEqual([path]);
  expect(await keyFilesIn(join(home, "absent"), () => true)).toEqual([]);
});
