// What to paste into a client, so that it connects with a token.
import {make} from './dom.js';
import {snippet} from './parts.js';

function json(value) {
  return JSON.stringify(value, null, 2);
}

const headers = (token) => ({Authorization: `Bearer ${token}`});
const FORMS = [
  ['Claude Code', (url, token) => `claude mcp add --transport http mcpgate ${url} \\\n  --header "Authorization: Bearer ${token}"`],
  ['JSON', (url, token) => json({mcpServers: {mcpgate: {type: 'http', url, headers: headers(token)}}})],
  ['Claude Desktop', (url, token) => json({mcpServers: {mcpgate: {command: 'npx',
    args: ['-y', 'mcp-remote', url, '--header', 'Authorization:${MCPGATE_AUTH}'], env: {MCPGATE_AUTH: `Bearer ${token}`}}}})],
  ['VS Code', (url, token) => json({servers: {mcpgate: {type: 'http', url, headers: headers(token)}}})],
  ['curl', (url, token) => `curl -s ${new URL('/v1/whoami', url)} \\\n  -H "Authorization: Bearer ${token}"`],
];

/** Tabs, one for each form (WAI-ARIA: arrows go from tab to tab). */
export function clientSnippets(token) {
  const url = new URL('/mcp', location.href).href;
  const panel = make('div', {role: 'tabpanel', 'aria-label': 'Configuration'});
  const tabs = FORMS.map(([name, form]) => make('button', {type: 'button', role: 'tab', class: 'small', onclick: (event) => {
    for (const tab of tabs) {
      tab.setAttribute('aria-selected', tab === event.target);
      tab.tabIndex = tab === event.target ? 0 : -1;
    }
    panel.replaceChildren(snippet(form(url, token)));
  }}, name));
  const list = make('div', {class: 'tabs', role: 'tablist', 'aria-label': 'Clients', onkeydown: (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
    next.click();
    next.focus();
  }}, tabs);
  tabs[0].click();
  return make('div', {}, list, panel);
}
