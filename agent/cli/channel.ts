/**
 * `groundswell channel init|add|sign|publish|rotate|verify`: the partner's signed channel, made at a desk. No agent is asked.
 */
import type { Command } from "commander";
import type { InitOptions } from "./channel-init.ts";
import type { AddOptions } from "./channel-input.ts";
import type { PublishOptions } from "./channel-publish.ts";
import type { RotateOptions } from "./channel-rotate.ts";
import type { SignOptions } from "./channel-sign.ts";
import type { VerifyOptions } from "./channel-verify.ts";
import { gather, oneOf, type Runner, whole, withGlobals } from "./command.ts";
import { EXIT } from "./exit-codes.ts";

const DAYS_MAX = 3_650;
const days = whole(1, DAYS_MAX);
const KEYS_MAX = 15;
const keys = whole(1, KEYS_MAX);
const PASSPHRASE = "--passphrase-file <file>";
const PASSPHRASE_HELP = "a passphrase of keys, from a file; again for more. Also from GROUNDSWELL_PASSPHRASE; else it is asked for";

export function addChannel(program: Command, run: Runner): void {
  const channel = program.command("channel").description("the partner's signed channel of releases, made at a desk");
  addInit(channel, run);
  addAdd(channel, run);
  addSign(channel, run);
  addPublish(channel, run);
  addRotate(channel, run);
  addVerify(channel, run);
}

function addInit(channel: Command, run: Runner): void {
  withGlobals(
    channel.command("init").argument("<folder>", "a new or empty folder").description("make a channel without releases, and its keys"),
  )
    .requiredOption("--keys <folder>", "where the keys are written: never below the channel's folder")
    .option(PASSPHRASE, "seal all new keys with it; also from GROUNDSWELL_PASSPHRASE", gather)
    .option("--ask-passphrase", "ask for a passphrase, for each root key its own")
    .option("--root-keys <n>", "how many root keys there are", keys, 3)
    .option("--root-threshold <n>", "how many of them must sign a root", keys, 2)
    .option("--targets-keys <n>", "how many keys sign releases", keys, 1)
    .option("--targets-threshold <n>", "how many of them must sign", keys, 1)
    .option("--root-days <n>", "how long a root holds", days, 365)
    .option("--targets-days <n>", "how long the list of releases holds", days, 180)
    .option("--snapshot-days <n>", "how long a snapshot holds", days, 90)
    .option("--timestamp-days <n>", "how long a timestamp holds: the longest an agent can be kept from news", days, 30)
    .action(run(async (cli, options: InitOptions, args) => (await import("./channel-init.ts")).initChannel(cli, options, args)));
}

function addAdd(channel: Command, run: Runner): void {
  withGlobals(
    channel
      .command("add")
      .argument("<folder>", "the channel's folder")
      .argument(
        "[files...]",
        "a release archive of the Support Portal (.zip), or firmware files: PART-NUMBER.sip.ld, sip.ld, a package of a video system",
      )
      .description("put a release and its files into the draft; nothing is published"),
  )
    .option("--release <file>", "a release document, YAML or JSON, groundswell.release/1; the options below go over it")
    .option("--id <id>", "name of the release; without it FAMILY-VERSION")
    .option("--title <text>")
    .option("--family <family>", "uc-phone, soundpoint, video-os or group", oneOf(["uc-phone", "soundpoint", "video-os", "group"]))
    .option(
      "--version <version>",
      "as the device shows it: 6.4.8.1190; held against the sip.ver of an archive, and taken from it where left out",
    )
    .option("--kind <kind>", "application, updater or combined", oneOf(["application", "updater", "combined"]))
    .option(
      "--models <list>",
      "models with commas between: 'VVX 250,VVX 350'; of an archive only their images are taken, without it those of all it knows",
    )
    .option(
      "--part-number <number>",
      "hardware that files without a part number in their name are for, and images to take from an archive; again for more",
      gather,
    )
    .option("--notes <text>", "what it brings, for people")
    .option("--advisory <id>", "a CVE it closes; again for more", gather)
    .option("--edge <step>", "FROM..TO:in_place|needs_reset|one_way[:P50/P90/P99:REVERT in minutes]; again for more", gather)
    .option("--revoke <id>", "instead: mark a release as revoked; no device gets it any more")
    .option("--remove <id>", "instead: take a release out; sites that have it staged keep their files")
    .option("--discard", "instead: drop the draft, unsigned and signed; what is published stays")
    .option("--dry-run", "show what would change, and change nothing")
    .action(run(async (cli, options: AddOptions, args) => (await import("./channel-add.ts")).addToChannel(cli, options, args)));
}

function addSign(channel: Command, run: Runner): void {
  withGlobals(channel.command("sign").argument("<folder>", "the channel's folder").description("add one signature to a draft"), {
    except: ["key"],
  })
    .requiredOption("--role <role>", "root or targets; publish signs the other two", oneOf(["root", "targets"] as const))
    .requiredOption("--key <file>", "a key of that role")
    .option("--root <file>", "a root file of your own: refuse a channel that does not follow from it, as a stick may carry one")
    .option("--renew", "where there is no draft: make one that changes nothing but how long it holds")
    .option(PASSPHRASE, PASSPHRASE_HELP, gather)
    .option("--dry-run", "open the key, show what it would sign and who has signed, and write nothing")
    .action(run(async (cli, options: SignOptions, args) => (await import("./channel-sign.ts")).signChannel(cli, options, args)));
}

function addPublish(channel: Command, run: Runner): void {
  withGlobals(
    channel
      .command("publish")
      .argument("<folder>", "the channel's folder")
      .description("publish the draft: snapshot and timestamp are signed anew"),
    { except: ["key"] },
  )
    .option("--keys <folder>", "where the snapshot and timestamp keys lie; others there are left alone")
    .option("--key <file>", "a snapshot or timestamp key; again for more", gather)
    .option("--refresh", "renew the timestamp and nothing else")
    .option(PASSPHRASE, PASSPHRASE_HELP, gather)
    .option("--dry-run", "check all of it, and write nothing")
    .action(run(async (cli, options: PublishOptions, args) => (await import("./channel-publish.ts")).publishChannel(cli, options, args)));
}

function addRotate(channel: Command, run: Runner): void {
  withGlobals(
    channel.command("rotate").argument("<folder>", "the channel's folder").description("new keys for a role, in a draft of the root"),
  )
    .requiredOption("--role <role>", "root, targets, snapshot or timestamp", oneOf(["root", "targets", "snapshot", "timestamp"] as const))
    .requiredOption("--keys <folder>", "where the new key is written")
    .option("--replace <id>", "the key that is lost, by the start of its id; again for more", gather)
    .option(PASSPHRASE, "seal the new key with it; also from GROUNDSWELL_PASSPHRASE", gather)
    .option("--ask-passphrase", "ask for a passphrase")
    .option("--dry-run", "show what would change; no key is made")
    .action(run(async (cli, options: RotateOptions, args) => (await import("./channel-rotate.ts")).rotateKeys(cli, options, args)));
}

function addVerify(channel: Command, run: Runner): void {
  withGlobals(
    channel.command("verify").argument("<place>", "folder or address of a channel").description("read a channel as an agent would"),
  )
    .requiredOption("--root <file>", "the root file pinned at the sites")
    .addHelpText(
      "after",
      `\nExit ${EXIT.done} where all of it is believed, ${EXIT.partly} where a release is not, ${EXIT.failed} where the channel is not.`,
    )
    .action(run(async (cli, options: VerifyOptions, args) => (await import("./channel-verify.ts")).verifyChannel(cli, options, args)));
}
