// From the address to a page: who is logged in, where they may go, and what is shown.
import {icon, make} from './dom.js';
import {problemBox} from './parts.js';
import {showLogIn} from './login_page.js';
import {logOut, resume} from './session.js';
import * as audit from './audit_page.js';
import * as keys from './keys_page.js';
import * as limits from './limits_page.js';
import * as live from './live_page.js';
import * as people from './people_page.js';
import * as refusals from './refusals_page.js';
import * as sessions from './sessions_page.js';

// In order of the navigation. `page.show(place, session, rest)` may answer a function that ends what it began.
const PAGES = [
  {path: 'keys', title: 'Keys', symbol: 'key', show: keys.show, forAdmins: true},
  {path: 'live', title: 'Live calls', symbol: 'live', show: live.show, forAdmins: true},
  {path: 'refusals', title: 'Refusals', symbol: 'refused', show: refusals.show, forAdmins: true},
  {path: 'limits', title: 'Limits in use', symbol: 'limits', show: limits.show},
  {path: 'audit', title: 'Audit search', symbol: 'audit', show: audit.show, forAdmins: true},
  {path: 'sessions', title: 'Sessions', symbol: 'session', show: sessions.show},
  {path: 'people', title: 'Tenants and people', symbol: 'people', show: people.show, forAdmins: true},
];

const app = document.getElementById('app');
let session = null;
let endPage = null;
let main = null;

function leavePage() {
  if (endPage) endPage();
  endPage = null;
}

function pagesOf(who) {
  return PAGES.filter((page) => who.isAdmin || !page.forAdmins);
}

function ended() {
  leavePage();
  session = null;
  gate('Your session has ended. Show your key again.');
}

function gate(message) {
  showLogIn(app, {message, ended, entered: (entered) => {
    session = entered;
    drawFrame();
    route();
  }});
}

function turnTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  localStorage.setItem('mcpgate.theme', root.dataset.theme);
}

async function leave() {
  leavePage();
  session = null;
  await logOut().catch(() => {});
  gate('You have logged out.');
}

function whoBlock() {
  const who = session.principal || (session.operator ? 'Operator' : session.role);
  return make('div', {class: 'who'},
    make('p', {}, make('strong', {}, who), session.operator ? 'sees every tenant' : `of tenant ${session.tenant}`),
    make('div', {},
      make('button', {type: 'button', class: 'quiet small', onclick: turnTheme, 'aria-label': 'Light or dark'}, icon('sun')),
      make('a', {class: 'button quiet small', href: '/docs', 'aria-label': 'The REST service'}, icon('book')),
      make('button', {type: 'button', class: 'quiet small', onclick: leave}, icon('leave'), 'Log out')));
}

function drawFrame() {
  main = make('main', {id: 'main'});
  const links = pagesOf(session).map((page) =>
    make('li', {}, make('a', {href: `#/${page.path}`}, icon(page.symbol), page.title)));
  app.replaceChildren(
    make('a', {class: 'skip', href: '#main', onclick: (event) => {
      event.preventDefault();
      main.querySelector('h1').focus();
    }}, 'To the page'),
    make('div', {class: 'frame'},
      make('div', {class: 'side'},
        make('a', {class: 'brand', href: '#/'}, make('img', {src: '/ui/mark.svg', alt: ''}), 'mcpgate'),
        make('nav', {'aria-label': 'Pages'}, make('ul', {}, links)), whoBlock()),
      main));
}

async function route() {
  if (!session) return;
  leavePage();
  const [path, ...rest] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  const pages = pagesOf(session);
  const page = pages.find((each) => each.path === path) || pages[0];
  for (const link of app.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#/${page.path}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${page.title} · mcpgate`;
  const place = make('div');
  main.replaceChildren(place);
  try {
    const showing = Promise.resolve(page.show(place, session, rest));
    readFrom(place);
    const end = await showing;
    // Somebody may have gone on meanwhile.
    if (place.isConnected) endPage = end || null;
    else if (end) end();
  } catch (error) {
    place.append(problemBox(error));
  }
  readFrom(place);
}

// A new page is read from its heading on; who is somewhere in it already stays there.
function readFrom(place) {
  if (!place.contains(document.activeElement)) place.querySelector('h1')?.focus();
}

addEventListener('hashchange', route);
try {
  session = await resume(ended);
  if (session) {
    drawFrame();
    route();
  } else {
    gate();
  }
} catch (error) {
  app.replaceChildren(make('main', {class: 'gatehouse'}, problemBox(error)));
}
