// What is asked before a key is made or changed, and the secret that is shown once.
import {make} from './dom.js';
import {ask} from './api.js';
import {button, choice, closeDialog, copyButton, field, formDialog, given, showDialog, words} from './parts.js';
import {clientSnippets} from './snippets.js';

export const ROLES = [['reader', 'reader: looks'], ['writer', 'writer: looks and posts'], ['manager', 'manager: also arranges'],
  ['moderator', 'moderator: also removes'], ['admin', 'admin: also administers']];
const LIFETIMES = [['', 'never'], ['86400', 'in a day'], ['604800', 'in a week'], ['2592000', 'in 30 days'], ['7776000', 'in 90 days'], ['31536000', 'in a year']];
const OVERLAPS = [['0', 'at once'], ['3600', 'in an hour'], ['86400', 'in a day'], ['604800', 'in a week'], ['2592000', 'in 30 days']];

/** The rights beside the role, as fields and as what the service takes. */
export function rightsFields() {
  const resources = field('Resources', {placeholder: 'discord:channel:*', class: 'mono', hint: 'What tools may touch. Nothing, unless it is named.'});
  const allow = field('Tools beyond the role', {placeholder: 'report_*', class: 'mono'});
  const deny = field('Tools taken away', {placeholder: 'discord_send_message', class: 'mono'});
  return {
    elements: [resources.element, make('div', {class: 'pair'}, allow.element, deny.element)],
    values: () => ({resources: words(resources.input.value), allow_tools: words(allow.input.value), deny_tools: words(deny.input.value)}),
  };
}

/** The one time that a token is seen. What to paste into a client comes with it, unless it is not for one. */
export async function showToken(title, token, {forClients = true} = {}) {
  const code = make('code', {id: 'token'}, token);
  const content = make('div', {class: 'stack'},
    make('p', {class: 'notice warn'}, 'This is shown once. Who has it can do what the key may; mcpgate itself keeps only a hash.'),
    make('div', {class: 'secret'}, code, copyButton(token)),
    forClients && clientSnippets(token),
    make('div', {class: 'actions'}, button('I have stored it', (event) => closeDialog(event.target), {kind: 'first'})));
  await showDialog(title, content, {locked: true});
}

export async function createKey(session) {
  const name = field('Name', {required: true, maxlength: '100', placeholder: 'ci-reporter', hint: 'For people; it stands in the trail.'});
  const tenant = field('Tenant', {placeholder: session.tenant, pattern: '[a-z0-9\\-]{1,64}', hint: 'Your own unless given.'});
  const principal = field('Owner', {pattern: '[A-Za-z0-9._@\\-]{1,64}', hint: 'A principal’s id, or nobody’s in particular.'});
  const role = field('Role', {control: choice(ROLES, 'reader')});
  const ends = field('Ends', {control: choice(LIFETIMES, '7776000')});
  const networks = field('Networks', {placeholder: '203.0.113.0/24', class: 'mono', hint: 'Where it may come from; anywhere unless given.'});
  const rights = rightsFields();
  let issued = null;
  await formDialog('New key', '', [
    name.element,
    make('div', {class: 'pair'}, role.element, ends.element),
    make('div', {class: 'pair'}, session.operator && tenant.element, principal.element),
    ...rights.elements, networks.element,
  ], {does: 'Make the key', work: async () => {
    issued = await ask('POST', '/v1/admin/api-keys', {body: given({name: name.input.value.trim(), tenant: tenant.input.value,
      principal: principal.input.value, role: role.input.value, expires_in: Number(ends.input.value) || null,
      networks: words(networks.input.value), ...rights.values()})});
  }});
  if (issued) await showToken(`Key ${issued.key.name}`, issued.token);
  return issued !== null;
}

export async function rotateKey(key) {
  const overlap = field('The old secret ends', {control: choice(OVERLAPS, '86400')});
  let issued = null;
  await formDialog(`Rotate ${key.name}`, 'The key gets a new secret beside the old one. Give the new one to whoever uses the key, then finish; or undo.',
    [overlap.element], {does: 'Rotate', work: async () => {
      issued = await ask('POST', `/v1/admin/api-keys/${key.id}:rotate`, {body: {overlap: Number(overlap.input.value)}});
    }});
  if (issued) await showToken(`New secret of ${key.name}`, issued.token);
  return issued;
}

/** Something that needs a second thought. */
export function confirmChange(title, about, does, work, kind = 'harm first') {
  return formDialog(title, about, [], {does, kind, work});
}
