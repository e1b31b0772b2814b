// Helps with forms that work without it: tells what is missing beside the answer, shows questions when they are meant,
// keeps a draft when the reader asks for it, and sends without leaving the page. A form's own properties are never
// read by names that a question could have.
(() => {
  'use strict';

  const FRESH = 20 * 3600 * 1000; // a token lives somewhat longer
  const PATIENCE = 60000;
  const PERSONAL = '.kind-name, .kind-email, .kind-phone, .kind-file';

  const all = (within, selector) => Array.from(within.querySelectorAll(selector));
  const controlsOf = (within) => all(within, 'input:not([type="hidden"]), select, textarea');
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (sign, name) => (name in values ? values[name] : sign));
  const isTick = (control) => control.type === 'radio' || control.type === 'checkbox';
  const length = (text) => Array.from(text).length; // people's characters rather than UTF-16 units

  const make = (name, css, text) => {
    const made = document.createElement(name);
    made.className = css;
    made.textContent = text;
    return made;
  };

  const describe = (owner, id, wanted) => {
    const others = (owner.getAttribute('aria-describedby') || '').split(' ').filter((other) => other && other !== id);
    const ids = wanted ? [id].concat(others) : others;
    if (ids.length) {
      owner.setAttribute('aria-describedby', ids.join(' '));
    } else {
      owner.removeAttribute('aria-describedby');
    }
  };

  // What is wrong with a question's answer: controls, each with a message.

  const tickFaults = (field, ticks) => {
    const names = Array.from(new Set(ticks.map((tick) => tick.name)));
    const groups = names.map((name) => ticks.filter((tick) => tick.name === name));
    return groups.filter((group) => !group.some((tick) => tick.checked)).map((group) => [group[0], field.dataset.missing]);
  };

  const placeFaults = (field, selects) => {
    const given = selects.map((select) => select.value).filter(Boolean);
    if ('required' in field.dataset && given.length < selects.length) {
      return [[selects.find((select) => !select.value), field.dataset.missing]];
    }
    const twice = selects.find((select) => given.indexOf(select.value) !== given.lastIndexOf(select.value));
    return twice ? [[twice, field.dataset.wrong]] : [];
  };

  const isBadFile = (field, control) => Array.from(control.files).some((file) => {
    const kinds = control.accept.split(',');
    return file.size > field.dataset.megabytes * 1e6 || !kinds.some((kind) => file.name.toLowerCase().endsWith(kind));
  });

  const lineFault = (field, control) => {
    const { required, missing, wrong, least, short, most, long } = field.dataset;
    const asked = control.name === field.dataset.field;
    if (asked && required !== undefined && !control.value.trim() && !control.validity.badInput) {
      return missing;
    }
    if (asked && control.value && length(control.value) < least) {
      return short;
    }
    if (asked && length(control.value) > most) {
      return long;
    }
    if (control.type === 'file') {
      return isBadFile(field, control) ? wrong : '';
    }
    const { valid, valueMissing, tooShort, tooLong } = control.validity;
    return valid || valueMissing || tooShort || tooLong ? '' : wrong;
  };

  const faultsOf = (field) => {
    const controls = controlsOf(field).filter((control) => !control.disabled);
    const ticks = controls.filter(isTick);
    const selects = controls.filter((control) => control.tagName === 'SELECT');
    if (selects.length) {
      return placeFaults(field, selects);
    }
    if (ticks.length) {
      return 'required' in field.dataset ? tickFaults(field, ticks) : [];
    }
    return controls.map((control) => [control, lineFault(field, control)]).filter((fault) => fault[1]);
  };

  const mark = (place, control, message) => {
    const group = isTick(control) ? control.closest('fieldset') : null;
    const home = group || control.closest('.form-part, fieldset') || control.closest('.form-field');
    const error = make('p', 'form-error', '');
    error.id = `${(group || control).id}-error`;
    error.append(make('span', 'visually-hidden', `${place.dataset.error} `), message);
    const before = Array.from(home.children).find((child) => !child.matches('label, legend, .form-hint, .form-error'));
    home.insertBefore(error, before || null);
    describe(group || control, error.id, true);
    (group ? (control.type === 'radio' ? [group] : all(group, '[type="checkbox"]')) : [control])
      .forEach((owner) => owner.setAttribute('aria-invalid', 'true'));
    home.classList.add('has-error');
  };

  const unmark = (field) => {
    all(field, '.form-error').forEach((error) => {
      all(field, '[aria-describedby]').forEach((owner) => describe(owner, error.id, false));
      error.parentNode.removeChild(error);
    });
    all(field, '[aria-invalid]').forEach((owner) => owner.removeAttribute('aria-invalid'));
    all(field, '.has-error').concat(field).forEach((home) => home.classList.remove('has-error'));
  };

  // A thing's place is chosen from a list; buttons move it too.

  const offerMoves = (list, say) => {
    const move = (item, step) => {
      const places = new Map(Array.from(list.children).map((one, at) => [one, Number(one.querySelector('select').value) || 100 + at]));
      const items = Array.from(list.children).sort((one, other) => places.get(one) - places.get(other));
      const from = items.indexOf(item);
      const to = Math.min(Math.max(from + step, 0), items.length - 1);
      items.splice(to, 0, items.splice(from, 1)[0]);
      items.forEach((one, at) => {
        one.querySelector('select').value = String(at + 1);
        list.appendChild(one);
      });
      say(fill(list.dataset.moved, { thing: item.dataset.thing, place: to + 1 }));
    };
    all(list, '.form-moves').forEach((moves) => { moves.hidden = false; });
    list.addEventListener('click', (event) => {
      const button = event.target.closest('[data-move]');
      if (button) {
        move(button.closest('li'), Number(button.dataset.move));
        button.focus();
        button.dispatchEvent(new Event('input', { bubbles: true }));
      }
    });
  };

  // The browser is asked where it is only when the reader presses the button.

  const offerHere = (button, say) => {
    const write = (position) => {
      const field = button.closest('.form-field');
      const { latitude, longitude } = position.coords;
      [['lat', latitude], ['lon', longitude]].forEach(([name, degrees]) => {
        field.querySelector(`[name="${field.dataset.field}-${name}"]`).value = degrees.toFixed(5);
      });
      say(button.dataset.found, true);
    };
    button.hidden = !navigator.geolocation;
    button.addEventListener('click', () => {
      navigator.geolocation.getCurrentPosition(write, () => say(button.dataset.lost, true), { timeout: 15000 });
    });
  };

  const offerCount = (place, field, say) => {
    const box = field.querySelector('textarea, input');
    const most = Number(field.dataset.most);
    const count = make('p', 'form-count', '');
    let timer = 0;
    box.removeAttribute('maxlength'); // which would cut off what is pasted, without a word
    box.insertAdjacentElement('afterend', count);
    count.setAttribute('aria-hidden', 'true');
    box.addEventListener('input', () => {
      const left = most - length(box.value);
      const text = left > most / 4 ? '' : fill(left < 0 ? place.dataset.over : place.dataset.left, { n: Math.abs(left) });
      count.textContent = text;
      count.classList.toggle('is-over', left < 0);
      clearTimeout(timer);
      timer = setTimeout(() => text && say(text), 1000);
    });
  };

  // A draft lies in the browser only when the reader has asked for it, and without who the reader is.

  const offerDraft = (place, form, box, refresh) => {
    const key = `kommunebeta-draft ${location.pathname} ${place.dataset.form}`;
    const [keep, drop, told] = ['[data-keep]', '[data-drop]', 'p'].map((selector) => box.querySelector(selector));
    const kept = () => all(form, '[data-field]').filter((field) => !field.matches(PERSONAL)).reduce((found, field) => found.concat(controlsOf(field)), []);
    const tell = (text, lies) => {
      told.textContent = text;
      drop.hidden = !lies;
    };
    const forget = (text) => {
      try {
        localStorage.removeItem(key);
      } catch (error) {
        // It was never kept then.
      }
      tell(text, false);
    };
    const put = (pairs) => {
      kept().forEach((control) => {
        const given = pairs.filter((pair) => pair[0] === control.name).map((pair) => pair[1]);
        if (isTick(control)) {
          control.checked = given.includes(control.value);
        } else if (given.length) {
          control.value = given[0];
        }
      });
      refresh();
      tell(box.dataset.back, true);
    };
    keep.addEventListener('click', () => {
      const pairs = kept().filter((control) => !control.disabled && (isTick(control) ? control.checked : control.value)).map((control) => [control.name, control.value]);
      try {
        localStorage.setItem(key, JSON.stringify(pairs));
        tell(box.dataset.kept, true);
      } catch (error) {
        tell(box.dataset.refused, false);
      }
    });
    drop.addEventListener('click', () => {
      forget(box.dataset.gone);
      keep.focus();
    });
    told.setAttribute('role', 'status');
    box.hidden = false;
    try {
      const found = JSON.parse(localStorage.getItem(key));
      if (Array.isArray(found)) {
        put(found.filter(Array.isArray));
      }
    } catch (error) {
      // The browser keeps nothing for sites, or something else lies here.
    }
    return () => forget('');
  };

  // How a form is sent by a script, and what comes back.

  const bodyOf = (place, form, token) => {
    const data = new FormData(form);
    (place.dataset.unscripted || '').split(' ').filter(Boolean).forEach((name) => data.delete(name));
    if (token) {
      data.set('kb-token', token);
    }
    if (place.dataset.json === 'json') {
      const names = Array.from(new Set(data.keys()));
      return JSON.stringify(names.reduce((found, name) => {
        const values = data.getAll(name);
        return Object.assign(found, { [name]: values.length > 1 ? values : values[0] });
      }, {}));
    }
    if (form.getAttribute('enctype')) {
      return data;
    }
    const text = new URLSearchParams();
    data.forEach((value, name) => text.append(name, value.replace(/\r\n?|\n/g, '\r\n'))); // as the browser itself sends it
    return text;
  };

  const ask = (address, options, patience) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    const headers = Object.assign({ Accept: 'application/json' }, options.headers);
    return fetch(address, Object.assign({ credentials: 'omit', signal: stop.signal }, options, { headers }))
      .then((answer) => answer.json().catch(() => ({})).then((words) => ({ ok: answer.ok, status: answer.status, words: words || {} })))
      .finally(() => clearTimeout(timer));
  };

  const tokens = (place) => {
    const address = place.dataset.token;
    let token = '';
    let since = 0;
    return (anew) => {
      if (!address || (token && !anew && Date.now() - since < FRESH)) {
        return Promise.resolve(token);
      }
      return ask(address, {}, 15000).then((answer) => {
        token = String(answer.words.token || '');
        since = Date.now();
        return token;
      });
    };
  };

  const post = (place, form, tokenOf) => {
    const headers = place.dataset.json === 'json' ? { 'Content-Type': 'application/json' } : {};
    const once = (token) => ask(form.getAttribute('action'), { method: 'POST', body: bodyOf(place, form, token), headers }, PATIENCE);
    return tokenOf().then(once).then((answer) => (
      answer.status === 403 && answer.words.status === 'token' ? tokenOf(true).then(once) : answer
    ));
  };

  const start = (place) => {
    const form = place.querySelector('form');
    const summary = place.querySelector('.form-summary');
    const simple = summary.querySelector('button');
    const status = place.querySelector('.form-status');
    const send = form.querySelector('[type="submit"]');
    const sendText = send.textContent;
    const fields = all(form, '[data-field]');
    const tokenOf = tokens(place);
    let sending = false;
    let forget = () => {};

    const say = (text, seen) => {
      status.textContent = text;
      status.classList.toggle('visually-hidden', !seen);
    };

    const holds = (field) => {
      const asked = fields.find((other) => other.dataset.field === field.dataset.if);
      return !asked || (!asked.hidden && controlsOf(asked).some((control) => (
        control.name === field.dataset.if && control.checked && control.value === field.dataset.equals
      )));
    };

    const refresh = () => {
      fields.filter((field) => field.dataset.if).forEach((field) => {
        field.hidden = !holds(field);
        controlsOf(field).forEach((control) => { control.disabled = field.hidden; });
      });
      all(form, '[data-other]').forEach((other) => {
        const field = other.closest('.form-field');
        other.hidden = !all(field, '[value="other"]').some((control) => control.checked);
        controlsOf(other).forEach((control) => { control.disabled = other.hidden || field.hidden; });
      });
    };

    const labelOf = (control) => {
      const line = control.closest('.form-matrix-line');
      const asked = line ? line.querySelector('legend') : control.closest('.form-field').querySelector('.form-asked');
      return asked ? asked.textContent.trim() : '';
    };

    // Problems are controls with messages, or messages of the form as a whole, whose control is null.
    const show = (problems, simply) => {
      const list = summary.querySelector('ul');
      const title = summary.querySelector('[data-one]');
      list.textContent = '';
      title.textContent = problems.some((problem) => problem[0]) ? title.dataset.many : title.dataset.one;
      problems.forEach(([control, message]) => {
        const item = make('li', '', control ? '' : message);
        if (control) {
          const link = make('a', '', `${labelOf(control)} – ${message}`);
          link.href = `#${control.id}`;
          link.addEventListener('click', (event) => {
            event.preventDefault();
            control.closest('.form-field').scrollIntoView();
            control.focus({ preventScroll: true });
          });
          item.append(link);
          mark(place, control, message);
        }
        list.append(item);
      });
      simple.hidden = !simply;
      summary.hidden = false;
      summary.focus();
    };

    const clear = () => {
      all(form, '.form-field').forEach(unmark);
      summary.hidden = true;
    };

    const thank = (words) => {
      const thanks = place.querySelector('.form-thanks');
      const reference = thanks.querySelector('.form-reference');
      forget();
      HTMLFormElement.prototype.reset.call(form);
      Array.from(place.children).forEach((child) => child.setAttribute('hidden', ''));
      if (typeof words.reference === 'string') {
        reference.querySelector('strong').textContent = words.reference;
        reference.hidden = false;
      }
      thanks.hidden = false;
      thanks.focus();
    };

    const refused = (answer) => {
      const { failed, busy, large } = place.dataset;
      const { words } = answer;
      const own = 'own' in place.dataset && typeof words.message === 'string' && words.message;
      const errors = own && Array.isArray(words.errors) ? words.errors : [];
      const problems = errors.map((error) => {
        const control = controlsOf(form).find((one) => one.name === error.field && one.closest('.form-field') && !one.disabled)
          || controlsOf(form).find((one) => one.name.startsWith(`${error.field}-`) && one.closest('[data-field]') && !one.disabled);
        return [control || null, String(error.message)];
      });
      const known = { 413: large, 429: busy, 503: busy }[answer.status];
      show(problems.length ? problems : [[null, own || known || failed]], !own && !known);
    };

    const busy = (is) => {
      sending = is;
      send.textContent = is ? place.dataset.sending : sendText;
      send.setAttribute('aria-disabled', String(is));
      say(is ? place.dataset.sending : '');
    };

    form.noValidate = true;
    place.classList.add('is-helped');
    form.addEventListener('change', refresh);
    form.addEventListener('input', (event) => {
      const field = event.target.closest('.form-field');
      if (field && field.querySelector('.form-error')) {
        const marked = all(field, '.form-error').map((error) => error.id);
        unmark(field);
        faultsOf(field).filter(([control]) => marked.includes(`${control.id}-error`) || marked.includes(`${(control.closest('fieldset') || control).id}-error`))
          .forEach(([control, message]) => mark(place, control, message));
      }
    });
    form.addEventListener('focusin', () => { tokenOf().catch(() => {}); }, { once: true });
    form.addEventListener('submit', (event) => {
      if (sending) {
        event.preventDefault();
        return;
      }
      clear();
      const faults = fields.filter((field) => !field.hidden).reduce((found, field) => found.concat(faultsOf(field)), []);
      if (faults.length) {
        event.preventDefault();
        show(faults, false);
        return;
      }
      if (!('json' in place.dataset)) { // the browser sends it
        if (!('mail' in place.dataset)) {
          sending = true;
          forget();
        }
        return;
      }
      event.preventDefault();
      busy(true);
      post(place, form, tokenOf).then(
        (answer) => { busy(false); (answer.ok ? thank(answer.words) : refused(answer)); },
        () => { busy(false); show([[null, place.dataset.failed]], true); }
      );
    });
    simple.addEventListener('click', () => {
      const input = document.createElement('input');
      input.type = 'hidden';
      input.name = 'kb-token';
      tokenOf().catch(() => '').then((token) => {
        input.value = token;
        if (token) {
          form.appendChild(input);
        }
        HTMLFormElement.prototype.submit.call(form);
      });
    });
    window.addEventListener('pageshow', () => { // also when the reader comes back to the page
      busy(false);
      refresh();
    });
    all(form, '.form-order').forEach((list) => offerMoves(list, say));
    all(form, '[data-here]').forEach((button) => offerHere(button, say));
    all(form, '[data-most]').forEach((field) => offerCount(place, field, say));
    refresh();
    all(form, '.form-draft').forEach((box) => { forget = offerDraft(place, form, box, refresh); });
  };

  all(document, '[data-form]').forEach(start);
})();
