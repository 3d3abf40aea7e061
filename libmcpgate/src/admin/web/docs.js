'use strict';

// Makes an element; children are nodes or texts.
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// A schema without references, for people: each is put in where it stands, once on a way.
function resolve(schema, components, seen = []) {
  if (Array.isArray(schema)) return schema.map((each) => resolve(each, components, seen));
  if (schema === null || typeof schema !== 'object') return schema;
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    return seen.includes(name) ? {see: name} : resolve(components[name], components, [...seen, name]);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolve(value, components, seen)]));
}

function schemaBlock(title, schema, components) {
  return [make('h3', {}, title), make('pre', {tabindex: '0'}, JSON.stringify(resolve(schema, components), null, 2))];
}

function parameterTable(parameters) {
  if (!parameters.length) return [];
  const rows = parameters.map((each) => make('tr', {}, make('td', {}, make('code', {}, each.name)),
    make('td', {}, each.in + (each.required ? ', required' : '')), make('td', {}, each.description || ''),
    make('td', {}, make('code', {}, JSON.stringify(each.schema)))));
  const head = make('tr', {}, ...['Parameter', 'Where', 'Meaning', 'Schema'].map((text) => make('th', {scope: 'col'}, text)));
  return [make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows))];
}

function responseTable(responses) {
  const rows = Object.entries(responses).map(([status, each]) =>
    make('tr', {}, make('td', {}, make('code', {}, status)), make('td', {}, each.description)));
  const head = make('tr', {}, ...['Status', 'Meaning'].map((text) => make('th', {scope: 'col'}, text)));
  return make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows));
}

function operationBlock(method, path, operation, components) {
  const inside = make('div', {class: 'inside'}, make('p', {}, operation.description), ...parameterTable(operation.parameters));
  const body = operation.requestBody && operation.requestBody.content['application/json'].schema;
  if (body) inside.append(...schemaBlock('Body', body, components));
  for (const response of Object.values(operation.responses)) {
    const content = response.content && response.content['application/json'];
    if (content) inside.append(...schemaBlock('Answer', content.schema, components));
  }
  inside.append(responseTable(operation.responses));
  const head = make('summary', {}, make('span', {class: 'method'}, method.toUpperCase()), make('code', {}, path),
    make('span', {class: 'say'}, operation.summary));
  const block = make('details', {id: operation.operationId}, head, inside);
  block.dataset.words = [method, path, operation.summary, operation.operationId].join(' ').toLowerCase();
  return block;
}

function show(api) {
  document.getElementById('version').textContent = api.info.version;
  document.getElementById('about').textContent = api.info.description;
  const chapters = new Map();
  for (const [path, operations] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0];
      if (!chapters.has(tag)) chapters.set(tag, make('section', {}, make('h2', {}, tag)));
      chapters.get(tag).append(operationBlock(method, path, operation, api.components.schemas));
    }
  }
  document.getElementById('chapters').replaceChildren(...chapters.values());
}

function filter(words) {
  for (const block of document.querySelectorAll('details')) {
    block.hidden = !words.toLowerCase().split(/\s+/).every((word) => block.dataset.words.includes(word));
  }
  for (const section of document.querySelectorAll('section')) {
    section.hidden = !section.querySelector('details:not([hidden])');
  }
}

document.getElementById('find').addEventListener('input', (event) => filter(event.target.value));
fetch('/openapi.json')
  .then((answer) => answer.json())
  .then(show)
  .catch((error) => {
    document.getElementById('chapters').replaceChildren(make('p', {role: 'alert'}, `The document could not be read: ${error}`));
  });
