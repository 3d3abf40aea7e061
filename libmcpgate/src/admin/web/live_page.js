// The trail as it grows: calls while they happen, over server-sent events.
import {make} from './dom.js';
import {badge, button, choice, empty, field, head, table} from './parts.js';
import {learnKeyNames} from './key_names.js';
import {recordColumns, recordRow} from './records.js';

const ABOUT = 'Every call that passes, or is refused, the moment it is on record. It shows what all programs on this data directory do.';
const KEPT = 300;  // rows; what is older is in the audit search
const WAITING = 2000;  // records that a pause keeps

const isTool = (record) => record.class !== 'admin' && record.class !== 'system';
const VIEWS = {
  calls: isTool,
  refused: (record) => record.outcome === 'deny',
  all: () => true,
};

export class LiveView {
  constructor(session) {
    this.options = {withTenant: session.operator};
    this.records = [];
    this.waiting = [];
    this.isPaused = false;
    this.state = make('span', {role: 'status'}, badge('connecting'));
    this.words = field('Filter', {type: 'search', placeholder: 'tool, key, reason …'});
    this.view = field('Show', {control: choice([['calls', 'Calls'], ['refused', 'Refusals'], ['all', 'Administration too']], 'calls')});
    this.pause = button('Pause', () => this.turn(), {symbol: 'pause'});
    this.table = table('Live calls', recordColumns(this.options));
    this.place = make('div');
    for (const each of [this.words, this.view]) each.input.addEventListener('input', () => this.draw());
  }

  element() {
    const clear = button('Clear', () => {
      this.records = [];
      this.draw();
    }, {kind: 'quiet'});
    this.draw();
    return [make('div', {class: 'filters'}, this.words.element, this.view.element),
      make('div', {class: 'card'}, make('div', {class: 'livebar'}, this.state, make('span', {class: 'grow'}), clear, this.pause), this.place)];
  }

  turn() {
    this.isPaused = !this.isPaused;
    this.pause.lastChild.textContent = this.isPaused ? 'Go on' : 'Pause';
    if (this.isPaused) return;
    const waiting = this.waiting.splice(0);
    for (const record of waiting) this.keep(record);
    this.draw();
  }

  fits(record) {
    if (record.gap) return true;
    const words = this.words.input.value.trim().toLowerCase();
    return VIEWS[this.view.input.value](record) && (!words || JSON.stringify(record).toLowerCase().includes(words));
  }

  // The outcome of a call takes the place of its beginning.
  keep(record) {
    const begun = record.phase === 'outcome' ? this.records.findIndex((each) => each.call === record.call && each.phase === 'intent') : -1;
    if (begun >= 0) this.records.splice(begun, 1);
    this.records.unshift(record);
    this.records.length = Math.min(this.records.length, KEPT);
    return begun >= 0;
  }

  take(record) {
    if (this.isPaused) {
      this.waiting.push(record);
      if (this.waiting.length > WAITING) this.waiting.shift();
      this.pause.lastChild.textContent = `Go on (${this.waiting.filter((each) => this.fits(each)).length} new)`;
      return;
    }
    const hasReplaced = this.keep(record);
    if (hasReplaced || !this.table.element.isConnected) return this.draw(record);
    if (!this.fits(record)) return;
    this.table.body.prepend(this.lineOf(record, true));
    while (this.table.body.rows.length > KEPT) this.table.body.lastChild.remove();
  }

  lineOf(record, fresh = false) {
    if (!record.gap) return recordRow(record, {...this.options, fresh});
    return make('tr', {class: 'gap'}, make('td', {colspan: recordColumns(this.options).length},
      `Records ${record.gap.from} to ${record.gap.to} went by unseen; `, make('a', {href: '#/audit'}, 'search the trail'), ' for them.'));
  }

  draw(fresh = null) {
    const shown = this.records.filter((record) => this.fits(record));
    if (!shown.length) {
      return this.place.replaceChildren(this.records.length
        ? empty('live', 'Nothing that fits', 'Calls come in, but none fits the filter.')
        : empty('live', 'Waiting for calls', 'Let a client call a tool, and it appears here within a second: who called what, from where, and what became of it.'));
    }
    this.table.body.replaceChildren(...shown.map((record) => this.lineOf(record, record === fresh)));
    this.place.replaceChildren(this.table.element);
  }

  watch() {
    const source = new EventSource('/v1/admin/audit/stream');
    source.addEventListener('open', () => this.state.replaceChildren(badge('live', 'good')));
    source.addEventListener('error', () => this.state.replaceChildren(
      source.readyState === EventSource.CLOSED ? badge('ended', 'bad') : badge('reconnecting', 'warn')));
    source.addEventListener('record', (event) => this.take({seq: Number(event.lastEventId), ...JSON.parse(event.data)}));
    source.addEventListener('gap', (event) => this.take({gap: JSON.parse(event.data)}));
    return () => source.close();
  }
}

export async function show(place, session) {
  await learnKeyNames();
  const view = new LiveView(session);
  place.append(head('Live calls', ABOUT), ...view.element());
  return view.watch();
}
