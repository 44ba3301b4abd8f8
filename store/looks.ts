/** Looks at possible parents for the sake of those that hang on them: when, what came of it, and how their ports stood. */
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, flag, oneOf, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** `unaskable`: it has no address or no way to be asked. */
export type LookOutcome = "answers" | "silent" | "unaskable";

export interface LookRow {
  readonly device: DeviceId;
  /** When it was asked. */
  readonly atMs: Ms;
  readonly outcome: LookOutcome;
}

export type PortPower = "delivering" | "searching" | "off" | "fault" | "unknown";

export interface SwitchPortRow {
  readonly switchAddress: string;
  readonly port: string;
  readonly isUp: boolean;
  readonly power: PortPower;
  readonly atMs: Ms;
}

export interface Looks {
  save(look: LookRow): void;
  /** All ports of the switch, in place of what was known of them. */
  savePorts(switchAddress: string, ports: readonly Omit<SwitchPortRow, "switchAddress">[]): void;
  /** Those at that time or later. */
  since(sinceMs: Ms): readonly LookRow[];
  /** Ports of these switches. */
  ports(switchAddresses: readonly string[]): readonly SwitchPortRow[];
}

const OUTCOMES = { answers: true, silent: true, unaskable: true } satisfies { [outcome in LookOutcome]: true };
const POWERS = { delivering: true, searching: true, off: true, fault: true, unknown: true } satisfies { [power in PortPower]: true };

const readLook = decoder(
  "looks",
  "device",
  (row: Row): LookRow => ({
    device: text(row, "device") as DeviceId,
    atMs: whole(row, "at_ms"),
    outcome: oneOf<LookOutcome>(row, "outcome", OUTCOMES),
  }),
);

const readPort = decoder(
  "switch_ports",
  "port",
  (row: Row): SwitchPortRow => ({
    switchAddress: text(row, "switch_address"),
    port: text(row, "port"),
    isUp: flag(row, "is_up"),
    power: oneOf<PortPower>(row, "power", POWERS),
    atMs: whole(row, "at_ms"),
  }),
);

export function looksIn(sql: Sql): Looks {
  return {
    save: ({ device, atMs, outcome }) =>
      void sql.run(
        `insert into looks (device, at_ms, outcome) values (@device, @atMs, @outcome)
          on conflict (device) do update set at_ms = excluded.at_ms, outcome = excluded.outcome where excluded.at_ms >= looks.at_ms`,
        { device, atMs, outcome },
      ),
    savePorts: (switchAddress, ports) =>
      sql.transaction(() => {
        sql.run("delete from switch_ports where switch_address = @switchAddress", { switchAddress });
        for (const { port, isUp, power, atMs } of ports)
          sql.run(
            `insert into switch_ports (switch_address, port, is_up, power, at_ms) values (@switchAddress, @port, @isUp, @power, @atMs)
              on conflict (switch_address, port) do nothing`,
            { switchAddress, port, isUp, power, atMs },
          );
      }),
    since: (sinceMs) => sql.all("select * from looks where at_ms >= @sinceMs order by device", { sinceMs }).map(readLook),
    ports: (switchAddresses) =>
      sql
        .all("select * from switch_ports where switch_address in (select value from json_each(@list)) order by switch_address, port", {
          list: toJson(switchAddresses),
        })
        .map(readPort),
  };
}
