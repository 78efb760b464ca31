// Keeps the page up to date: asks for the part that changes, puts it in place
// of the old one, and leaves what the reader opened, scrolled or selected as it
// is. Without this file the page reloads itself.
'use strict';

const body = document.body;
const alive = document.getElementById('alive');
const every = Number(body.dataset.every);
const build = document.getElementById('now').dataset.build;
let clock = document.getElementById('now').dataset.clock;
let timer = 0;
let asking = false;

function say(text, gone) {
  alive.textContent = text.replace('{0}', clock);
  alive.classList.toggle('gone', gone);
}

// What the reader did to the old part, to be done to the new one.
function keep(old) {
  const open = [...old.querySelectorAll('details[open][id]')].map((e) => e.id);
  const places = [...old.querySelectorAll('.scroll[id], .wide[id]')].map((e) => [e.id, e.scrollTop, e.scrollLeft]);
  const focus = document.activeElement;
  const focused = old.contains(focus) ? focus.id || (focus.closest('details') || {}).id : '';
  return () => {
    for (const id of open) {
      const e = document.getElementById(id);
      if (e) e.open = true;
    }
    for (const [id, top, left] of places) {
      const e = document.getElementById(id);
      if (e) e.scrollTo(left, top);
    }
    if (focused) {
      const e = document.getElementById(focused);
      if (e) (e.querySelector('summary') || e).focus({ preventScroll: true });
    }
  };
}

function selecting(old) {
  const s = document.getSelection();
  return s && !s.isCollapsed && old.contains(s.anchorNode);
}

async function refresh() {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(body.dataset.fragment, { cache: 'no-store', signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error(answer.statusText);
    const holder = document.createElement('template');
    holder.innerHTML = await answer.text();
    const fresh = holder.content.firstElementChild;
    if (!fresh || fresh.id !== 'now') throw new Error('not the page');
    if (fresh.dataset.build !== build) {
      location.reload();
      return;
    }
    const old = document.getElementById('now');
    clock = fresh.dataset.clock;
    if (!selecting(old)) {
      const restore = keep(old);
      old.replaceWith(fresh);
      restore();
    }
    say(body.dataset.updated, false);
  } catch {
    say(body.dataset.gone, true);
  } finally {
    asking = false;
  }
}

function next() {
  clearTimeout(timer);
  if (document.hidden) return;
  timer = setTimeout(async () => {
    await refresh();
    next();
  }, every);
}

document.addEventListener('visibilitychange', async () => {
  if (!document.hidden) await refresh();
  next();
});
next();
