// Sessions: tokens that end by themselves, and what to paste into a client.
import {make} from './dom.js';
import {ask} from './api.js';
import {badge, button, choice, empty, field, formDialog, given, head, note, problemBox, row, snippet, stateBadge, table} from './parts.js';
import {near} from './time.js';
import {ROLES, confirmChange, rightsFields, showToken} from './key_dialogs.js';

const ABOUT = 'A session is a token minted from a key: it may at most what the key may at the time of each call, and ends by itself. Give clients sessions, and keep keys for yourself.';
const LENGTHS = [['3600', 'in an hour'], ['28800', 'in eight hours'], ['43200', 'in twelve hours'], ['86400', 'in a day'], ['604800', 'in a week'], ['2592000', 'in 30 days']];

const OWN_SESSION = () => `curl -s ${new URL('/v1/mcp/tokens', location.href)} \\
  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  -d '{"name": "my-client", "expires_in": 43200}'`;

async function mint(session) {
  const name = field('Name', {required: true, maxlength: '100', placeholder: 'claude-on-laptop'});
  const key = field('Of key', {class: 'mono', value: session.key, required: true, hint: 'Its id. As it stands, the key you logged in with.'});
  const ends = field('Ends', {control: choice(LENGTHS, '43200')});
  const role = field('Role', {control: choice([['', 'that of the key'], ...ROLES], '')});
  const rights = rightsFields();
  let issued = null;
  await formDialog('New session', 'Rights that are left empty are those of the key.', [
    name.element, make('div', {class: 'pair'}, role.element, ends.element), key.element, ...rights.elements,
  ], {does: 'Make the session', work: async () => {
    const body = given({name: name.input.value.trim(), expires_in: Number(ends.input.value), key: key.input.value.trim(),
      role: role.input.value, ...rights.values()});
    issued = await ask('POST', '/v1/admin/sessions', {body});
  }});
  if (issued) await showToken(`Session ${issued.key.name}`, issued.token);
  return issued !== null;
}

async function end(item) {
  const done = await confirmChange(`End ${item.name}?`, 'Its token is refused at once, everywhere.', 'End the session',
    () => ask('DELETE', `/v1/admin/sessions/${item.id}`));
  if (done) note('The session has ended.');
  return done;
}

class SessionList {
  constructor(session) {
    this.session = session;
    this.items = [];
    this.frame = make('div', {class: 'card'});
    this.columns = ['Name', session.operator && 'Tenant', 'Owner', 'Role', 'State', 'Used', 'Ends', ''];
    this.table = table('Sessions', this.columns.filter((each) => each !== false));
  }

  async load(cursor = null) {
    try {
      const page = await ask('GET', '/v1/admin/sessions', {query: {limit: 200, cursor}});
      const found = page.items.filter((item) => item.state === 'live');
      this.items = cursor ? [...this.items, ...found] : found;
      this.draw(page.next);
    } catch (error) {
      this.frame.replaceChildren(make('div', {class: 'pad'}, problemBox(error)));
    }
  }

  rowOf(item) {
    const isDashboard = item.name === 'dashboard';
    return row([
      ['Name', make('div', {}, make('a', {class: 'row', href: `#/keys/${item.id}`}, item.name), make('code', {class: 'sub'}, item.id))],
      this.session.operator && ['Tenant', item.tenant],
      ['Owner', item.principal || ''],
      ['Role', item.role],
      ['State', make('span', {class: 'pills'}, stateBadge(item.state), isDashboard && badge(item.id === this.session.session ? 'you, here' : 'browser', 'mark'))],
      ['Used', near(item.last_used_at, 'never')],
      ['Ends', near(item.expires_at)],
      ['', item.id !== this.session.session && button('End', async () => { if (await end(item)) this.load(); }, {kind: 'harm small'})],
    ].filter(Boolean));
  }

  draw(next) {
    this.items.sort((a, b) => b.created_at.localeCompare(a.created_at));
    if (!this.items.length && !next) {
      return this.frame.replaceChildren(empty('session', 'No sessions', 'Make one for each client: its configuration is shown with it, ready to paste.'));
    }
    this.table.body.replaceChildren(...this.items.map((item) => this.rowOf(item)));
    const more = next && make('div', {class: 'more'}, button('Show more', () => this.load(next)));
    this.frame.replaceChildren(...[this.table.element, more].filter(Boolean));
  }
}

export async function show(place, session) {
  if (!session.isAdmin) {
    place.append(head('Sessions', ABOUT), make('div', {class: 'card'}, empty('session', 'A session for each client',
      'With your key a session is made by one request. It ends by itself, and with your key; an administrator of your tenant can see and end it.',
      snippet(OWN_SESSION()))));
    return;
  }
  const list = new SessionList(session);
  place.append(head('Sessions', ABOUT, button('New session', async () => {
    if (await mint(session)) list.load();
  }, {kind: 'first', symbol: 'plus'})), list.frame);
  await list.load();
}
