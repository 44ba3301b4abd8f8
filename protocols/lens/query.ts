/**
 * A question to Lens: fields to ask for, and what the answer means. Questions only; nothing here can change anything. Pure.
 */
import { Bug, type Result } from "../core/fault.ts";

/** Fields in order; one with fields of its own is an object of one key. A name may carry arguments: `deviceSearch(params: $params)`. */
export type Selection = readonly (string | { readonly [field: string]: Selection })[];

export interface LensQuery<T> {
  readonly name: string;
  /** `($pid: ID!)`, or nothing. */
  readonly variables?: string;
  readonly select: Selection;
  /** Fields without which the answer says nothing; any other is left out once Lens no longer knows it. */
  readonly needs: readonly string[];
  /** Lens answers it without a token. Source: protocols/lens-and-portal.md 6. */
  readonly open?: boolean;
  /** Asked often, and held back once half of what the account may spend is gone: the list of devices comes first. */
  readonly modest?: boolean;
  /** Keys arrive in lower case. */
  decode(data: unknown): Result<T>;
}

/** Rides along with everything asked under our account. Source: protocols/lens-and-portal.md 3. */
const COST: Selection = [{ calculateQueryCost: ["queryCost", "costUsed", "costRemaining", "secondsToReset"] }];

const NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
const FIELD = /^([A-Za-z_]\w{0,63})(?:\((?:[\w$:{}, ]|"[\w .+-]*"){1,200}\))?$/;

/** @param without  fields left out wherever they occur; one whose own fields are all left out goes with them */
export function documentOf(query: LensQuery<unknown>, without: ReadonlySet<string>): string {
  if (!NAME.test(query.name)) throw new Bug(`"${query.name}" is no name of a query`);
  const select = query.open === true ? query.select : [...query.select, ...COST];
  return `query ${query.name}${query.variables ?? ""} { ${render(select, without)} }`;
}

/** Every field with its own fields; `undefined` where it has none. */
function entriesOf(select: Selection): readonly (readonly [field: string, inner: Selection | undefined])[] {
  return select.flatMap((entry): (readonly [string, Selection | undefined])[] =>
    typeof entry === "string" ? [[entry, undefined]] : Object.entries(entry),
  );
}

function render(select: Selection, without: ReadonlySet<string>): string {
  const parts: string[] = [];
  for (const [field, inner] of entriesOf(select)) {
    if (without.has(nameOf(field))) continue;
    const fields = inner === undefined ? undefined : render(inner, without);
    if (fields !== "") parts.push(fields === undefined ? field : `${field} { ${fields} }`);
  }
  return parts.join(" ");
}

function nameOf(field: string): string {
  const name = FIELD.exec(field)?.[1];
  if (name === undefined) throw new Bug(`"${field}" is no field of a query`);
  return name;
}

/** Those of the named fields that this query asks for and can do without. */
export function droppable(query: LensQuery<unknown>, fields: readonly string[]): readonly string[] {
  const asked = new Set<string>();
  const collect = (select: Selection): void => {
    for (const [field, inner] of entriesOf(select)) {
      asked.add(nameOf(field));
      collect(inner ?? []);
    }
  };
  collect([...query.select, ...COST]);
  return fields.filter((field) => asked.has(field) && !query.needs.includes(field));
}
