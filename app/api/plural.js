// Plural in a page: <script src="https://plural.example/plural.js" data-key="pk_…" data-link="/p/{id}" async></script>
//   <body data-plural-view="p1">            a product that is looked at
//   <button data-plural-cart="p1">          puts it into the cart when it is clicked
//   <div data-plural-shelf="home">          is filled with recommendations; what stands in it stays where there are none
//   plural.view(id), plural.cart(id), plural.fill(element), plural.consent({personalise_content: true, …})
// No cookies. Until the visitor grants something, the session lives as long as the page; then until the tab is closed.
(() => {
  "use strict";
  const script = document.currentScript;
  const { key, link = "" } = script.dataset;
  const base = new URL(".", script.src).href.replace(/\/$/, "");
  const KEPT = "plural.session";
  let session = null;
  let opening = null;
  let mayKeep = false;

  const store = (change) => {
    try {
      return change(window.sessionStorage);
    } catch {
      return null; // a page may be refused its storage
    }
  };
  const keep = () => mayKeep && session && store((kept) => kept.setItem(KEPT, JSON.stringify(session)));
  const isLive = () => session !== null && Date.now() < session.until;

  async function call(path, body) {
    const headers = { "Content-Type": "application/json", "X-API-Key": key };
    if (session) headers["X-Session-Token"] = session.token;
    const request = { method: "POST", headers, body: JSON.stringify(body), credentials: "omit", keepalive: true };
    const answer = await fetch(base + path, request);
    const token = answer.headers.get("X-Session-Token");
    if (token && session) {
      session = { ...session, token, until: Date.now() + session.idle };
      keep();
    }
    if (!answer.ok) throw new Error(`Plural answered ${answer.status}, request ${answer.headers.get("X-Request-ID")}`);
    return answer.json();
  }

  async function begin() {
    session = null;
    const { session_id: id, token, expires_at: end } = await call("/v1/sessions");
    const idle = Date.parse(end) - Date.now();
    session = { id, token, idle, until: Date.now() + idle };
    keep();
  }

  function ready() {
    if (isLive()) return Promise.resolve();
    opening ??= begin().finally(() => (opening = null));
    return opening;
  }

  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");

  async function tell(type, id, decision) {
    await ready();
    const event = { event_id: newId(), type, session_id: session.id, at: new Date().toISOString() };
    return call("/v1/events", { events: [{ ...event, decision_id: decision ?? null, lines: [{ product_id: String(id) }] }] });
  }

  function address(item, shelf) {
    const said = item.link || (shelf.dataset.pluralLink || link).replace("{id}", encodeURIComponent(item.product_id));
    const url = said ? new URL(said, document.baseURI) : null;
    return url && /^https?:$/.test(url.protocol) ? url.href : null;
  }

  function place(item, shelf, decision) {
    const element = document.createElement("a");
    const href = address(item, shelf);
    if (href) element.href = href;
    element.className = "plural-item";
    element.dataset.productId = item.product_id;
    element.textContent = item.title || item.product_id; // never markup
    element.addEventListener("click", () => quietly(tell("view", item.product_id, decision)));
    return element;
  }

  async function fill(shelf) {
    await ready();
    const viewing = Array.from(document.querySelectorAll("[data-plural-view]"), (one) => one.dataset.pluralView);
    const answer = await call("/v1/recommendations", {
      session_id: session.id,
      placement: shelf.dataset.pluralShelf || "home",
      limit: Number(shelf.dataset.pluralLimit) || 12,
      context: { viewing },
    });
    const shown = new CustomEvent("plural:answer", { detail: answer, bubbles: true, cancelable: true });
    if (shelf.dispatchEvent(shown) && answer.items.length) {
      shelf.replaceChildren(...answer.items.map((item) => place(item, shelf, answer.decision_id)));
    }
    return answer;
  }

  async function consent(purposes) {
    await ready();
    const said = Object.fromEntries(Object.entries(purposes).map(([name, yes]) => [name, yes ? "granted" : "denied"]));
    const answer = await call("/v1/sessions:consent", { session_id: session.id, purposes: said });
    mayKeep = Object.values(purposes).some(Boolean);
    mayKeep ? keep() : store((kept) => kept.removeItem(KEPT));
    return answer;
  }

  const quietly = (promise) => promise.catch((error) => console.warn(error.message)); // a shop goes on without us

  function start() {
    const kept = store((all) => JSON.parse(all.getItem(KEPT)));
    if (kept) [session, mayKeep] = [kept, true];
    document.addEventListener("click", ({ target }) => {
      const button = target instanceof Element && target.closest("[data-plural-cart]");
      if (button) quietly(tell("cart", button.dataset.pluralCart));
    });
    for (const one of document.querySelectorAll("[data-plural-view]")) quietly(tell("view", one.dataset.pluralView));
    for (const one of document.querySelectorAll("[data-plural-shelf]")) quietly(fill(one));
  }

  window.plural = { view: (id) => tell("view", id), cart: (id) => tell("cart", id), fill, consent };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
