/**
 * The way to the agent: its socket on this machine, or a broker. Same questions, same answers.
 */

import { parseSiteId,             } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";

import { makeUlid } from "../commands/ulid.ts";
import { AnswerError } from "./answers.ts";
import {              askLocal } from "./ask-local.ts";
import { CliError,                                } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { statusClockSchema } from "./results.ts";
import { momentOf } from "./show.ts";

/** Where the agent listens unless its settings or systemd say otherwise. */
const DEFAULT_SOCKET = "/run/groundswell/groundswell.sock";

/** `note` gets what is worth saying while an answer is waited for. */
export function openDoors(options               , io       , note                        )        {
  return options.broker === undefined ? localDoors(options, io) : brokerDoors(options, options.broker, io, note);
}

function orThrow(name        , answer        )         {
  if (answer.status !== "done") throw new AnswerError(name, answer);
  return answer;
}

function localDoors(options               , io       )        {
  const socket = options.socket ?? io.environment["GROUNDSWELL_SOCKET"] ?? DEFAULT_SOCKET;
  const plain = (name        , args                                   )                  => askLocal(socket, { name, args }, io.stop);
  const signed = async (key        , name        , args                                   )                  => {
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
  options               ,
  io       ,
  plain                                                                            ,
)                                                        {
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

function siteOf(text        )         {
  const site = parseSiteId(text);
  if (site !== undefined) return site;
  throw new CliError(`"${text}" is not a site id: expected 3 to 64 lower-case letters, digits and dashes`, EXIT.usage);
}

/** Connects at the first question and stays connected until `close`. */
function brokerDoors(options               , broker        , io       , note                        )        {
  let desk                                               ;
  const open = async ()                                    => {
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

async function requiredKey({ key }               )                      {
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

