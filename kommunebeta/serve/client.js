// The preview's side in the browser: loads anew what has changed, and shows the writer's bar and what is to be mended.
"use strict";
(() => {
  const script = document.currentScript;
  const words = JSON.parse(script.dataset.words);
  const folder = script.src.replace(/[^/]*$/, "");
  const memory = "kommunebeta-preview";

  const element = (name, attributes = {}, ...children) => {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  };

  const host = element("kommunebeta-preview");
  const root = host.attachShadow({ mode: "open" });
  const sheet = element("link", { rel: "stylesheet", href: folder + "client.css" });
  const bar = element("section", { className: "bar", hidden: true });
  const overlay = element("dialog", { className: "overlay" });
  bar.setAttribute("aria-label", words.bar);
  overlay.setAttribute("aria-labelledby", "title");
  root.append(sheet, bar, overlay);
  document.body.append(host);

  const saved = () => {
    try { return JSON.parse(sessionStorage.getItem(memory)) || {}; } catch { return {}; }
  };
  const save = (values) => {
    try { sessionStorage.setItem(memory, JSON.stringify({ ...saved(), ...values })); } catch { /* a private window */ }
  };

  const item = (problem) => element("li", {},
    element("code", { textContent: problem.place }), " ",
    element("span", { className: problem.severity, textContent: problem.code }), " ",
    problem.message + (problem.mend ? " " + problem.mend : ""));

  let state;
  let findings = [];
  const mostFindings = 12;

  const showBar = () => {
    const page = state.page;
    const parts = [element("strong", { textContent: words.bar })];
    if (page.state) parts.push(element("span", { className: "state", textContent: words[page.state] }));
    if (page.source) {
      parts.push(element("span", { textContent: `${page.words} ${words.words}, ${page.minutes} ${words.minutes}` }));
      const copy = element("button", { type: "button", textContent: words.copy });
      copy.addEventListener("click", async () => {
        try { await navigator.clipboard.writeText(page.source); copy.textContent = words.copied; } catch { /* not allowed */ }
      });
      parts.push(element("span", {}, words.source + ": ", element("code", { className: "source", textContent: page.source })), copy);
    }
    const toggle = element("button", { type: "button", className: "toggle" });
    const label = () => {
      toggle.textContent = "hidden" in bar.dataset ? words.show : words.hide;
      toggle.setAttribute("aria-expanded", String(!("hidden" in bar.dataset)));
    };
    toggle.addEventListener("click", () => {
      bar.toggleAttribute("data-hidden");
      save({ hidden: "hidden" in bar.dataset });
      label();
    });
    bar.toggleAttribute("data-hidden", Boolean(saved().hidden));
    label();
    const notes = [...state.problems.filter((problem) => problem.severity !== "error"), ...findings];
    if (notes.length) {
      const more = notes.length - mostFindings;
      parts.push(element("ul", {}, ...notes.slice(0, mostFindings).map(item),
        ...(more > 0 ? [element("li", { textContent: words.more.replace("{}", more) })] : [])));
    }
    bar.replaceChildren(...parts, toggle);
    bar.hidden = false;
  };

  const showOverlay = (state) => {
    const errors = state.problems.filter((problem) => problem.severity === "error");
    if (state.ok) {
      if (overlay.open) overlay.close();
      return;
    }
    const close = element("button", { type: "button", textContent: words.close });
    close.addEventListener("click", () => overlay.close());
    overlay.replaceChildren(element("div", {},
      element("h2", { id: "title", textContent: words.problems }),
      element("p", { textContent: words.kept }),
      element("ol", {}, ...errors.map(item)),
      close));
    if (!overlay.open) overlay.showModal();
  };

  const restyle = async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const old = [...document.querySelectorAll('link[rel="stylesheet"]')];
    const fresh = [...page.querySelectorAll('link[rel="stylesheet"]')];
    if (old.length !== fresh.length) return reload();
    fresh.forEach((link, at) => {
      if (link.getAttribute("href") === old[at].getAttribute("href")) return;
      const made = old[at].cloneNode();
      made.href = link.getAttribute("href");
      made.addEventListener("load", () => old[at].remove());
      old[at].after(made);
    });
  };

  const reload = () => {
    save({ scroll: [location.href, scrollX, scrollY] });
    location.reload();
  };

  const restoreScroll = () => {
    const [address, x, y] = saved().scroll || [];
    if (address !== location.href) return;
    save({ scroll: null });
    history.scrollRestoration = "manual";
    scrollTo(x, y);
    addEventListener("load", () => scrollTo(x, y), { once: true });
  };

  const receive = (message) => {
    if (message.command === "reload") return message.path.endsWith(".css") ? restyle() : reload();
    if (message.command === "state") {
      if (nothing) return state_changed(message);
      state = message;
      showBar();
      showOverlay(message);
    }
    if (message.command === "findings" && state) {
      findings = message.findings;
      showBar();
    }
  };

  const nothing = document.body.classList.contains("nothing");
  const state_changed = (message) => { if (message.ok || known) reload(); known = true; };
  let known = false;
  let connected = false;

  const connect = () => {
    const socket = new WebSocket(`ws${location.protocol === "https:" ? "s" : ""}://${location.host}/livereload`);
    socket.addEventListener("open", () => socket.send(JSON.stringify({
      command: "hello", protocols: ["http://livereload.com/protocols/official-7"],
    })));
    socket.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      if (message.command !== "hello") return receive(message);
      if (connected) return reload();
      connected = true;
      socket.send(JSON.stringify({ command: "info", url: location.href, version: script.dataset.version, plugins: {} }));
    });
    socket.addEventListener("close", () => {
      if (!bar.hidden && !bar.querySelector(".lost")) bar.prepend(element("strong", { className: "error lost", textContent: words.lost }));
      setTimeout(connect, 1000);
    });
  };

  restoreScroll();
  connect();
})();
