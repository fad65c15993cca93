// Partial updates. Links and forms with data-part="ID" put the element ID of the page they lead to in the place of this
// page's; what carries data-poll is asked for again until it is there. Without this script they are links and forms.
(() => {
  const said = document.getElementById("said");
  let current = null, timer = 0;

  const swap = (page, ids) => {
    for (const id of ids) {
      const fresh = page.getElementById(id), old = document.getElementById(id);
      if (!fresh || !old) continue;
      const held = old.contains(document.activeElement);
      if (fresh.outerHTML !== old.outerHTML) old.replaceWith(fresh);
      if (held && !fresh.contains(document.activeElement)) fresh.focus({preventScroll: true});
      const sentence = fresh.querySelector("[data-say]");
      if (sentence && !fresh.hasAttribute("data-poll")) said.textContent = sentence.textContent.trim();
    }
    document.title = page.title;
  };

  const load = async (url, ids, options) => {
    if (current) current.abort();
    clearTimeout(timer);
    const mine = current = new AbortController();
    ids.forEach(id => document.getElementById(id)?.setAttribute("aria-busy", "true"));
    try {
      const answer = await fetch(url, {...options, signal: mine.signal, headers: {Accept: "text/html"}});
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!ids.some(id => page.getElementById(id))) { location.assign(answer.url); return; }
      swap(page, ids);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      ids.forEach(id => document.getElementById(id)?.removeAttribute("aria-busy"));
      said.textContent = "The LRS cannot be reached at the moment.";
    }
    if (current === mine) poll();
  };

  const poll = () => {
    const waiting = [...document.querySelectorAll("[data-poll]")].map(one => one.id);
    if (waiting.length) timer = setTimeout(() => {
      const still = waiting.filter(id => document.getElementById(id)?.hasAttribute("data-poll"));
      if (still.length && !document.hidden) load(location.href, still);
      else if (still.length) poll();
    }, 400);
  };

  document.addEventListener("submit", event => {
    const form = event.target, part = form.dataset.part;
    if (!part) return;
    event.preventDefault();
    const fields = new FormData(form);
    if (form.method === "post") { load(form.action, [part], {method: "POST", body: new URLSearchParams(fields)}); return; }
    const kept = new URLSearchParams([...fields].filter(([name, value]) => value && value !== form.elements[name].dataset?.default));
    const url = form.action.split("?")[0] + (kept.size ? "?" + kept : "");
    history.pushState({}, "", url);
    load(url, part.split(" "));
  });

  document.addEventListener("change", event => {
    const form = event.target.closest("form[data-part]");
    if (form && form.method === "get" && event.target.matches("select")) form.requestSubmit();
  });

  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-part]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    history.pushState({}, "", link.href);
    load(link.href, link.dataset.part.split(" "));
  });

  addEventListener("popstate", () => load(location.href, ["main"]));
  poll();
})();
