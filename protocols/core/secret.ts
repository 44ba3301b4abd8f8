import { inspect } from "node:util";

/** A password, key or community. Prints as `***` in every way JavaScript has of printing; `reveal` is the only way in. */
export class Secret {
           #value        ;
  constructor(value        ) {
    this.#value = value;
  }
  reveal()         {
    return this.#value;
  }
  toString()         {
    return "***";
  }
  toJSON()         {
    return "***";
  }
  [inspect.custom]()         {
    return "***";
  }
}

/** What we may log in with. `families` limits where it is tried; without it, everywhere the transport fits. */

//# sourceURL=file:///work/main/protocols/core/secret.ts