/**
 * `groundswell device list|show|refresh|trust|config|history|changes|record|import`; who is who and where: `identity.ts`.
 */

import type { Command } from "commander";
import type { Ms } from "../../protocols/core/time.ts";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { shortCoverage } from "./coverage-view.ts";
import { addDeviceConfig } from "./device-config.ts";
import { addDeviceHistory } from "./device-history.ts";
import { addDeviceImport } from "./device-import.ts";
import { addDeviceRecord } from "./device-record.ts";
import { deviceText } from "./device-view.ts";
import { EXIT } from "./exit-codes.ts";
import { addIdentity } from "./identity.ts";
import { printList } from "./lists.ts";
import { type Column, type Health, showState } from "./output.ts";
import { type DeviceListed, deviceShowSchema, devicesSchema, readForPeople, readResult, refreshSchema, trustSchema } from "./results.ts";
import { counted, whenFor } from "./show.ts";

export function addDevice(program: Command, run: Runner): void {
  const device = program.command("device").description("look at the devices of the site");
  withGlobals(device.command("list").description("all devices, or those that match"))
    .option("--model <model>", "only this model, such as 'VVX 450'")
    .option("--family <family>", "only this family: uc-phone, video-os, group, switch …")
    .option("--availability <state>", "only these: online, suspect, offline, unknown")
    .option(
      "--where <text>",
      "only those whose name, address, MAC, room or floor holds this text; coverage=none, covered, expiring, lapsed, unknown",
    )
    .action(run(listDevices));
  withGlobals(
    device.command("show").argument("<device>", "id, MAC, name or address").description("all that is known of one device"),
  ).action(run(showDevice));
  withGlobals(device.command("refresh").argument("<device>", "id, MAC, name or address").description("read one device now")).action(
    run(refreshDevice),
  );
  withGlobals(
    device
      .command("trust")
      .argument("<device>", "id, MAC, name or address")
      .description("take the host key or certificate it shows next for its own: after a reset, a repair, a changed certificate"),
  )
    .requiredOption("--reason <text>", "why; it stands in the audit")
    .action(run(trustDevice));
  addDeviceHistory(device, run);
  addDeviceRecord(device, run);
  addDeviceConfig(device, run);
  addDeviceImport(device, run);
  addIdentity(device, run);
}

interface ListOptions {
  readonly model?: string;
  readonly family?: string;
  readonly availability?: string;
  readonly where?: string;
}

const HEALTH: Readonly<Record<string, Health>> = { online: "ok", suspect: "warning", offline: "error" };

function columnsFor(cli: Cli, nowMs: Ms): readonly Column<DeviceListed>[] {
  const when = whenFor(cli.out.mode, nowMs);
  const { colour, mode } = cli.out;
  const state = ({ availability }: DeviceListed): string =>
    mode === "text" ? showState(HEALTH[availability] ?? "unknown", { colour, word: availability }) : availability;
  const lines = ({ registered, lines: all }: DeviceListed): string =>
    typeof registered === "number" && typeof all === "number" ? `${registered}/${all}` : "-";
  return [
    { title: "STATE", of: state },
    { title: "NAME", of: ({ name, id }) => name ?? id },
    { title: "MODEL", of: ({ model }) => model ?? "-" },
    { title: "MAC", of: ({ mac }) => mac ?? "-" },
    { title: "ADDRESS", of: ({ address }) => address ?? "-" },
    { title: "FIRMWARE", of: ({ running }) => running ?? "-" },
    { title: "COVERAGE", of: ({ coverage }) => shortCoverage(coverage, mode) },
    { title: "USE", of: ({ inUse }) => inUse?.state ?? "-" },
    { title: "LINES", of: lines },
    { title: "ROOM", of: ({ room }) => room ?? "-" },
    { title: "FLOOR", of: ({ floor }) => floor ?? "-" },
    { title: "SEEN", of: ({ lastSeen }) => when(lastSeen) },
    { title: "CONDITIONS", of: ({ conditions }) => (conditions ?? []).join(", ") },
  ];
}

async function listDevices(cli: Cli, { model, family, availability, where }: ListOptions): Promise<number> {
  const filters = { model, family, availability, where };
  const args = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
  const { result } = await cli.doors.ask("device.list", args);
  const { devices } = readResult(devicesSchema, result);
  const filtered = Object.keys(args).length > 0;
  printList(cli, { result, schema: "groundswell.devices/1", rowSchema: "groundswell.device-row/1" }, devices, {
    columns: columnsFor(cli, await agentNowMs(cli)),
    empty: filtered
      ? "No device matches. Without options all are listed: groundswell device list"
      : "No devices are known yet. Look for them with: groundswell discover",
  });
  if (cli.out.mode === "text" && devices.length > 0) cli.out.note(counted(devices.length, "device"));
  return devices.length === 0 && filtered ? EXIT.nothingMatched : EXIT.done;
}

async function showDevice(cli: Cli, _options: object, [device = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("device.show", { device });
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.device/1", ...(result as object) });
  else {
    const shown = readForPeople(deviceShowSchema, result);
    cli.out.one("groundswell.device/1", {}, deviceText(shown, whenFor(cli.out.mode, await agentNowMs(cli)), cli.out.colour));
  }
  return EXIT.done;
}

async function refreshDevice(cli: Cli, _options: object, [device = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("device.refresh", { device });
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.device-refresh/1", ...(result as object) });
  else {
    const { device: shown } = readForPeople(refreshSchema, result);
    cli.out.one("groundswell.device-refresh/1", {}, deviceText(shown, whenFor(cli.out.mode, await agentNowMs(cli)), cli.out.colour));
  }
  return EXIT.done;
}

async function trustDevice(cli: Cli, { reason }: { readonly reason: string }, [device = ""]: readonly string[]): Promise<number> {
  const { result, message } = await cli.doors.ask("device.trust", { device, reason });
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.device-trust/1", message, ...(result as object) });
  else {
    const { forgotten } = readForPeople(trustSchema, result);
    const rows = forgotten.map(({ via, fingerprint }) => `  forgotten  ${via}  ${fingerprint}\n`);
    cli.out.one("groundswell.device-trust/1", {}, `${message}\n${rows.join("")}`);
  }
  return EXIT.done;
}

/** Our id of a device that a person named by id, MAC, name or address. */
export async function deviceIdFor(cli: Cli, name: string): Promise<string> {
  if (/^d-[a-z0-9-]{3,80}$/.test(name)) return name;
  const { result } = await cli.doors.ask("device.show", { device: name });
  return readResult(deviceShowSchema, result).device.id;
}
