// What is done in the browser, because it would be a waste to send it to the server.

// Dark or light is as the system says, unless a reader has chosen the other one.
const page = document.documentElement;
const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
page.dataset.theme = localStorage.getItem("gst-theme") ?? "";

// Dash names a dropdown by its value alone, and reaches it with the keyboard through an input that it hides
// from screen readers: both get the label of their field.
const labelled = () => {
  for (const input of document.querySelectorAll(".field .dash-dropdown-focus-target[aria-hidden]")) {
    const [label, button] = [".label", ".dash-dropdown"].map((it) => input.closest(".field").querySelector(it));
    input.removeAttribute("aria-hidden");
    input.setAttribute("aria-labelledby", label.id);
    button.setAttribute("aria-labelledby", `${label.id} ${button.getAttribute("aria-labelledby")}`);
  }
  // A link that leads nowhere may have no label; its title says the same.
  for (const cross of document.querySelectorAll("a.dash-dropdown-clear[aria-label]")) cross.removeAttribute("aria-label");
};
new MutationObserver(labelled).observe(page, { childList: true, subtree: true });

// A figure's menu saves it as it is seen.
document.addEventListener("click", ({ target }) => {
  const format = target.dataset.picture;
  if (!format) return;
  const filename = `gst-${location.pathname.split("/").filter(Boolean).join("-") || "figure"}`;
  const scale = format === "png" ? 2 : 1;
  Plotly.downloadImage(target.closest(".graph").querySelector(".js-plotly-plot"), { format, filename, scale });
});

// The words of a cell, which may be a link or a status.
const text = (value) => (value && value.text !== undefined ? value.text : value ?? "");

// Numbers in order, then words; what is missing comes last in both directions.
const natural = (one, other, first, second, falling) => {
  const [a, b] = [text(one), text(other)].map(String);
  if (!a || !b) return a === b ? 0 : (a ? -1 : 1) * (falling ? -1 : 1);
  const [x, y] = [a, b].map((it) => parseFloat(it.replaceAll(",", "").replace("−", "-")));
  return isNaN(x) || isNaN(y) || x === y ? a.localeCompare(b, undefined, { numeric: true }) : x - y;
};

// The beginning of a run's key, and any other text whole.
const brief = (value) => String(value).replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, "$1");

// Values of one control that an address has room for.
const ROOM = 200;

// Controls as the query of an address: each under its id without the name of its page.
const addressed = (controls) => {
  const query = new URLSearchParams();
  for (const { id, property, value } of controls) {
    const found = property === "columnState" ? sorted(value) : value;
    const known = found && !Array.isArray(found) && typeof found === "object";
    const pairs = known ? Object.entries(found) : [[id.slice(id.indexOf("-") + 1), found]];
    for (const [name, it] of pairs) {
      if (it && it.length && !name.startsWith("_")) query.set(name, [it].flat().slice(0, ROOM).map(brief).join());
    }
  }
  return query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
};

// The column by which a table is sorted, with a - before it where values fall.
const sorted = (columns) => {
  const column = (columns || []).find((it) => it.sort);
  return { sort: column ? (column.sort === "desc" ? "-" : "") + column.colId : "" };
};

const table = (id, act) => {
  try {
    act(dash_ag_grid.getApi(id));
  } catch (error) {
    // The table is not there yet, and will ask for its rows by itself.
  }
};

window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, { text, natural });

window.dashAgGridComponentFunctions = Object.assign({}, window.dashAgGridComponentFunctions, {
  // React shows all of it as text.
  Cell({ value }) {
    if (value && value.href) {
      return React.createElement(dash_core_components.Link, { href: value.href }, value.text);
    }
    const dot = value && value.kind && React.createElement("i", { className: `dot ${value.kind}` });
    return React.createElement("span", null, dot, text(value));
  },
});

window.dash_clientside = Object.assign({}, window.dash_clientside, {
  gst: {
    // The page's name in the tab.
    title(links) {
      const here = (links || []).find((link) => link.props.className === "here");
      document.title = here ? `${here.props.children} - gst` : "gst";
      return document.title;
    },
    // The other of dark and light, remembered where it is not the system's.
    theme() {
      const other = (page.dataset.theme || system()) === "dark" ? "light" : "dark";
      page.dataset.theme = other === system() ? "" : other;
      localStorage.setItem("gst-theme", page.dataset.theme);
      return other;
    },
    // The keys of the points that a reader has drawn a box or a lasso around; null without one.
    chosen(selected) {
      if (!selected || !selected.points || !(selected.range || selected.lassoPoints)) {
        return null;
      }
      return [...new Set(selected.points.map((point) => point.customdata[0]))];
    },
    // The address with the values of a page's controls, once one differs from what the page began with.
    remembered(...values) {
      const [path, said] = values.splice(-2);
      const query = addressed(dash_clientside.callback_context.inputs_list);
      const search = query && `?${query}`;
      // A table tells its order late: what the address says already is no news.
      const known = said?.query === undefined || said.query === query || said.at === path + search;
      const same = known || query.length > 8000;
      return [
        same ? dash_clientside.no_update : search,
        { ...said, query, ...(same ? {} : { at: path + search }) },
      ];
    },
    // A large table asks again for its rows: from the top, or for those in sight.
    again: (...values) =>
      table(values.pop(), (api) => {
        api.ensureIndexVisible(0, "top");
        api.purgeInfiniteCache();
      }),
    renewed: (...values) => table(values.pop(), (api) => api.refreshInfiniteCache()),
  },
});
