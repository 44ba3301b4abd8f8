/** A partner's desk: the channel commands in a folder that goes away with the test. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CliIo } from "../../../agent/cli/context.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { folder, type Ran, run } from "./kit.ts";

export interface Desk {
  readonly home: string;
  readonly channel: string;
  readonly keys: string;
  /** `channel` and these words; `%` stands for the desk's folder. Expiry is judged by the machine's own time, so its clock is real. */
  do(words: string, io?: Partial<CliIo>): Promise<Ran>;
  /** As `do`, and it must end well. */
  must(words: string, io?: Partial<CliIo>): Promise<Ran>;
  file(name: string, content?: string): string;
  key(start: string): string;
}

export const IMAGE = "3111-48830-001.sip.ld";
/** All that one release needs. */
export const RELEASE = `--version 6.4.8.1190 --models VVX~350 --edge 6.4.0.0000..6.4.8.1189:in_place:6/8/11:11`;

export function desk(): Desk {
  const home = folder();
  const keys = join(home, "keys");
  const act: Desk["do"] = (words, io) =>
    run(["channel", ...words.split(" ").map((word) => word.replaceAll("%", home).replaceAll("~", " "))], { clock: systemClock(), ...io });
  return {
    home,
    channel: join(home, "channel"),
    keys,
    do: act,
    async must(words, io) {
      const ran = await act(words, io);
      if (ran.code !== 0) throw new Error(`${words}: exit ${ran.code}\n${ran.out}${ran.err}`);
      return ran;
    },
    file(name, content = name) {
      writeFileSync(join(home, name), content);
      return join(home, name);
    },
    key: (start) => join(keys, readdirSync(keys).find((name) => name.startsWith(start)) ?? ""),
  };
}

/** With a channel in `%/channel` and its keys in `%/keys`. */
export async function deskWithChannel(): Promise<Desk> {
  const made = desk();
  await made.must("init %/channel --keys %/keys");
  return made;
}

/** With one release published. */
export async function deskWithRelease(): Promise<Desk> {
  const made = await deskWithChannel();
  made.file(IMAGE);
  await made.must(`add %/channel %/${IMAGE} ${RELEASE}`);
  await made.must("sign %/channel --role targets --key %/keys/targets.key");
  await made.must("publish %/channel --keys %/keys");
  return made;
}
