// Who is logged in here. That somebody may be is remembered, so that a first visit need not ask.
import {ask, useSession} from './api.js';

const MARK = 'mcpgate.session';

async function enter(login, ended) {
  useSession(login.csrf_token, () => {
    localStorage.removeItem(MARK);
    ended();
  });
  const caller = await ask('GET', '/v1/whoami');
  localStorage.setItem(MARK, '1');
  return {...caller, ...login, session: caller.key, isAdmin: caller.role === 'admin'};
}

export async function logIn(key, ended) {
  return enter(await ask('POST', '/v1/admin/login', {body: {key}}), ended);
}

/** Exchanges the token of an empty server for the first administrator's key. */
export async function bootstrap(token) {
  return (await ask('POST', '/v1/admin/bootstrap', {body: {token, name: 'operator'}})).token;
}

export const isBootstrapToken = (text) => /^[a-z0-9]+_b_/.test(text);

/** The session of an earlier visit, or null. */
export async function resume(ended) {
  if (!localStorage.getItem(MARK)) return null;
  try {
    return await enter(await ask('GET', '/v1/admin/login'), ended);
  } catch (problem) {
    localStorage.removeItem(MARK);
    if (problem.status === 401) return null;
    throw problem;
  }
}

export async function logOut() {
  localStorage.removeItem(MARK);
  await ask('POST', '/v1/admin/logout');
}
