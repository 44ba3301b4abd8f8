/**
 * The shape of a device family: data plus a few small functions. A family decides nothing about when or whom to update.
 */

/** Whom to ask, and with what. */

/** The clients a family may use; one set per field thread. */

/** What the unauthenticated probes of one address brought; each field absent where that door did not answer. */

/** How sure a family is that a device is its own: 0 not at all, 1 certain. Two equal best answers are an ambiguity, reported as such. */

/** One way to make a device fetch what we offer. */

/** How a family is moved to another version. Absent on families we only watch. */

/** The answer to a look. `facts.running` is absent where the device did not say. */

export function defineFamily(family        )         {
  return family;
}

//# sourceURL=file:///work/main/protocols/families/family.ts