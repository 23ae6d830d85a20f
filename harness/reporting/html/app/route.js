// Where the reader is, kept in the address so that it can be sent to somebody.

function parseHash(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page, ...rest] = path.split("/");
  const parameters = Object.fromEntries(new URLSearchParams(query));
  return { page: page || "overview", name: decodeURIComponent(rest.join("/")), ...parameters };
}

function hashOf({ page, name, ...parameters }) {
  const path = page === "overview" ? "#/" : `#/${page}${name ? `/${encodeURIComponent(name)}` : ""}`;
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(given).toString();
  return query ? `${path}?${query}` : path;
}

function go(route) {
  location.hash = hashOf(route);
}

// Change what is shown without another step back.
function adjust(route) {
  history.replaceState(history.state, "", hashOf(route));
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

function useRoute() {
  const [route, setRoute] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const update = () => setRoute(parseHash(location.hash));
    window.addEventListener("hashchange", update);
    return () => window.removeEventListener("hashchange", update);
  }, []);
  return route;
}

function unitRoute(unit, more = {}) {
  return { page: "c", name: unit.name, ...more };
}

function casesRoute(q, more = {}) {
  return { page: "cases", q, ...more };
}
