// Light or dark, before anything is drawn: what was chosen here, or else what the system says.
'use strict';

const chosen = localStorage.getItem('mcpgate.theme');
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
