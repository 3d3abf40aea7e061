// What keys are called, for pages that know only their ids.
import {ask} from './api.js';

const KEPT_FOR = 10_000;  // milliseconds
const names = new Map();
let loadedAt = 0;

/** The name of a key, once it is known. */
export const nameOfKey = (id) => names.get(id) || '';
export const knownKeys = () => names.entries();

/** Learns the names of the first 500 keys; ids stay what they are for the rest. */
export async function learnKeyNames() {
  if (Date.now() - loadedAt < KEPT_FOR) return;
  loadedAt = Date.now();
  const page = await ask('GET', '/v1/admin/api-keys', {query: {limit: 500}}).catch(() => ({items: []}));
  for (const key of page.items) names.set(key.id, key.name);
}
