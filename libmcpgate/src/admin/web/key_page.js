// One key: what it is, what it may, what was done with it, and what can be done to it.
import {make} from './dom.js';
import {ask} from './api.js';
import {badge, button, empty, facts, head, note, pills, problemBox, stateBadge} from './parts.js';
import {exact, near} from './time.js';
import {confirmChange, rotateKey} from './key_dialogs.js';
import {rotationOf} from './keys_page.js';
import {recordTable} from './records.js';

const one = (id, verb = '') => `/v1/admin/api-keys/${encodeURIComponent(id)}${verb}`;

function factsOf(key) {
  return facts([
    ['State', stateBadge(key.state)],
    ['Id', make('code', {}, key.id)],
    ['Why', key.problem],
    ['Tenant', key.tenant],
    ['Owner', key.principal],
    ['Made', key.created_at && exact(key.created_at)],
    ['Ends', key.expires_at ? make('span', {}, exact(key.expires_at), ' (', near(key.expires_at), ')') : 'never'],
    ['Last used', key.last_used_at ? make('span', {}, exact(key.last_used_at), ` (accepted ${key.uses} times in all)`) : 'never'],
    ['Disabled', key.disabled_at && exact(key.disabled_at)],
    ['Revoked', key.revoked_at && exact(key.revoked_at)],
  ]);
}

function rightsOf(key) {
  return facts([
    ['Role', key.role],
    ['Resources', pills(key.resources, 'nothing is granted by name')],
    ['Tools beyond', pills(key.allow_tools, 'none')],
    ['Tools denied', pills(key.deny_tools, 'none')],
    ['Networks', pills(key.networks, 'anywhere')],
  ]);
}

function actionsOf(key, rotation, again) {
  const change = (label, title, about, work, said, kind) => button(label, async () => {
    if (await confirmChange(title, about, label, work, kind === 'harm' ? 'harm first' : 'first')) {
      note(said);
      again();
    }
  }, {kind});
  if (key.state === 'disabled') {
    return [change('Enable', `Enable ${key.name}?`, 'It is accepted again from now on.', () => ask('PATCH', one(key.id), {body: {disabled: false}}), 'Enabled.'),
      revocation(key, change)];
  }
  if (key.state !== 'live') return [];
  const turning = rotation ? [
    change('Finish rotation', `Finish the rotation of ${key.name}?`, 'The old secret is refused from now on.', () => ask('POST', one(key.id, ':finish')), 'The old secret has ended.'),
    change('Undo rotation', `Undo the rotation of ${key.name}?`, 'The new secret is revoked; the old one goes on as before.', () => ask('POST', one(key.id, ':undo')), 'The old secret goes on.'),
  ] : [button('Rotate', async () => { if (await rotateKey(key)) again(); })];
  return [...turning,
    change('Disable', `Disable ${key.name}?`, 'It is refused until it is enabled again, and its sessions with it.', () => ask('PATCH', one(key.id), {body: {disabled: true}}), 'Disabled.'),
    revocation(key, change)];
}

function revocation(key, change) {
  return change('Revoke', `Revoke ${key.name}?`, 'This secret is refused at once, everywhere, and for good.', () => ask('DELETE', one(key.id)), 'Revoked.', 'harm');
}

async function versionsOf(key) {
  if (!key.family) return [key];
  return (await ask('GET', '/v1/admin/api-keys', {query: {family: key.family}})).items;
}

function versionList(key, versions) {
  const others = versions.filter((each) => each.id !== key.id && each.kind === 'key');
  if (!others.length) return null;
  return make('section', {}, make('h2', {}, 'Other secrets of this key'),
    make('p', {}, 'They share its limits and its history.'),
    make('ul', {}, others.map((each) => make('li', {}, make('a', {href: `#/keys/${each.id}`}, each.id), ' ', stateBadge(each.state),
      ' made ', near(each.created_at)))));
}

async function activityOf(key) {
  const page = await ask('GET', '/v1/admin/audit', {query: {key: key.id, limit: 20}});
  if (!page.items.length) {
    return make('div', {class: 'card'}, empty('live', 'Not used yet', 'What is done with this key, and what it is refused, will stand here.'));
  }
  return make('div', {class: 'card'}, recordTable('What was done with this key', page.items, {withoutKey: true}));
}

export async function showKey(place, session, id) {
  const again = () => showKey(place, session, id);
  const key = await ask('GET', one(id));
  const versions = await versionsOf(key);
  const rotation = rotationOf(key, versions);
  const top = head(key.name || key.id, '', ...actionsOf(key, rotation, again));
  top.firstChild.prepend(make('p', {class: 'crumb'}, make('a', {href: '#/keys'}, 'Keys')));
  if (rotation) top.firstChild.append(make('p', {}, badge(`${rotation} secret`, 'mark'), ' A rotation is under way.'));
  const activity = make('section', {}, make('h2', {}, 'Lately'), make('p', {}, 'The newest records of the trail that name this key.'));
  place.replaceChildren(...[top, make('div', {class: 'columns'},
    make('div', {class: 'card pad'}, factsOf(key)), make('div', {class: 'card pad'}, rightsOf(key))),
    versionList(key, versions), activity].filter(Boolean));
  place.querySelector('h1').focus();
  activity.append(await activityOf(key).catch(problemBox));
}
