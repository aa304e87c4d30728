#include "report/html_style.h"

namespace berta::report {

// Colours: Okabe and Ito's set, which the colour-blind tell apart, darkened on white and lightened on black
// until each line stands out. No '<' or '&' here: they would need escapes in XML and none in HTML.
std::string_view html_style() {
  return R"css(
:root {
  color-scheme: light dark;
  --back: #ffffff; --card: #f7f8fa; --text: #1d2127; --soft: #59616d; --rule: #dde1e7; --grid: #e4e7ec;
  --c0: #0068ad; --c1: #c24e00; --c2: #00805c; --c3: #b0508a; --c4: #8a6d00; --c5: #1f8fc4; --c6: #6a4fc0; --c7: #555555;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171b; --card: #1c2026; --text: #e6e9ee; --soft: #a3acb8; --rule: #343a43; --grid: #2b313a;
    --c0: #5db0ec; --c1: #f0883e; --c2: #3cc79c; --c3: #e18fc0; --c4: #e3c542; --c5: #8fd3f7; --c6: #ab98f5; --c7: #b5b5b5;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 78rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.2rem; overflow-wrap: anywhere; }
.summary { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; overflow-wrap: anywhere; min-width: 6rem; }
td.number, th.number { text-align: right; padding-left: .9rem; }
td.number { white-space: nowrap; }
tbody th { color: var(--text); font-weight: 400; }
td.fact { overflow-wrap: anywhere; white-space: pre-wrap; }
pre { margin: 0; padding: .9rem 1rem; overflow-x: auto; border: 1px solid var(--rule); border-radius: 6px;
  background: var(--card); font: .875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
.charts { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); }
.charts figure { max-width: 48rem; }
figure { margin: 0; padding: .9rem 1rem .6rem; min-width: 0; border: 1px solid var(--rule); border-radius: 6px;
  background: var(--card); }
figcaption { font-weight: 600; overflow-wrap: anywhere; }
.unit { color: var(--soft); font-weight: 400; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; margin: .2rem 0 .4rem; padding: 0; list-style: none;
  font-size: .875rem; color: var(--soft); }
.legend li { overflow-wrap: anywhere; min-width: 0; }
.legend svg { margin-right: .45rem; vertical-align: middle; }
.legend b { color: var(--text); font-weight: 600; font-variant-numeric: tabular-nums; }
.note { margin: .25rem 0; font-size: .875rem; color: var(--soft); overflow-wrap: anywhere; }
.chart { display: block; width: 100%; min-width: 24rem; height: auto; }
.tick { fill: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--grid); fill: none; }
.axis { stroke: var(--soft); fill: none; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.pale { stroke-width: 1; opacity: .3; }
.pale.many { opacity: .14; }
.d1 { stroke-dasharray: 7 5; } .d2 { stroke-dasharray: 2 4; } .d3 { stroke-dasharray: 9 4 2 4; }
.line.c0 { stroke: var(--c0); } .line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); }
.line.c3 { stroke: var(--c3); } .line.c4 { stroke: var(--c4); } .line.c5 { stroke: var(--c5); }
.line.c6 { stroke: var(--c6); } .line.c7 { stroke: var(--c7); }
circle.c0 { fill: var(--c0); } circle.c1 { fill: var(--c1); } circle.c2 { fill: var(--c2); } circle.c3 { fill: var(--c3); }
circle.c4 { fill: var(--c4); } circle.c5 { fill: var(--c5); } circle.c6 { fill: var(--c6); } circle.c7 { fill: var(--c7); }
@media print { .charts, figure, pre { break-inside: avoid; } }
)css";
}

}  // namespace berta::report
