// Clock time of an instant, in UTC or in the zone of the process.

export interface ClockTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** A way from instants, in milliseconds, to clock time. */
export interface Calendar {
  readonly clock: (instant: number) => ClockTime;
  /** The beginning of the day after the one of this instant. */
  readonly nextDay: (instant: number) => number;
}

const dayMs = 86_400_000;

export const utcCalendar: Calendar = {
  clock: (instant) => {
    const date = new Date(instant);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      weekday: date.getUTCDay(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    };
  },
  nextDay: (instant) => (Math.floor(instant / dayMs) + 1) * dayMs,
};

export const localCalendar: Calendar = {
  clock: (instant) => {
    const date = new Date(instant);
    return {
      year: date.getFullYear(),
      month: date.getMonth() + 1,
      day: date.getDate(),
      weekday: date.getDay(),
      hour: date.getHours(),
      minute: date.getMinutes(),
      second: date.getSeconds(),
    };
  },
  nextDay: (instant) => {
    const date = new Date(instant);
    return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
  },
};
