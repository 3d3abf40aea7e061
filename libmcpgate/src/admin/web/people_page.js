// Tenants, teams and principals: whom keys belong to.
import {make} from './dom.js';
import {ask} from './api.js';
import {badge, button, empty, field, formDialog, given, head, note, problemBox, row, table, words} from './parts.js';
import {near} from './time.js';
import {confirmChange} from './key_dialogs.js';

const ABOUT = 'A tenant owns principals, a principal owns keys; a team holds several principals. Disabling one refuses all keys below it at once.';
const SLUG = {pattern: '[a-z0-9\\-]{1,64}', hint: 'Small letters, digits and -.'};

const stateOf = (item) => item.disabled_at ? badge('disabled', 'warn') : badge('active', 'good');
const nameCell = (item) => make('div', {}, make('strong', {}, item.name || item.id), make('code', {class: 'sub'}, item.id));

// One of the three lists: what it is called, what its rows say, and what is asked for a new one.
const KINDS = [
  {path: 'tenants', title: 'Tenants', one: 'tenant', about: 'Nothing of one tenant is seen by another.', onlyOperator: true,
    hasTenant: false, columns: [], cells: () => [], fields: () => [],
    none: 'Every key belongs to a tenant. Make one for each customer, department or environment that must not see the others.'},
  {path: 'teams', title: 'Teams', one: 'team', about: 'Principals that share limits and budgets.', hasTenant: true,
    columns: [], cells: () => [], fields: () => [],
    none: 'A team lets several principals share a limit or a budget.'},
  {path: 'principals', title: 'Principals', one: 'principal', about: 'The people and services that own keys.', hasTenant: true,
    columns: ['Team', 'Known as', 'Another key', 'Sessions'],
    cells: (item) => [['Team', item.team || ''], ['Known as', item.external_ids.join(', ')], ['Another key', item.issue_policy], ['Sessions', `at most ${item.session_limit}`]],
    fields: () => [['team', field('Team', {...SLUG, hint: 'An existing one, or none.'})],
      ['external_ids', field('Known elsewhere as', {class: 'mono', placeholder: 'discord:80351110224678912'}), words],
      ['issue_policy', field('One key more', {placeholder: 'limit:5', pattern: '(limit:[0-9]{1,5}|replace|refuse)', hint: 'limit:N, replace (the old one is revoked) or refuse.'})],
      ['session_limit', field('Sessions at most', {type: 'number', min: '0', max: '10000'}), (text) => text && Number(text)]],
    none: 'Make one for each person or service, and say at a key whose it is: then one switch refuses all their keys.'},
];

class PeopleList {
  constructor(kind, session, tenant) {
    Object.assign(this, {kind, session, tenant});
    this.mayMake = !kind.onlyOperator || session.operator;
    this.frame = make('div', {class: 'card'});
    this.columns = ['Name', kind.hasTenant && session.operator && 'Tenant', ...kind.columns, 'State', 'Made', ''].filter((each) => each !== false);
    this.items = [];
  }

  element() {
    const title = make('div', {class: 'head'}, make('div', {}, make('h2', {}, this.kind.title), make('p', {}, this.kind.about)),
      this.mayMake && make('div', {class: 'actions'}, this.creation()));
    return make('section', {}, title, this.frame);
  }

  creation() {
    return button(`New ${this.kind.one}`, () => this.create(), {symbol: 'plus'});
  }

  query(more = {}) {
    return {...(this.kind.hasTenant ? {tenant: this.tenant.value.trim()} : {}), ...more};
  }

  async load(cursor = null) {
    try {
      const page = await ask('GET', `/v1/admin/${this.kind.path}`, {query: this.query({limit: 100, cursor})});
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.draw(page.next);
    } catch (error) {
      this.frame.replaceChildren(make('div', {class: 'pad'}, problemBox(error)));
    }
  }

  draw(next) {
    if (!this.items.length) {
      return this.frame.replaceChildren(empty('people', `No ${this.kind.path} yet`, this.kind.none));
    }
    const {element, body} = table(this.kind.title, this.columns);
    body.append(...this.items.map((item) => this.rowOf(item)));
    const more = next && make('div', {class: 'more'}, button('Show more', () => this.load(next)));
    this.frame.replaceChildren(...[element, more].filter(Boolean));
  }

  rowOf(item) {
    return row([['Name', nameCell(item)], this.kind.hasTenant && this.session.operator && ['Tenant', item.tenant], ...this.kind.cells(item),
      ['State', stateOf(item)], ['Made', near(item.created_at)], ['', this.mayMake && this.switchOf(item)]].filter(Boolean));
  }

  switchOf(item) {
    const turn = (disabled) => ask('PATCH', `/v1/admin/${this.kind.path}/${encodeURIComponent(item.id)}`,
      {query: this.kind.hasTenant ? {tenant: item.tenant} : {}, body: {disabled}, version: item.version});
    if (item.disabled_at) {
      return button('Enable', async () => {
        if (await confirmChange(`Enable ${item.id}?`, 'All keys below it are accepted again.', 'Enable', () => turn(false), 'first')) this.changed('Enabled.');
      }, {kind: 'small'});
    }
    return button('Disable', async () => {
      if (await confirmChange(`Disable ${item.id}?`, 'All keys below it are refused at once, in every process, until it is enabled.', 'Disable', () => turn(true))) this.changed('Disabled.');
    }, {kind: 'harm small'});
  }

  changed(said) {
    note(said);
    this.load();
  }

  async create() {
    const id = field('Id', {required: true, class: 'mono', ...(this.kind.path === 'principals' ? {pattern: '[A-Za-z0-9._@\\-]{1,64}'} : SLUG)});
    const name = field('Name', {maxlength: '100', hint: 'For people.'});
    const tenant = field('Tenant', {value: this.tenant.value, placeholder: this.session.tenant, hint: 'Your own unless given.'});
    const others = this.kind.fields();
    const done = await formDialog(`New ${this.kind.one}`, '', [make('div', {class: 'pair'}, id.element, name.element),
      this.kind.hasTenant && this.session.operator && tenant.element, ...others.map(([, each]) => each.element)],
    {does: 'Make it', work: () => ask('POST', `/v1/admin/${this.kind.path}`, {body: given({id: id.input.value.trim(), name: name.input.value.trim(),
      tenant: this.kind.hasTenant ? tenant.input.value.trim() : '',
      ...Object.fromEntries(others.map(([member, each, read = String]) => [member, read(each.input.value)]))})})});
    if (done) this.changed('Made.');
  }
}

export async function show(place, session) {
  const tenant = field('Teams and principals of tenant', {placeholder: 'every tenant'});
  const lists = KINDS.map((kind) => new PeopleList(kind, session, tenant.input));
  const load = () => Promise.all(lists.map((list) => list.load()));
  tenant.input.addEventListener('change', load);
  place.append(head('Tenants and people', ABOUT), ...lists.map((list, at) => {
    const element = list.element();
    if (at === 0 && session.operator) element.append(make('div', {class: 'filters after'}, tenant.element));
    return element;
  }));
  await load();
}
