// Loads a player from elsewhere when the reader asks for it; until then nothing is asked of anyone.
(() => {
  'use strict';

  const frames = Array.from(document.querySelectorAll('[data-embed]')).filter(
    (frame) => /^https:\/\//.test(frame.dataset.embed)
  );
  const beside = (frame, selector) => (frame.closest('figure') || frame.parentNode).querySelector(selector);

  const withQuery = (address, query) => {
    const [page, ...fragment] = address.split('#');
    return [page + (page.includes('?') ? '&' : '?') + query, ...fragment].join('#');
  };

  const load = (frame, pressed) => {
    if (frame.querySelector('iframe')) {
      return;
    }
    const { embed, autoplay, allow, sandbox, title, loaded } = frame.dataset;
    const player = document.createElement('iframe');
    player.title = title;
    player.loading = pressed ? 'eager' : 'lazy';
    player.referrerPolicy = 'strict-origin-when-cross-origin'; // without it, YouTube refuses with error 153
    player.setAttribute('allow', allow);
    player.setAttribute('sandbox', sandbox);
    player.src = pressed && autoplay ? withQuery(embed, autoplay) : embed;
    frame.appendChild(player);
    if (pressed) {
      player.addEventListener('load', () => {
        beside(frame, '[role="status"]').textContent = loaded;
        if (document.activeElement === player) { // the focus went to the empty page before this one: hand it on
          player.blur();
          player.focus();
        }
      }, { once: true });
      player.focus();
    }
    frame.querySelector('button').remove();
  };

  // Shows that the player has the focus until the page has it again; no selector tells, since it lies in another page.
  const showFocus = (frame) => {
    const left = (event) => {
      if (!frame.contains(event.target)) {
        frame.classList.remove('embed-entered');
        document.removeEventListener('focusin', left);
      }
    };
    frame.classList.add('embed-entered');
    document.addEventListener('focusin', left);
  };

  const offer = (frame, at) => {
    const button = frame.querySelector('button');
    const notice = beside(frame, '.embed-notice');
    if (notice) {
      notice.id = notice.id || `embed-notice-${at + 1}`;
      button.setAttribute('aria-describedby', notice.id);
    }
    button.addEventListener('click', (event) => {
      load(frame, true);
      if (event.detail === 0) { // by keyboard
        showFocus(frame);
      }
    });
    button.hidden = false;
  };

  // What the reader has chosen: origins of players. Where that is not offered, storage is never touched.
  const remembered = (key) => {
    const kept = localStorage.getItem(key) || '';
    return kept.split(' ').filter(Boolean);
  };

  const remember = (key, origin, chosen) => {
    const kept = remembered(key).filter((other) => other !== origin).concat(chosen ? origin : []);
    if (kept.length) {
      localStorage.setItem(key, kept.join(' '));
    } else {
      localStorage.removeItem(key);
    }
  };

  const originOf = (frame) => new URL(frame.dataset.embed).origin;
  const boxOf = (frame) => beside(frame, '[data-key]');

  const offerToRemember = (frame) => {
    const box = boxOf(frame);
    const origin = originOf(frame);
    box.checked = remembered(box.dataset.key).includes(origin);
    box.addEventListener('change', () => {
      remember(box.dataset.key, origin, box.checked);
      frames.filter((other) => originOf(other) === origin).forEach((other) => { boxOf(other).checked = box.checked; });
    });
    box.closest('[hidden]').hidden = false;
    if (box.checked) {
      load(frame, false);
    }
  };

  frames.forEach(offer);
  try {
    frames.filter(boxOf).forEach(offerToRemember);
  } catch (error) {
    // The browser keeps nothing for sites: every player waits to be asked for.
  }
})();
