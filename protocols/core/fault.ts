/**
 * What a device, network or person can cause is a `Fault` value in a `Result`; `throw` means our own bug or an abort.
 */

/** How something was learnt or asked. */

export function ok   (value   )                                           {
  return { ok: true, value };
}

export function fail   (fault   )                                            {
  return { ok: false, fault };
}

/** Our own mistake: never caught except where a thread or loop ends. */
export class Bug extends Error {
                    name = "Bug";
}

/** Closes a switch over a union: a new member does not compile until it has a case. */
export function unreachable(never       )        {
  throw new Bug(`Unreachable: ${JSON.stringify(never)}`);
}

/** One line for people: what happened, by which way. Decisions are made from `kind`, never from this text. */
export function showFault(fault       )         {
  switch (fault.kind) {
    case "unreachable":
      return `no answer by ${fault.via}${fault.detail === undefined ? "" : `: ${fault.detail}`}`;
    case "denied":
      return `${fault.via} turned us away${fault.credentialId === undefined ? "" : ` with credential "${fault.credentialId}"`}${fault.detail === undefined ? "" : `: ${fault.detail}`}`;
    case "lockedOut":
      return `${fault.via} is locked for another ${Math.ceil(fault.retryAfterMs / 1000)} s after failed log-ins`;
    case "busy":
      return `${fault.via} is busy with another request`;
    case "off":
      return `${fault.via} is switched off on the device${fault.detail === undefined ? "" : `: ${fault.detail}`}`;
    case "garbled":
      return `${fault.via} answered something that is not ${fault.wanted}${fault.detail === undefined ? "" : `: ${fault.detail}`}`;
    case "overBudget":
      return `${fault.via} passed the limit of ${fault.limit} ${fault.budget === "time" ? "ms" : fault.budget}`;
    case "impostor":
      return `${fault.via} shows "${fault.found}" where "${fault.wanted}" was expected; no credential was sent`;
    case "refused":
      return fault.via === "depot" ? `refused: ${fault.reason}` : `the device refused by ${fault.via}: ${fault.reason}`;
    case "mismatch":
      return `expected ${fault.wanted}, found ${fault.found}`;
    case "stalled":
      return `no progress: waited for ${fault.waitedFor}`;
    case "cancelled":
      return `cancelled by ${fault.by}`;
    default:
      return unreachable(fault);
  }
}

//# sourceURL=file:///work/main/protocols/core/fault.ts