// Where one shows a key.
import {make} from './dom.js';
import {attempt, field} from './parts.js';
import {showToken} from './key_dialogs.js';
import {bootstrap, isBootstrapToken, logIn} from './session.js';

const HELP = `mcpgate keys create --name operator --role admin --resource '*'`;

// Of a server without keys: its token makes the first one, which is shown before it is used.
async function keyOf(text) {
  if (!isBootstrapToken(text)) return text;
  const key = await bootstrap(text);
  await showToken('The operator’s key', key, {forClients: false});
  return key;
}

/** `entered` gets the session. */
export function showLogIn(place, {ended, entered, message}) {
  const key = field('API key', {type: 'password', class: 'mono', name: 'key', placeholder: 'mcpg_k_…', spellcheck: 'false',
    required: true, maxlength: '600'});
  const trouble = make('div');
  const submit = make('button', {class: 'first wide'}, 'Log in');
  const form = make('form', {class: 'stack', onsubmit: async (event) => {
    event.preventDefault();
    let session = null;
    const ok = await attempt(submit, trouble, async () => { session = await logIn(await keyOf(key.input.value.trim()), ended); });
    key.input.value = '';
    if (ok) return entered(session);
    key.input.focus();
  }}, key.element, trouble, submit);
  place.replaceChildren(make('main', {class: 'gatehouse'}, make('div', {class: 'card'},
    make('span', {class: 'brand'}, make('img', {src: '/ui/mark.svg', alt: ''}), 'mcpgate'),
    make('h1', {}, 'Log in'),
    make('p', {}, message || 'Show a key of this server. It is exchanged for a session of eight hours, and not kept.'),
    form,
    make('details', {}, make('summary', {}, 'Where do I get a key?'),
      make('p', {}, 'From whoever runs this server. A server without keys has a token for the first one in the file bootstrap.token of its data directory: show that here, from its own machine. Or make the key there with'),
      make('pre', {tabindex: '0'}, HELP)))));
  document.title = 'Log in · mcpgate';
  key.input.focus();
}
