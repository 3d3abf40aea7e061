// The trail, searched.
import {make} from './dom.js';
import {ask} from './api.js';
import {attempt, badge, button, choice, empty, field, head, note, problemBox} from './parts.js';
import {learnKeyNames} from './key_names.js';
import {recordTable} from './records.js';

const ABOUT = 'What was done, by whom, and what was refused. Each record is chained to the one before it; arguments stand in it as digests alone.';
const OUTCOMES = [['', 'any'], ['ok', 'ok'], ['deny', 'deny'], ['error', 'error'], ['allow', 'allow (began)'], ['aborted', 'aborted'], ['cancelled', 'cancelled'], ['unknown', 'unknown']];
const CLASSES = [['', 'any'], ['tool', 'tools'], ['auth', 'authentication'], ['admin', 'administration'], ['system', 'system']];
const PAGE = 50;

const instant = (input) => input.value ? new Date(input.value).toISOString() : '';

export async function show(place, session) {
  const search = {
    text: field('Any text', {type: 'search', placeholder: 'reason, channel, address …'}),
    action: field('Action', {class: 'mono', placeholder: 'admin.keys.*'}),
    key: field('Key id', {class: 'mono'}),
    outcome: field('Outcome', {control: choice(OUTCOMES, '')}),
    class: field('About', {control: choice(CLASSES, '')}),
    from: field('From', {type: 'datetime-local'}),
    until: field('Until', {type: 'datetime-local'}),
  };
  for (const each of [search.from, search.until]) each.element.classList.add('long');
  const results = make('div', {class: 'card'});
  const filters = () => ({text: search.text.input.value.trim(), action: search.action.input.value.trim(), key: search.key.input.value.trim(),
    outcome: search.outcome.input.value, class: search.class.input.value, from: instant(search.from.input), until: instant(search.until.input)});
  const load = async (cursor) => {
    try {
      const page = await ask('GET', '/v1/admin/audit', {query: {...filters(), limit: PAGE, cursor}});
      results.replaceChildren(...draw(page, session, load));
    } catch (error) {
      results.replaceChildren(make('div', {class: 'pad'}, problemBox(error)));
    }
  };
  const submit = make('button', {class: 'first'}, 'Search');
  const form = make('form', {class: 'filters', role: 'search', onsubmit: (event) => {
    event.preventDefault();
    load();
  }}, Object.values(search).map((each) => each.element), submit);
  const trouble = make('div', {class: 'trouble'});
  place.append(head('Audit search', ABOUT, session.operator && verification(trouble)), trouble, form, results);
  await learnKeyNames();
  await load();
}

function draw(page, session, load) {
  if (!page.items.length) {
    return [empty('audit', 'No record fits', 'Leave out a filter; an action may be a pattern such as admin.* or discord_*.')];
  }
  return [recordTable('Records', page.items, {withTenant: session.operator}), make('div', {class: 'more'},
    button('Newer', () => load(page.previous), {disabled: !page.previous}), button('Older', () => load(page.next), {disabled: !page.next}))];
}

function verification(trouble) {
  const control = button('Verify the chain', () => attempt(control, trouble, async () => {
    const verdict = await ask('POST', '/v1/admin/audit:verify');
    const isIntact = verdict.state === 'intact';
    if (isIntact) note('The trail is intact.');
    trouble.replaceChildren(make('div', {class: `notice ${isIntact ? '' : 'bad'}`, role: 'status'},
      make('span', {}, badge(verdict.state, isIntact ? 'good' : 'bad'), ` ${verdict.records} records. `, verdict.detail),
      verdict.first_bad && make('span', {}, `The first that does not hold is record ${verdict.first_bad}.`)));
  }));
  return control;
}
