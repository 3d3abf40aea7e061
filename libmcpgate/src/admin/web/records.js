// Records of the trail as rows.
import {make} from './dom.js';
import {badge, row, table} from './parts.js';
import {nameOfKey} from './key_names.js';
import {exact, took} from './time.js';

const KINDS = {deny: 'bad', error: 'warn', aborted: 'warn', cancelled: 'warn', unknown: 'warn', ok: 'good', allow: 'good'};

function outcomeOf(record) {
  const isBegun = record.phase === 'intent';
  return badge(isBegun && record.outcome === 'allow' ? 'began' : record.outcome, isBegun ? 'mark' : KINDS[record.outcome] ?? '');
}

function whoOf(record) {
  if (!record.key) return make('span', {class: 'hint'}, 'nobody known');
  const name = nameOfKey(record.key);
  return make('div', {}, make('a', {class: 'row', href: `#/keys/${record.key}`}, name || make('code', {}, record.key)),
    (record.principal || name) && make('span', {class: 'sub'}, record.principal || record.key));
}

/** All that a record says, for those who look closely. */
export function recordFacts(record) {
  return make('pre', {tabindex: '0'}, JSON.stringify(record, null, 2));
}

export function recordRow(record, {withoutKey = false, withTenant = false, fresh = false} = {}) {
  const line = row([
    ['When', exact(record.time)],
    ['What', make('div', {}, make('button', {type: 'button', class: 'link', 'aria-expanded': 'false', onclick: (event) => turn(event.target, line, record)}, record.action),
      record.reason && make('span', {class: 'sub'}, record.reason))],
    ['Outcome', outcomeOf(record)],
    !withoutKey && ['Who', whoOf(record)],
    withTenant && ['Tenant', record.tenant || ''],
    ['From', make('div', {}, record.source || '', record.duration_ns !== undefined && make('span', {class: 'sub'}, took(record.duration_ns)))],
  ].filter(Boolean), {class: fresh ? 'fresh' : null});
  return line;
}

function turn(control, line, record) {
  const isOpen = control.getAttribute('aria-expanded') === 'true';
  control.setAttribute('aria-expanded', !isOpen);
  if (isOpen) return line.nextSibling.remove();
  line.after(make('tr', {class: 'details'}, make('td', {colspan: line.children.length}, recordFacts(record))));
}

export function recordColumns({withoutKey = false, withTenant = false} = {}) {
  return ['When', 'What', 'Outcome', !withoutKey && 'Who', withTenant && 'Tenant', 'From'].filter(Boolean);
}

export function recordTable(caption, records, options = {}) {
  const {element, body} = table(caption, recordColumns(options));
  body.append(...records.map((record) => recordRow(record, options)));
  return element;
}
