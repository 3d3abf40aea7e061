// What was refused lately, and why: first by reason, then one by one.
import {make} from './dom.js';
import {ask} from './api.js';
import {button, choice, empty, field, head, problemBox, row, table} from './parts.js';
import {near} from './time.js';
import {learnKeyNames} from './key_names.js';
import {recordTable} from './records.js';

const ABOUT = 'What the gate did not let pass. A caller is told little; here is the reason.';
const SPANS = [['3600', 'the last hour'], ['86400', 'the last day'], ['604800', 'the last week'], ['', 'all time']];

function since(seconds) {
  return seconds ? new Date(Date.now() - Number(seconds) * 1000).toISOString() : '';
}

/** Counted by reason and action; the most frequent first. */
export function reasonsOf(records) {
  const reasons = new Map();
  for (const record of records) {
    const key = `${record.reason || 'no reason given'}\n${record.action}`;
    const known = reasons.get(key) || {reason: record.reason || 'no reason given', action: record.action, count: 0, keys: new Set(), last: record.time};
    known.count += 1;
    known.keys.add(record.key || '');
    if (record.time > known.last) known.last = record.time;
    reasons.set(key, known);
  }
  return [...reasons.values()].sort((a, b) => b.count - a.count);
}

function reasonTable(records) {
  const {element, body} = table('Refusals by reason', ['Reason', 'What', 'Times', 'Keys', 'Last']);
  body.append(...reasonsOf(records).slice(0, 12).map((each) => row([
    ['Reason', make('strong', {}, each.reason)], ['What', make('code', {}, each.action)], ['Times', String(each.count)],
    ['Keys', String(each.keys.size)], ['Last', near(each.last)]])));
  return make('div', {class: 'card'}, element);
}

export async function show(place, session) {
  const over = field('When', {control: choice(SPANS, '86400')});
  const results = make('div');
  const load = async () => {
    try {
      const page = await ask('GET', '/v1/admin/audit', {query: {outcome: 'deny', from: since(over.input.value), limit: 500}});
      results.replaceChildren(...draw(page, session));
    } catch (error) {
      results.replaceChildren(problemBox(error));
    }
  };
  over.input.addEventListener('change', load);
  place.append(head('Refusals', ABOUT, button('Look again', load)), make('div', {class: 'filters'}, over.element), results);
  await learnKeyNames();
  await load();
}

function draw(page, session) {
  if (!page.items.length) {
    return [make('div', {class: 'card'}, empty('refused', 'Nothing was refused', 'When a key is wrong, a role too low, a limit reached or a channel not on a key’s list, it stands here with the reason, and what to change.'))];
  }
  const most = page.next ? 'The newest 500; search the trail for the rest.' : '';
  return [
    make('section', {}, make('h2', {}, 'By reason'), most && make('p', {}, most), reasonTable(page.items)),
    make('section', {}, make('h2', {}, 'One by one'), make('p', {}, 'Newest first; open one for all that it says.'),
      make('div', {class: 'card'}, recordTable('Refusals', page.items.slice(0, 100), {withTenant: session.operator})))];
}
