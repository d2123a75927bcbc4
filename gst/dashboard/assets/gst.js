// What is done in the browser, because it would be a waste to send it to the server.

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
  },
});
