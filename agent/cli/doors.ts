/**
 * The way to the agent: its socket on this machine, or a broker. Same questions, same answers.
 */

import { parseSiteId, type SiteId } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { SigningKey } from "../commands/keys.ts";
import { makeUlid } from "../commands/ulid.ts";
import { AnswerError } from "./answers.ts";
import { type Answer, askLocal } from "./ask-local.ts";
import { CliError, type CliIo, type GlobalOptions } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { statusClockSchema } from "./results.ts";
import { momentOf } from "./show.ts";

export interface Doors {
  readonly via: "local" | "mqtt";
  /** The agent's last word, which is `done`. Throws an `AnswerError` for any other, a `CliError` where nobody answers. */
  ask(name: string, args?: Readonly<Record<string, unknown>>): Promise<Answer>;
  close(): Promise<void>;
}

/** Where the agent listens unless its settings or systemd say otherwise. */
const DEFAULT_SOCKET = "/run/groundswell/groundswell.sock";

/** `note` gets what is worth saying while an answer is waited for. */
export function openDoors(options: GlobalOptions, io: CliIo, note: (text: string) => void): Doors {
  return options.broker === undefined ? localDoors(options, io) : brokerDoors(options, options.broker, io, note);
}

function orThrow(name: string, answer: Answer): Answer {
  if (answer.status !== "done") throw new AnswerError(name, answer);
  return answer;
}

function localDoors(options: GlobalOptions, io: CliIo): Doors {
  const socket = options.socket ?? io.environment["GROUNDSWELL_SOCKET"] ?? DEFAULT_SOCKET;
  const plain = (name: string, args: Readonly<Record<string, unknown>>): Promise<Answer> => askLocal(socket, { name, args }, io.stop);
  const signed = async (key: string, name: string, args: Readonly<Record<string, unknown>>): Promise<Answer> => {
    const { keyFrom, signCommand } = await import("./sign.ts");
    const loaded = await keyFrom(key);
    const { site, atMs } = await here(options, io, plain);
    const jws = await signCommand({ id: makeUlid(atMs, systemRandom()), site, name, args, atMs }, loaded);
    return askLocal(socket, { jws }, io.stop);
  };
  return {
    via: "local",
    ask: async (name, args = {}) => orThrow(name, await (options.key === undefined ? plain(name, args) : signed(options.key, name, args))),
    close: async () => undefined,
  };
}

/** Which site the agent is, and what its clock shows: a demonstration's clock is not ours. A stop must not depend on it. */
async function here(
  options: GlobalOptions,
  io: CliIo,
  plain: (name: string, args: Readonly<Record<string, unknown>>) => Promise<Answer>,
): Promise<{ readonly site: SiteId; readonly atMs: Ms }> {
  const given = options.site === undefined ? undefined : siteOf(options.site);
  const answer = await plain("agent.status", {});
  const status = answer.status === "done" ? statusClockSchema.safeParse(answer.result) : undefined;
  const site = given ?? parseSiteId(status?.data?.site.id ?? "");
  if (site === undefined) {
    throw new CliError("Cannot sign the command: the agent does not say which site it is", EXIT.failed, "Name the site with --site ID.");
  }
  const fast = (status?.data?.clock?.factor ?? 1) !== 1;
  const atMs = fast ? momentOf(status?.data?.now) : undefined;
  return { site, atMs: atMs ?? io.clock.nowMs() };
}

function siteOf(text: string): SiteId {
  const site = parseSiteId(text);
  if (site !== undefined) return site;
  throw new CliError(`"${text}" is not a site id: expected 3 to 64 lower-case letters, digits and dashes`, EXIT.usage);
}

/** Connects at the first question and stays connected until `close`. */
function brokerDoors(options: GlobalOptions, broker: string, io: CliIo, note: (text: string) => void): Doors {
  let desk: Promise<import("./desk.ts").Desk> | undefined;
  const open = async (): Promise<import("./desk.ts").Desk> => {
    if (options.site === undefined) throw new CliError("Over a broker the site must be named", EXIT.usage, "Name it with --site ID.");
    const site = siteOf(options.site);
    const key = await requiredKey(options);
    const { openDesk } = await import("./desk.ts");
    return openDesk({ broker, site, key, options }, { ...io, note });
  };
  return {
    via: "mqtt",
    async ask(name, args = {}) {
      desk ??= open();
      return orThrow(name, await (await desk).ask(name, args));
    },
    async close() {
      // A desk that never opened has told why already.
      const opened = await desk?.catch(() => undefined);
      await opened?.close();
    },
  };
}

async function requiredKey({ key }: GlobalOptions): Promise<SigningKey> {
  if (key === undefined) {
    throw new CliError(
      "Over a broker every command is signed",
      EXIT.usage,
      "Name your key with --key FILE; make one with: groundswell key new FILE",
    );
  }
  const { keyFrom } = await import("./sign.ts");
  return keyFrom(key);
}
