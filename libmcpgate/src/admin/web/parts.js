// What pages are put together from.
import {icon, make} from './dom.js';
import {Problem} from './api.js';

/** A word about what was done, for a few seconds; read out too. */
export function note(text) {
  const line = make('div', {}, text);
  document.getElementById('notes').append(line);
  setTimeout(() => line.remove(), 3500);
}

/** What went wrong, as the service says it. */
export function problemBox(error) {
  const box = make('div', {class: 'notice bad', role: 'alert'});
  if (!(error instanceof Problem)) {
    box.append(make('strong', {}, 'The server cannot be reached.'), 'Is mcpgate-http still running? ', String(error.message));
    return box;
  }
  box.append(make('strong', {}, `${error.title || 'Refused'} (${error.status})`), make('span', {}, error.message));
  if (error.errors.length) {
    box.append(make('ul', {}, error.errors.map((each) => make('li', {}, make('code', {}, each.pointer || '/'), ` ${each.detail}`))));
  }
  if (error.retryAfter) box.append(make('span', {}, `Try again in ${error.retryAfter} s.`));
  return box;
}

export function button(label, onclick, {kind = '', symbol, ...attributes} = {}) {
  return make('button', {type: 'button', class: kind, onclick, ...attributes}, symbol && icon(symbol), label);
}

/** Runs `work` while the button waits; what goes wrong is shown in `place`. Answers whether it went well. */
export async function attempt(control, place, work) {
  place.replaceChildren();
  if (control) control.disabled = true;
  try {
    await work();
    return true;
  } catch (error) {
    place.replaceChildren(problemBox(error));
    return false;
  } finally {
    if (control) control.disabled = false;
  }
}

export const badge = (text, kind = '') => make('span', {class: `badge ${kind}`}, text);

const STATES = {live: 'good', expired: '', revoked: 'bad', disabled: 'warn', tampered: 'bad'};
export const stateBadge = (state) => badge(state, STATES[state] ?? '');

export function pills(texts, none) {
  if (!texts || !texts.length) return make('span', {class: 'hint'}, none);
  return make('span', {class: 'pills'}, texts.map((text) => make('code', {class: 'badge plain'}, text)));
}

export function head(title, about, ...actions) {
  return make('header', {class: 'head'},
    make('div', {}, make('h1', {tabindex: '-1'}, title), make('p', {}, about)), make('div', {class: 'actions'}, actions));
}

export function empty(symbol, title, about, ...more) {
  return make('div', {class: 'empty'}, icon(symbol), make('h2', {}, title), make('p', {}, about), more);
}

export function facts(pairs) {
  return make('dl', {class: 'facts'}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]));
}

/** A row of cells that turns into a card where it is narrow: [[label, content], ...]. */
export function row(cells, attributes = {}) {
  return make('tr', attributes, cells.map(([label, content]) =>
    make('td', {'data-label': label || null, class: label ? null : 'end'}, content)));
}

export function table(caption, columns) {
  const body = make('tbody');
  const heads = columns.map((name) => name ? make('th', {scope: 'col'}, name) : make('td', {}));
  return {body, element: make('table', {class: 'cards', 'aria-label': caption}, make('thead', {}, make('tr', {}, heads)), body)};
}

let fields = 0;

/** A label with its control, an `input` unless one is given. */
export function field(label, {hint, control, ...attributes} = {}) {
  const id = `field-${++fields}`;
  const input = control || make('input', {autocomplete: 'off', ...attributes});
  input.id = id;
  if (hint) input.setAttribute('aria-describedby', `${id}-hint`);
  return {input, element: make('div', {class: 'field'}, make('label', {for: id}, label), input,
    hint && make('span', {class: 'hint', id: `${id}-hint`}, hint))};
}

export function choice(options, chosen) {
  return make('select', {}, options.map(([value, text]) => make('option', {value, selected: value === chosen}, text)));
}

export function copyButton(text) {
  return button('Copy', async () => {
    await navigator.clipboard.writeText(text);
    note('Copied.');
  }, {kind: 'small', symbol: 'copy'});
}

export function snippet(text) {
  return make('div', {class: 'snippet'}, make('pre', {tabindex: '0'}, text), copyButton(text));
}

/** A dialog with a form's content; resolves when it is closed. `locked`: Escape does not close it. */
export function showDialog(title, content, {locked = false} = {}) {
  const id = `title-${Math.random().toString(36).slice(2)}`;
  const dialog = make('dialog', {'aria-labelledby': id}, make('div', {class: 'body'}, make('h2', {id}, title), content));
  document.body.append(dialog);
  dialog.addEventListener('cancel', (event) => locked && event.preventDefault());
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => {
    dialog.remove();
    resolve();
  }));
}

export const closeDialog = (control) => control.closest('dialog').close();

/** A form in a dialog. `work` does it and may throw; `fields` are elements. Resolves to whether it was done. */
export async function formDialog(title, about, fields, {does, kind = 'first', work}) {
  let done = false;
  const trouble = make('div');
  const submit = make('button', {class: kind}, does);
  const form = make('form', {class: 'stack', onsubmit: async (event) => {
    event.preventDefault();
    done = await attempt(submit, trouble, work);
    if (done) closeDialog(form);
  }}, about && make('p', {}, about), fields, trouble,
  make('div', {class: 'actions'}, button('Cancel', () => closeDialog(form), {kind: 'quiet'}), submit));
  await showDialog(title, form);
  return done;
}

/** "a, b c" as a list. */
export const words = (text) => text.split(/[\s,]+/).filter(Boolean);

/** Only what was given. */
export function given(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined &&
    !(Array.isArray(value) && !value.length)));
}
