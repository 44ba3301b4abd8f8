/** What devices depend on: the server their lines register with, the application that makes their calls, their other servers. */
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, oneOf, text } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type ServiceRole = "sip" | "app" | "provisioning" | "dhcp";

export interface ServiceRow {
  readonly device: DeviceId;
  readonly role: ServiceRole;
  /** A host or an address in lower case; of an application, its name. */
  readonly name: string;
}

export interface Services {
  /**
   * What the device says of these roles now, in place of what it said before; roles that are not given stay. Of one that is gone
   * (it got another name while it was asked) nothing is kept.
   * @returns whether it is news
   */
  say(device: DeviceId, said: Readonly<Partial<Record<ServiceRole, readonly string[]>>>, atMs: Ms): boolean;
  ofDevice(device: DeviceId): readonly ServiceRow[];
  /** By device; `after` and `limit` page through devices. */
  list(page: { readonly after?: DeviceId; readonly until?: DeviceId }): readonly ServiceRow[];
}

const ROLES = { sip: true, app: true, provisioning: true, dhcp: true } satisfies { [role in ServiceRole]: true };

const read = decoder(
  "services",
  "device",
  (row: Row): ServiceRow => ({
    device: text(row, "device") as DeviceId,
    role: oneOf<ServiceRole>(row, "role", ROLES),
    name: text(row, "name"),
  }),
);

export function servicesIn(sql: Sql): Services {
  const ofDevice = (device: DeviceId): readonly ServiceRow[] =>
    sql.all("select * from services where device = @device order by role, name", { device }).map(read);
  return {
    ofDevice,
    say: (device, said, atMs) =>
      sql.transaction(() => {
        if (sql.one("select 1 as found from devices where id = @device", { device }) === undefined) return false;
        const known = ofDevice(device);
        let isNews = false;
        for (const role of Object.keys(said) as ServiceRole[]) {
          const names = [...new Set(said[role])].sort();
          const before = known.filter((row) => row.role === role).map(({ name }) => name);
          if (names.length === before.length && names.every((name, index) => name === before[index])) continue;
          isNews = true;
          sql.run("delete from services where device = @device and role = @role", { device, role });
          for (const name of names)
            sql.run("insert into services (device, role, name, at_ms) values (@device, @role, @name, @atMs)", { device, role, name, atMs });
        }
        return isNews;
      }),
    list: ({ after, until }) =>
      sql
        .all(
          `select * from services where (@after is null or device > @after) and (@until is null or device <= @until)
            order by device, role, name`,
          { after, until },
        )
        .map(read),
  };
}
