/**
 * Which devices are meant: a filter as the part of a statement that it is.
 */
import type { FamilyId, ManagedBy } from "../protocols/core/device.ts";
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Params } from "./sql.ts";

export type Availability = "online" | "suspect" | "offline" | "unknown";

/** Every field given must match. Ordered by id; `after` and `limit` page through: 1,000 rows a page keep a call short. */
export interface DeviceFilter {
  readonly model?: string;
  readonly family?: FamilyId;
  readonly availability?: Availability;
  readonly managedBy?: ManagedBy;
  readonly address?: string;
  readonly adopted?: boolean;
  readonly retired?: boolean;
  readonly ignored?: boolean;
  readonly after?: DeviceId;
  readonly limit?: number;
}

/** By what a filter may ask; only what it does ask becomes part of the statement, so that an index can serve it. */
const CONDITIONS = {
  model: "model = @model",
  family: "family = @family",
  availability: "availability = @availability",
  managedBy: "managed_by = @managedBy",
  address: "address = @address",
  adopted: "adopted = @adopted",
  retired: "(retired_at_ms is not null) = @retired",
  ignored: "(ignored_at_ms is not null) = @ignored",
  after: "id > @after",
} as const satisfies { [name in keyof Omit<DeviceFilter, "limit">]-?: string };

export function matching(filter: DeviceFilter): { readonly where: string; readonly values: Params } {
  const asked = Object.entries(CONDITIONS).filter(([name]) => filter[name as keyof DeviceFilter] !== undefined);
  const where = asked.length === 0 ? "" : `where ${asked.map(([, condition]) => condition).join(" and ")}`;
  return { where, values: Object.fromEntries(asked.map(([name]) => [name, filter[name as keyof DeviceFilter]])) };
}
