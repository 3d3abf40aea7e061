// The limits that rule calls, and how much of them is used.
import {make} from './dom.js';
import {ask} from './api.js';
import {badge, button, empty, field, head, problemBox, row, table} from './parts.js';
import {knownKeys, learnKeyNames} from './key_names.js';
import {span} from './time.js';

const ABOUT = '“N in a window” is never more than N in any window of that length. The time to wait is exact.';

export function gauge(limit) {
  const most = limit.burst || limit.allowed;
  const used = most - limit.remaining;
  const share = used / most;
  const kind = share >= 1 ? 'bad' : share >= 0.8 ? 'warn' : '';
  return make('div', {class: 'card gauge'},
    make('h3', {}, limit.limit),
    make('b', {}, String(used), make('small', {}, ` of ${most}${limit.burst ? ` at once, ${limit.allowed}` : ''} in ${span(limit.window_ms)}`)),
    make('progress', {class: kind, max: most, value: used, 'aria-label': `${limit.limit}: ${used} of ${most} used`}),
    make('p', {}, used === 0 ? 'Nothing used.' : `${limit.remaining} left; all free again in ${span(Math.ceil(limit.full_again_ms / 1000) * 1000)}.`));
}

function gauges(limits) {
  if (!limits.length) return make('div', {class: 'card'}, empty('limits', 'No limit rules this', 'Limits are set where mcpgate-http is started, with --limit.'));
  return make('div', {class: 'gauges'}, limits.map(gauge));
}

function ruleTable(rules) {
  const {element, body} = table('Rules', ['Name', 'At most', 'Counted together', 'Rules', 'How']);
  body.append(...rules.map((rule) => row([
    ['Name', make('strong', {}, rule.name)],
    ['At most', `${rule.limit} in ${span(rule.window_ms)}${rule.burst ? `, ${rule.burst} at once` : ''}`],
    ['Counted together', `each ${rule.scope}`],
    ['Rules', rule.applies_to ? make('span', {}, 'tools of the class ', make('code', {}, rule.applies_to)) : 'every call'],
    ['How', badge(rule.algorithm, 'plain')]])));
  return make('div', {class: 'card'}, element);
}

async function ownSection() {
  const caller = await ask('GET', '/v1/whoami');
  return make('section', {}, make('h2', {}, 'Your own'), make('p', {}, 'Of the session you are logged in with.'), gauges(caller.limits));
}

function keySection() {
  const known = make('datalist', {id: 'known-keys'}, [...knownKeys()].map(([value, name]) => make('option', {value}, name)));
  const id = field('Key id', {class: 'mono', required: true, list: 'known-keys', placeholder: 'a7Dh3F5KmjXx'});
  const tool = field('Tool (for limits of each)', {class: 'mono', placeholder: 'discord_send_message'});
  const results = make('div');
  const form = make('form', {class: 'filters', onsubmit: async (event) => {
    event.preventDefault();
    try {
      const found = await ask('GET', `/v1/admin/api-keys/${encodeURIComponent(id.input.value.trim())}/limits`, {query: {tool: tool.input.value.trim()}});
      results.replaceChildren(gauges(found.items));
    } catch (error) {
      results.replaceChildren(problemBox(error));
    }
  }}, known, id.element, tool.element, make('button', {class: 'first'}, 'Show'));
  return make('section', {}, make('h2', {}, 'Of a key'), make('p', {}, 'Secrets of one key count together.'), form, results);
}

export async function show(place, session) {
  const again = async () => {
    place.replaceChildren();
    await show(place, session);
  };
  place.append(head('Limits in use', ABOUT, button('Look again', again)));
  if (session.isAdmin) {
    await learnKeyNames();
    place.append(keySection());
  }
  place.append(await ownSection());
  if (!session.isAdmin) return;
  const rules = await ask('GET', '/v1/admin/limits');
  place.append(make('section', {}, make('h2', {}, 'The rules'), make('p', {}, 'All that rule a call must have room, or none is charged.'), ruleTable(rules.items)));
}
