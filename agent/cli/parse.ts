/**
 * `groundswell parse`: what texts of a customer's logs say of devices. Pure reading: no agent, no network.
 */
import { Argument, type Command } from "commander";
import type { DeviceFacts } from "../../protocols/core/device.ts";
import { macFromVideoSerial, parseMac } from "../../protocols/core/ids.ts";
import { parseVersion } from "../../protocols/core/version.ts";
import { parseOption60 } from "../../protocols/dhcp/option60.ts";
import { parseUserAgent } from "../../protocols/families/user-agent.ts";
import { factsOfEpid, factsOfFactoryName } from "../../protocols/families/video-names.ts";
import { parseLldpDescription } from "../../protocols/lldp/description.ts";
import { type Cli, type Runner, readsJson, withGlobals } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { LINE_CHARS_MAX, linesOf } from "./lines.ts";
import { safeText } from "./output.ts";

/** Each form of text with its reader; a text that is not ours gives an empty object. The keys are the contract. */
const READERS: Readonly<Record<string, (line: string) => object>> = {
  "user-agent": readAgent,
  "sip-user-agent": readAgent,
  "lldp-description": (line) => shownFacts(parseLldpDescription(line)),
  "dhcp-option60": (line) => shownFacts(parseOption60(line)),
  serial: readSerial,
  version: (line) => parseVersion(line) ?? {},
};

export function addParse(program: Command, run: Runner): void {
  const command = program
    .command("parse")
    .description("what lines of standard input say of devices: one answer for each line; needs no agent")
    .addArgument(new Argument("<form>", "what each line is").choices(Object.keys(READERS)))
    .addHelpText("after", "\nExample: grep -o 'FileTransport.*' access.log | groundswell parse user-agent --json");
  withGlobals(command).action(run(parse));
}

async function parse(cli: Cli, _options: object, [form = ""]: readonly string[]): Promise<number> {
  const read = READERS[form] ?? (() => ({}));
  const json = readsJson(cli);
  const answerTo = (line: string): string => {
    const answer = line.length > LINE_CHARS_MAX ? {} : read(line);
    return `${json ? JSON.stringify(answer) : shownForPeople(answer)}\n`;
  };
  for await (const lines of linesOf(cli.io.inputPieces())) {
    if (cli.io.stop.aborted) return EXIT.failed;
    cli.io.out(lines.map(answerTo).join(""));
    // A slow reader slows us down: what it has not taken yet would pile up in memory.
    await cli.io.drained();
  }
  return EXIT.done;
}

function readAgent(line: string): object {
  const agent = parseUserAgent(line);
  return agent === undefined ? {} : shownFacts(agent, agent.type);
}

/** In the order of the contract. */
function shownFacts({ vendor, family, model, partNumber, revision, mac, running }: DeviceFacts, type?: "application" | "updater"): object {
  // JSON leaves out what is undefined; people's lines do too.
  return present({ vendor, family, model, partNumber, revision, mac, type, running });
}

/** A phone's serial number is its MAC; a video system's holds half of it. Source: protocols/uc-phones.md 2, protocols/video.md 1. */
function readSerial(line: string): object {
  const serial = line.trim();
  const phone = parseMac(serial);
  if (phone !== undefined) return { serial: phone, mac: phone };
  const video = macFromVideoSerial(serial);
  // Also where it stands in a line of SIP or is part of a factory name.
  return video === undefined ? (factsOfEpid(serial) ?? factsOfFactoryName(serial) ?? {}) : { serial, mac: video };
}

function present(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** `model VVX 311, application 5.9.6.2327`; `-` where nothing is known. */
function shownForPeople(answer: object): string {
  const words = Object.entries(answer).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(([inner, text]) => `${inner} ${String(text)}`)
      : [`${name} ${Array.isArray(value) ? value.join(".") : String(value)}`],
  );
  return words.length === 0 ? "-" : safeText(words.join(", "));
}
