// Keys: the list, and one of them.
import {make} from './dom.js';
import {ask} from './api.js';
import {badge, button, choice, empty, field, head, problemBox, row, stateBadge, table} from './parts.js';
import {near} from './time.js';
import {createKey} from './key_dialogs.js';
import {showKey} from './key_page.js';

const ABOUT = 'A key lets one program, or one person, call tools. What it may do is written at the key; its secret is shown once, when it is made.';

/** Of several live secrets of one key the newest is the current one. */
export function rotationOf(key, keys) {
  const versions = keys.filter((each) => each.family === key.family && each.state === 'live' && each.kind === 'key');
  if (key.state !== 'live' || versions.length < 2) return '';
  return versions.every((each) => each.created_at <= key.created_at) ? 'new' : 'old';
}

function keyRow(key, keys, session) {
  const rotation = rotationOf(key, keys);
  return row([
    ['Name', make('div', {}, make('a', {class: 'row', href: `#/keys/${key.id}`}, key.name || key.id), make('code', {class: 'sub'}, key.id))],
    session.operator && ['Tenant', key.tenant],
    ['Owner', key.principal || ''],
    ['Role', key.role],
    ['State', make('span', {class: 'pills'}, stateBadge(key.state), rotation && badge(`${rotation} secret`, 'mark'))],
    ['Made', near(key.created_at)],
    ['Used', near(key.last_used_at, 'never')],
    ['Ends', near(key.expires_at, 'never')],
  ].filter(Boolean));
}

function nothing(isFiltered, creation) {
  if (isFiltered) return empty('key', 'No key fits', 'Try fewer words, or show the ended ones too.');
  return empty('key', 'No keys yet', 'Make one for each program and each person, with the least that it needs: a lost key is then revoked alone, and the trail tells who did what.', creation);
}

class KeyList {
  constructor(session) {
    this.session = session;
    this.keys = [];
    this.name = field('Search', {type: 'search', placeholder: 'part of a name'});
    this.tenant = field('Tenant', {placeholder: 'every tenant'});
    this.which = field('Show', {control: choice([['live', 'In use'], ['all', 'Ended ones too']], 'live')});
    const columns = ['Name', session.operator && 'Tenant', 'Owner', 'Role', 'State', 'Made', 'Used', 'Ends'].filter(Boolean);
    this.table = table('Keys', columns);
    this.frame = make('div', {class: 'card'});
    this.next = null;
    this.asked = 0;
  }

  filters() {
    let timer = 0;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.load(), 200);
    };
    for (const each of [this.name, this.tenant]) each.input.addEventListener('input', later);
    this.which.input.addEventListener('change', () => this.load());
    return make('div', {class: 'filters', role: 'search'}, this.name.element, this.session.operator && this.tenant.element, this.which.element);
  }

  async load(more = false) {
    const turn = ++this.asked;
    const words = this.name.input.value.trim();
    try {
      const page = await ask('GET', '/v1/admin/api-keys', {query: {name: words && `*${words}*`, tenant: this.tenant.input.value.trim(),
        cursor: more ? this.next : null, limit: 200}});
      if (turn !== this.asked) return;  // something newer was asked meanwhile
      this.keys = more ? [...this.keys, ...page.items] : page.items;
      this.next = page.next;
      this.draw();
    } catch (error) {
      this.frame.replaceChildren(make('div', {class: 'pad'}, problemBox(error)));
    }
  }

  draw() {
    const all = this.which.input.value === 'all';
    const shown = this.keys.filter((key) => key.kind !== 'session' && (all || key.state === 'live' || key.state === 'disabled'))
      .sort((a, b) => (b.created_at || '').localeCompare(a.created_at || ''));
    if (!shown.length && !this.next) {
      const isFiltered = Boolean(this.name.input.value || this.tenant.input.value || this.keys.length);
      return this.frame.replaceChildren(nothing(isFiltered, this.creation()));
    }
    this.table.body.replaceChildren(...shown.map((key) => keyRow(key, this.keys, this.session)));
    const more = this.next && make('div', {class: 'more'}, button('Show more', () => this.load(true)));
    this.frame.replaceChildren(...[this.table.element, more].filter(Boolean));
  }

  creation() {
    return button('New key', async () => {
      if (await createKey(this.session)) this.load();
    }, {kind: 'first', symbol: 'plus'});
  }
}

export async function show(place, session, [id]) {
  if (id) return showKey(place, session, id);
  const list = new KeyList(session);
  place.append(head('Keys', ABOUT, list.creation()), list.filters(), list.frame);
  await list.load();
}
