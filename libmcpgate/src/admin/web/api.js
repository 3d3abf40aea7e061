// The REST service, as this page asks it: with the cookie, and with the session's token for changes.

let csrfToken = '';
let whenOut = () => {};

/** What the service said when it did not do what it was asked: problem details, RFC 9457. */
export class Problem extends Error {
  constructor(status, details, retryAfter) {
    super(details.detail || details.title || `status ${status}`);
    this.status = status;
    this.title = details.title || '';
    this.errors = details.errors || [];
    this.retryAfter = retryAfter;
  }
}

/** `ended` is called when the session is over. */
export function useSession(token, ended) {
  csrfToken = token;
  whenOut = ended;
}

function targetOf(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

async function problemOf(answer) {
  const details = await answer.json().catch(() => ({}));
  // The limit of an address is told in the words of MCP.
  const said = details.error ? {detail: details.error.message} : details;
  return new Problem(answer.status, said, answer.headers.get('Retry-After'));
}

/** Answers the body, or null when there is none. Throws a Problem, or TypeError when the server cannot be reached. */
export async function ask(method, path, {query, body, version} = {}) {
  const headers = {Accept: 'application/json'};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrfToken) headers['X-CSRF-Token'] = csrfToken;
  if (version !== undefined) headers['If-Match'] = `"v${version}"`;
  const answer = await fetch(targetOf(path, query), {method, headers, credentials: 'same-origin',
    body: body === undefined ? undefined : JSON.stringify(body)});
  if (answer.status === 401 && csrfToken) whenOut();
  if (!answer.ok) throw await problemOf(answer);
  return answer.status === 204 ? null : answer.json();
}
