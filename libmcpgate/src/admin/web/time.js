// Times as people read them.
import {make} from './dom.js';

const UNITS = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]];
const relative = new Intl.RelativeTimeFormat('en', {numeric: 'auto', style: 'short'});
const whole = new Intl.DateTimeFormat('en-GB', {dateStyle: 'medium', timeStyle: 'medium'});
const clock = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const day = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short'});

function element(text, shown) {
  return make('time', {datetime: text, title: whole.format(new Date(text))}, shown);
}

/** "3 min. ago", "in 8 hr."; `none` when there is no time. */
export function near(text, none = '') {
  if (!text) return none;
  const seconds = Math.round((Date.parse(text) - Date.now()) / 1000);
  const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each) || UNITS.at(-1);
  return element(text, Math.abs(seconds) < 5 ? 'just now' : relative.format(Math.trunc(seconds / length), unit));
}

/** To the second, with the day when it is not today. */
export function exact(text) {
  const time = new Date(text);
  const isToday = time.toDateString() === new Date().toDateString();
  return element(text, isToday ? clock.format(time) : `${day.format(time)}, ${clock.format(time)}`);
}

/** A length in milliseconds: "1 h", "90 s". */
export function span(millis) {
  const seconds = millis / 1000;
  for (const [name, length] of [['d', 86_400], ['h', 3_600], ['min', 60]]) {
    if (seconds >= length && seconds % length === 0) return `${seconds / length} ${name}`;
  }
  return seconds >= 1 ? `${+seconds.toFixed(1)} s` : `${millis} ms`;
}

/** Of nanoseconds that a call took: "0.4 ms". */
export function took(nanos) {
  return nanos === undefined ? '' : nanos < 1e6 ? `${(nanos / 1e6).toFixed(2)} ms` : `${Math.round(nanos / 1e6)} ms`;
}
