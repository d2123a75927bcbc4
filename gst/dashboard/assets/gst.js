// What is done in the browser, because it would be a waste to send it to the server.

// The words of a cell, which may be a link or a status.
const text = (value) => (value && value.text !== undefined ? value.text : value ?? "");

// Numbers in order, then words; what is missing comes last in both directions.
const natural = (one, other, first, second, falling) => {
  const [a, b] = [text(one), text(other)].map(String);
  if (!a || !b) return a === b ? 0 : (a ? -1 : 1) * (falling ? -1 : 1);
  const [x, y] = [a, b].map((it) => parseFloat(it.replaceAll(",", "").replace("−", "-")));
  return isNaN(x) || isNaN(y) || x === y ? a.localeCompare(b, undefined, { numeric: true }) : x - y;
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
    // The keys of the points that a reader has drawn a box or a lasso around; null without one.
    chosen(selected) {
      if (!selected || !selected.points || !(selected.range || selected.lassoPoints)) {
        return null;
      }
      return [...new Set(selected.points.map((point) => point.customdata[0]))];
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
