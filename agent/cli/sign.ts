/**
 * Signing commands with a person's key file.
 */
import type { SiteId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { IMMEDIATE_VALID_MS } from "../commands/catalogue.ts";
import { COMMAND_TYPE, MAX_TOKEN_BYTES, signJws } from "../commands/jws.ts";
import { type KeyFileTrouble, loadKeyFile, type SigningKey } from "../commands/keys.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";

const TROUBLE: Readonly<Record<KeyFileTrouble, readonly [why: string, hint: string]>> = {
  missing: ["it cannot be opened", "Look at the path; make a key with: groundswell key new FILE"],
  openToOthers: ["others may read it", "Take their rights away with: chmod 600 FILE; and make a new key if others could read it."],
  notAKey: ["it is not a key file of groundswell, or was changed", "Make a key with: groundswell key new FILE"],
};

/** The key of a file. @throws CliError with the exit code of wrong settings */
export async function keyFrom(path: string): Promise<SigningKey> {
  const loaded = await loadKeyFile(path);
  if (typeof loaded !== "string") return loaded;
  const [why, hint] = TROUBLE[loaded];
  throw new CliError(`Cannot use the key "${path}": ${why}`, EXIT.config, hint);
}

export interface CommandToSign {
  /** A ULID; the agent acts once on it. */
  readonly id: string;
  readonly site: SiteId;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Now, on the clock that the agent goes by. */
  readonly atMs: Ms;
  /** The topic of the answers, over MQTT. */
  readonly reply?: string;
}

/** A token that holds for ten minutes. @throws CliError where it is longer than an agent takes */
export async function signCommand(command: CommandToSign, key: SigningKey): Promise<string> {
  const iat = Math.floor(command.atMs / 1_000);
  const { id, site, name, args, reply } = command;
  const claims = { iss: key.kid, aud: site, iat, exp: iat + IMMEDIATE_VALID_MS / 1_000, jti: id, cmd: { name, args } };
  const token = await signJws(reply === undefined ? claims : { ...claims, reply }, key, COMMAND_TYPE);
  if (token.length <= MAX_TOKEN_BYTES) return token;
  throw new CliError(
    `The command is ${token.length} bytes long when signed; at most ${MAX_TOKEN_BYTES} are taken`,
    EXIT.usage,
    "Name fewer devices, or choose them by model, floor or room.",
  );
}
