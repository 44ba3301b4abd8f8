/**
 * `groundswell device record ADDRESS`: one visit written down as a folder of files, without anything that is somebody's. Needs no
 * agent. What is written was checked first; what does not pass is not written.
 */
import type { Command } from "commander";
import { systemRandom } from "../../protocols/core/random.ts";
import { SECOND } from "../../protocols/core/time.ts";
import type { Target } from "../../protocols/families/family.ts";
import type { Prepared } from "../recording/folder.ts";
import type { Recorder } from "../recording/record.ts";
import type { Visited } from "../recording/visit.ts";
import { type Cli, type Runner, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { openFamilyIo } from "./device-options.ts";
import { type RecordedShown, recordedText } from "./device-record-view.ts";
import { EXIT } from "./exit-codes.ts";
import { meanwhile } from "./meanwhile.ts";
import { exitOf, targetFor, type VisitOptions, withVisitOptions } from "./probe.ts";

interface RecordOptions extends VisitOptions {
  readonly out: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export function addDeviceRecord(device: Command, run: Runner): void {
  const record = device
    .command("record")
    .argument("<address>", "an IP address")
    .description("write down what a device says, without secrets and names; needs no agent");
  withVisitOptions(withGlobals(record))
    .requiredOption("--out <folder>", "where to write the files")
    .option("--dry-run", "visit and show what would be written")
    .option("--force", "replace an earlier recording in the folder")
    .addHelpText(
      "after",
      "\nExample: groundswell device record 10.20.0.57 --user Polycom --password-file phone.secret --out vvx\nMACs, serial numbers, addresses, names and numbers are replaced, secrets taken out. Free text is not understood: look through the files before you give them away.",
    )
    .action(run(recordDevice));
}

async function recordDevice(cli: Cli, options: RecordOptions, [address = ""]: readonly string[]): Promise<number> {
  const target = await targetFor(cli, options, address);
  const { isTaken, prepare, writeFolder } = await import("../recording/folder.ts");
  const dry = options.dryRun === true;
  if (!dry && options.force !== true && (await isTaken(options.out))) throw taken(options.out);
  const visited = await visit(cli, options, target);
  const { secretsOf } = await import("../recording/visit.ts");
  const prepared = prepare(visited.recording, secretsOf(target.credentials), options.out);
  if (prepared.leaks.length > 0) throw leaked(prepared);
  if (!dry) {
    const written = await writeFolder(options.out, prepared.files, { force: options.force === true });
    if (!written.ok && written.fault.kind === "exists") throw taken(options.out);
    if (!written.ok && written.fault.kind === "cannotWrite") {
      throw new CliError(`Cannot write "${options.out}": ${written.fault.code}`, EXIT.failed);
    }
  }
  const shown: RecordedShown = { folder: options.out, written: !dry, ...prepared };
  const { schema, text, body } = recordedText(shown);
  cli.out.one(schema, body, text);
  if (visited.overflowed) cli.out.note("The visit asked more than a recording keeps: the end of it is missing.");
  return EXIT.done;
}

/** What nobody answered, or somebody else did, is not worth a folder. */
async function visit(cli: Cli, options: RecordOptions, target: Target): Promise<Visited> {
  const { visitAndRecord } = await import("../recording/visit.ts");
  const clients = await openFamilyIo(cli.io, systemRandom());
  let recorder: Recorder | undefined;
  const startMs = cli.io.clock.nowMs();
  const signal = AbortSignal.any([cli.io.stop, AbortSignal.timeout(options.timeout)]);
  let visited: Visited;
  try {
    const visiting = visitAndRecord(target, clients, signal, (made) => {
      recorder = made;
    });
    visited = await meanwhile(cli, visiting, async () => {
      const seconds = Math.round((cli.io.clock.nowMs() - startMs) / SECOND);
      const what = `s at most, ${recorder?.count() ?? 0} asks answered`;
      cli.out.progress({ done: seconds, of: Math.ceil(options.timeout / SECOND), what });
    });
  } finally {
    await clients.close();
  }
  if (cli.io.stop.aborted) throw new CliError("Stopped before the visit was over", EXIT.failed);
  const exit = exitOf(visited.identified);
  if (exit === EXIT.nothingMatched) {
    throw new CliError(
      "Nobody answers there, so nothing was recorded",
      exit,
      "Look at the address, the ports and what filters in between.",
    );
  }
  if (visited.identified.faults.some(({ kind }) => kind === "impostor")) {
    throw new CliError(
      "It shows another certificate than the device you expect, so nothing was recorded",
      exit,
      "No credential was sent. Look at the address and the MAC.",
    );
  }
  return visited;
}

function taken(folder: string): CliError {
  return new CliError(
    `"${folder}" is there already and not empty`,
    EXIT.needsConfirmation,
    "With --force an earlier recording in it is replaced.",
  );
}

function leaked({ leaks }: Prepared): CliError {
  const where = leaks.map(({ file, kind }) => `${kind} in ${file}`).join(", ");
  return new CliError(
    `Not written: the check found what was to be taken out: ${where}`,
    EXIT.refusedByPolicy,
    "Nothing was written. Where it is the folder's name, choose another.",
  );
}
