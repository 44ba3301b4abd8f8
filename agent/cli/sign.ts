/**
 * Signs a person's commands. The key comes from a file and never leaves it.
 */
import type { SiteId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { COMMAND_TYPE, signJws } from "../commands/jws.ts";
import { loadKeyFile, type SigningKey } from "../commands/keys.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";

/** A command before it is signed. */
export interface Draft {
  /** A ULID: the agent does each but once. */
  readonly id: string;
  readonly site: SiteId;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The topic for the answers, over a broker. */
  readonly reply?: string;
  /** When it is signed, on a clock near the agent's. */
  readonly atMs: Ms;
}

/** Half of what the agent allows for immediate commands: room for a clock that differs. */
export const VALID_S = 300;

/** The command as a token, valid for 5 minutes from `atMs`. */
export function signCommand({ id, site, name, args, reply, atMs }: Draft, key: SigningKey): Promise<string> {
  const iat = Math.floor(atMs / 1_000);
  const claims = { iss: key.kid, aud: site, iat, exp: iat + VALID_S, jti: id };
  return signJws({ ...claims, ...(reply === undefined ? {} : { reply }), cmd: { name, args } }, key, COMMAND_TYPE);
}

/** The key in a file. Throws a `CliError` where there is none, others may read it, or it is something else. */
export async function keyFrom(path: string): Promise<SigningKey> {
  const loaded = await loadKeyFile(path);
  switch (loaded) {
    case "missing":
      throw new CliError(
        `Cannot read the key "${path}": it does not exist, is a link, or is not yours to read`,
        EXIT.config,
        `Make one with: groundswell key new FILE`,
      );
    case "openToOthers":
      throw new CliError(`The key "${path}" is not used: others may read it`, EXIT.config, `Close it with: chmod 600 ${path}`);
    case "notAKey":
      throw new CliError(
        `"${path}" is not a key, or its parts do not belong together`,
        EXIT.config,
        "Name a file that groundswell key new has made.",
      );
    default:
      return loaded;
  }
}
