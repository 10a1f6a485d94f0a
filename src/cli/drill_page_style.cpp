#include "cli/drill_page.h"

namespace pgseal::cli {

const std::string_view kDrillPageStyle = R"(
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #fff; --line: #e1e4e9; --text: #1c2330; --soft: #5b6577;
  --ok: #17784a; --ok-back: #e3f4ea; --bad: #b3261e; --bad-back: #fbe9e7;
  --note: #8a5a00; --bar: #3565c4; --bar-soft: #b9cbf0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151b; --card: #1b2029; --line: #303745; --text: #e6e9ef; --soft: #9aa5b8;
    --ok: #5fd097; --ok-back: #173326; --bad: #ff8a80; --bad-back: #3d1f1d;
    --note: #e3b341; --bar: #6f9bf0; --bar-soft: #34486f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 68rem; padding: 1.5rem 1rem 3rem; background: var(--page);
  color: var(--text); font: 0.95rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
header, section {
  background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem;
  padding: 1.25rem 1.5rem; margin-bottom: 1rem;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.75rem 0 0.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 0.75rem; }
h2 small { color: var(--soft); font-weight: normal; margin-left: 0.4rem; }
p { margin: 0.25rem 0; overflow-wrap: anywhere; }
.soft, footer { color: var(--soft); }
header.ok { border-top: 0.4rem solid var(--ok); }
header.failed { border-top: 0.4rem solid var(--bad); }
.verdict {
  display: inline-block; margin: 0; padding: 0.2rem 0.9rem; border-radius: 2rem;
  font-weight: 700; letter-spacing: 0.02em;
}
.ok .verdict { background: var(--ok-back); color: var(--ok); }
.failed .verdict { background: var(--bad-back); color: var(--bad); }
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem;
  margin-top: 1.1rem;
}
.tiles p { color: var(--soft); font-size: 0.85rem; line-height: 1.35; }
.tiles b {
  display: block; color: var(--text); font-size: 1.35rem; font-variant-numeric: tabular-nums;
}
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 1rem; }
.charts section { min-width: 0; }
.bar { display: grid; grid-template-columns: 1fr auto; gap: 0.1rem 1rem; padding: 0.2rem 0; }
.bar > :first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar > :nth-child(2) { font-variant-numeric: tabular-nums; }
.track { grid-column: 1 / -1; height: 0.55rem; border-radius: 0.2rem; background: var(--page); overflow: hidden; }
.track i { display: block; height: 100%; background: var(--bar); }
.track i.soft { background: var(--bar-soft); }
.key { font-size: 0.85rem; }
.key i {
  display: inline-block; width: 0.7rem; height: 0.7rem; border-radius: 0.2rem; margin-right: 0.4rem;
  background: var(--bar);
}
.key i.soft { background: var(--bar-soft); }
.key span { margin-right: 1rem; }
.track, .track i, .key i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th, td {
  padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow-wrap: anywhere;
}
th { color: var(--soft); font-weight: 600; font-size: 0.85rem; }
tr:last-child td { border-bottom: 0; }
tr > :first-child { padding-left: 0; }
tr > :last-child { padding-right: 0; }
.n, .m { width: 7.5rem; text-align: right; overflow-wrap: normal; }
.n { font-variant-numeric: tabular-nums; }
.equal { color: var(--ok); }
.bad, .differs, .missing, .extra { color: var(--bad); font-weight: 600; }
.left { color: var(--note); }
.object { width: 40%; font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(7rem, 11rem) 1fr; gap: 0.3rem 1rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { font-size: 0.85rem; padding: 0 0.5rem; }
@media (max-width: 40rem) {
  body { padding: 0.5rem 0.5rem 2rem; }
  header, section { padding: 1rem; }
  .wide { display: none; }
  .charts { grid-template-columns: minmax(0, 1fr); }
  .tables, .tables thead, .tables tbody { display: block; }
  .tables tr {
    display: grid; grid-template-columns: 1fr 1fr 1fr; padding: 0.4rem 0;
    border-bottom: 1px solid var(--line);
  }
  .tables th, .tables td { border: 0; padding: 0; width: auto; }
  .tables tr > :first-child { grid-column: 1 / -1; }
  .tables .n:nth-child(2) { text-align: left; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.5rem; }
  .findings, .findings tbody, .findings tr, .findings td { display: block; width: auto; }
  .findings td { border: 0; padding: 0; }
  .findings tr { border-bottom: 1px solid var(--line); padding: 0.4rem 0; }
}
@media print {
  :root { --page: #fff; --card: #fff; }
  body { max-width: none; padding: 0; font-size: 9pt; }
  header, section { border-radius: 0; break-inside: avoid; }
  section.long, section.long table { break-inside: auto; }
  tr { break-inside: avoid; }
  .track { border: 1px solid var(--line); }
}
)";

}  // namespace pgseal::cli
