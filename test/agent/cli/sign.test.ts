import { join } from "node:path";
import { expect, test } from "vitest";
import { keyFrom, signCommand } from "../../../agent/cli/sign.ts";
import { COMMAND_TYPE, openJws, verifyJws } from "../../../agent/commands/jws.ts";
import { makeKey, writeKeyFile } from "../../../agent/commands/keys.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { folder } from "./kit.ts";

const DRAFT = { id: "01JD", site: "contoso-zh" as SiteId, name: "campaign.pause", args: { campaign: "c-1" }, atMs: 1_795_348_800_999 };

test("signCommand(): says who, for whom, what, and holds 5 minutes", async () => {
  const key = await makeKey();
  const token = await signCommand(DRAFT, key);
  expect(openJws(token, COMMAND_TYPE)).toEqual({
    kid: key.kid,
    payload: {
      iss: key.kid,
      aud: "contoso-zh",
      iat: 1_795_348_800,
      exp: 1_795_349_100,
      jti: "01JD",
      cmd: { name: "campaign.pause", args: { campaign: "c-1" } },
    },
  });
  expect(await verifyJws(token, key.publicKey)).toBe(true);
  expect(await verifyJws(token, (await makeKey()).publicKey)).toBe(false);
});

test("signCommand(): where the answers go is signed too", async () => {
  const opened = openJws(await signCommand({ ...DRAFT, reply: "a/reply" }, await makeKey()), COMMAND_TYPE);
  expect(opened).toMatchObject({ payload: { reply: "a/reply" } });
});

test("keyFrom(): the key that was written", async () => {
  const file = join(folder(), "key");
  const { kid } = await writeKeyFile(file);
  expect((await keyFrom(file)).kid).toBe(kid);
});

test("keyFrom(): a file that is not there is exit 78", async () => {
  await expect(keyFrom(join(folder(), "none"))).rejects.toMatchObject({ exitCode: 78 });
});
