/** What is used of ical.js, with values from a feed as what they are: unknown. Its own types take them for anything. */
declare module "ical.js" {
  class Time {
    readonly year: number;
    readonly month: number;
    readonly day: number;
    readonly hour: number;
    readonly minute: number;
    readonly second: number;
    readonly isDate: boolean;
    readonly zone?: { readonly tzid: string } | null;
    clone(): Time;
    addDuration(length: Duration): void;
    subtractDateTz(other: Time): Duration;
    /** By its zone, with the changes that the feed states. */
    toUnixTime(): number;
  }
  class Duration {
    toSeconds(): number;
  }
  class Recur {
    readonly freq: string;
  }
  class Property {
    getFirstValue(): unknown;
    getFirstParameter(name: string): unknown;
  }
  class Component {
    constructor(jCal: unknown);
    readonly name: string;
    readonly parent: Component | null;
    getAllSubcomponents(name: string): Component[];
    getFirstSubcomponent(name: string): Component | null;
    getAllProperties(name: string): Property[];
    getFirstProperty(name: string): Property | null;
    getFirstPropertyValue(name: string): unknown;
    getTimeZoneByID(id: string): object | null;
  }
  class RecurExpansion {
    constructor(options: { readonly component: Component; readonly dtstart: Time });
    /** In order of time, without those that an EXDATE takes out. */
    next(): Time | null | undefined;
  }
  const ICAL: {
    readonly Component: typeof Component;
    readonly Duration: typeof Duration;
    readonly Recur: typeof Recur;
    readonly RecurExpansion: typeof RecurExpansion;
    readonly Time: typeof Time;
    /** One root, or a list of them. Throws for what it cannot read. */
    parse(text: string): unknown;
  };
  export default ICAL;
}
