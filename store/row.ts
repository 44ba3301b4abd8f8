/**
 * Rows into typed values. What does not decode is a `Bug` that names its table and key: only we write these files.
 */
import { Bug } from "../protocols/core/fault.ts";

/** Decides whether a parsed JSON value has the shape its readers rely on; throws where not. Every zod schema is one. */

/** Wraps a row reader so that its failures name the table and the key. */
export function decoder   (table        , key        , read                 )                  {
  return (row) => {
    try {
      return read(row);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Bug(`Row "${String(row[key])}" of table ${table} does not decode: ${why}`, { cause });
    }
  };
}

function wrong(column        , wanted        )        {
  throw new Error(`${column} is not ${wanted}`);
}

export function text(row     , column        )         {
  const value = row[column];
  return typeof value === "string" ? value : wrong(column, "text");
}

export function maybeText(row     , column        )                     {
  return row[column] === null ? undefined : text(row, column);
}

export function whole(row     , column        )         {
  const value = row[column];
  return typeof value === "number" && Number.isSafeInteger(value) ? value : wrong(column, "a whole number");
}

export function maybeWhole(row     , column        )                     {
  return row[column] === null ? undefined : whole(row, column);
}

export function flag(row     , column        )          {
  const value = row[column];
  return value === 0 || value === 1 ? value === 1 : wrong(column, "0 or 1");
}

export function bytes(row     , column        )         {
  const value = row[column];
  return Buffer.isBuffer(value) ? value : wrong(column, "a blob");
}

export function oneOf                  (row     , column        , allowed                                 )    {
  const value = text(row, column);
  return Object.hasOwn(allowed, value) ? (value     ) : wrong(column, `one of ${Object.keys(allowed).join(", ")}`);
}

export function json   (row     , column        , check          )    {
  const value = text(row, column);
  try {
    return check.parse(JSON.parse(value));
  } catch (cause) {
    throw new Error(`${column}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export function maybeJson   (row     , column        , check          )                {
  return row[column] === null ? undefined : json(row, column, check);
}

/** The fields that must be there, and their kinds; others may be. */

function kindOf(value         )         {
  if (Array.isArray(value)) return "list";
  return value === null ? "null" : typeof value;
}

function checkFields(value         , needs       )                                       {
  if (kindOf(value) !== "object") throw new Error(`expected an object, found ${kindOf(value)}`);
  const fields = value                                        ;
  for (const [name, kind] of Object.entries(needs)) {
    const found = kindOf(fields[name]);
    if (found !== kind) throw new Error(`${name} is ${found}, expected ${kind}`);
  }
  return fields;
}

/** An object with at least these fields. */
export function shape                  (needs                                                )           {
  return { parse: (value) => checkFields(value, needs         )      };
}

/** One of a union of objects told apart by the field `by`; each with at least the fields of its row. */
export function variants                                                              (
  by   ,
  table                                  ,
)           {
  const rows                                   = table;
  return {
    parse(value) {
      const at = checkFields(value, { [by]: "string" })[by]          ;
      const needs = Object.hasOwn(rows, at) ? rows[at] : undefined;
      if (needs === undefined) throw new Error(`${by} "${at}" is unknown`);
      return checkFields(value, needs)     ;
    },
  };
}

export function listOf   (check          )                      {
  return {
    parse(value) {
      if (!Array.isArray(value)) throw new Error(`expected a list, found ${kindOf(value)}`);
      return value.map((item) => check.parse(item));
    },
  };
}

/** A list of texts. */
export function textList                           ()                      {
  return listOf({ parse: (value) => (typeof value === "string" ? (value     ) : wrong("an item", "text")) });
}

export const jsonObject                    = { parse: (value) => checkFields(value, {})               };

/** The same object without its `undefined` fields: absent is absent. */
export function present                  (fields   )             {
  const out                              = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) out[name] = value;
  return out              ;
}

/** JSON text for a column; `undefined` stays absent. */
export function toJson(value         )                     {
  return value === undefined ? undefined : JSON.stringify(value);
}

