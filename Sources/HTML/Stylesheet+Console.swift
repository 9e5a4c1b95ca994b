extension Stylesheet {
    /// What the admin console adds to ``text``.
    ///
    /// ```text
    /// Frame     skip          the link to the content; bar top, shell with side (navigation) and content
    ///           menu          the navigation on narrow screens; switcher for organizations; links, group in both
    ///           crumbs        breadcrumbs; heading with tools beside it
    /// Content   stack         parts below each other; narrow for a card with a form; empty for a list without rows
    ///           search, pager around a list; rows for a plain list; inline and inline-actions for buttons in a row
    ///           chart         bars with allowed and refused, key for its legend; metering, figures
    ///           plan          the lines of a preview; copyable a text with its button
    /// ```
    package static let console = #"""

        /* Console: frame */
        .skip { position: absolute; left: -100rem; top: 0.5rem; z-index: 3; padding: 0.5rem 1rem; background: var(--surface); }
        .skip:focus { left: 0.5rem; }
        .bar.top { padding: 0.5rem 1.25rem; position: sticky; top: 0; z-index: 2; }
        .bar.top .brand { color: var(--text); text-decoration: none; }
        .bar.top .who { font-size: 0.875rem; }
        .menu { display: none; position: relative; }
        .menu > summary { list-style: none; min-height: 2.25rem; padding: 0.25rem 0.875rem; }
        .menu > summary::-webkit-details-marker { display: none; }
        .menu > nav {
            position: absolute; right: 0; top: calc(100% + 0.5rem); width: min(20rem, calc(100vw - 2rem));
            max-height: 75vh; overflow-y: auto; padding: 1rem; border: 1px solid var(--line); border-radius: var(--radius);
            background: var(--surface); box-shadow: var(--shadow);
        }
        .shell { display: grid; grid-template-columns: 15.5rem minmax(0, 1fr); max-width: 90rem; margin: 0 auto; }
        .side { padding: 1.25rem 0.75rem 2rem 1.25rem; position: sticky; top: 3.25rem; align-self: start; max-height: calc(100vh - 3.25rem); overflow-y: auto; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
        .content { display: flex; flex-direction: column; gap: 1.25rem; min-width: 0; padding: 1.5rem 1.25rem 4rem; }
        .content:focus { outline: none; }
        .group { margin: 1rem 0 0.25rem; padding: 0 0.625rem; font-size: 0.8125rem; font-weight: 600; color: var(--muted); }
        .links + .links { margin-top: 1rem; padding-top: 1rem; border-top: 1px solid var(--line); }
        .links a, .switcher li a {
            display: block; padding: 0.375rem 0.625rem; border-radius: 0.5rem; color: var(--text); text-decoration: none;
            font-size: 0.9375rem;
        }
        .links a:hover, .switcher li a:hover { background: var(--sunken); color: var(--text); }
        .links a[aria-current], .switcher a[aria-current] { background: var(--accent-soft); color: var(--accent); font-weight: 600; }
        .switcher { border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
        .switcher > summary { padding: 0.5rem 0.75rem; cursor: pointer; font-weight: 600; }
        .switcher > ul { padding: 0.25rem; border-top: 1px solid var(--line); }
        .crumbs ol { display: flex; flex-wrap: wrap; gap: 0.25rem 0.5rem; font-size: 0.875rem; color: var(--muted); }
        .crumbs li + li::before { content: "/"; margin-right: 0.5rem; color: var(--muted); }
        .heading { display: flex; flex-wrap: wrap; align-items: flex-start; justify-content: space-between; gap: 0.75rem 1rem; }
        .heading > div:first-child { min-width: 0; }
        .tools { display: flex; flex-wrap: wrap; gap: 0.5rem; }

        /* Console: content */
        .content .card { padding: 1.25rem; gap: 1rem; border-radius: 0.75rem; box-shadow: none; min-width: 0; }
        .content .card.narrow { max-width: 38rem; }
        .content .columns { grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); align-items: stretch; }
        .content .button { min-height: 2.375rem; padding: 0.3125rem 0.875rem; font-size: 0.9375rem; }
        .content .button.quiet { min-height: 2rem; padding-inline: 0.375rem; }
        .content .actions { justify-content: flex-end; }
        .content .actions > * { flex: 0 1 auto; }
        .content .field input, .content .field select { min-height: 2.5rem; }
        .stack { display: flex; flex-direction: column; gap: 1.25rem; }
        .plain { display: flex; flex-direction: column; gap: 0.375rem; }
        .nowrap { white-space: nowrap; }
        .inline { display: inline-flex !important; }
        .inline-actions { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
        .search { display: flex; gap: 0.5rem; max-width: 32rem; }
        .search input {
            flex: 1; min-width: 0; min-height: 2.375rem; padding: 0.3125rem 0.75rem; border: 1px solid var(--field-line);
            border-radius: var(--radius); font: inherit; color: var(--text); background: var(--surface);
        }
        .search input::placeholder { color: var(--muted); opacity: 1; }
        .pager { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem 1rem; }
        .pager p { display: flex; gap: 0.5rem; }
        .rows { display: flex; flex-direction: column; }
        .rows li { display: flex; align-items: center; justify-content: space-between; gap: 0.5rem 1rem; padding: 0.5rem 0; }
        .rows.drifts li { flex-wrap: wrap; }
        .rows.drifts li > div { flex: 1 1 14rem; }
        .rows.drifts .button { white-space: nowrap; }
        .rows li + li { border-top: 1px solid var(--line); }
        .content .card > :empty { display: none; }
        .content .table { position: relative; scrollbar-width: thin; }
        .content .table td, .content .table tbody th { padding: 0.5rem 0.875rem; vertical-align: middle; }
        .content .table thead th { padding: 0.5rem 0.875rem; }
        .content .facts { background: var(--surface); border: 1px solid var(--line); grid-template-columns: minmax(8rem, auto) 1fr; }
        .empty { display: flex; flex-direction: column; align-items: flex-start; gap: 0.5rem; padding: 0.5rem 0; }
        .empty .title { font-weight: 600; }
        .copyable { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.5rem; min-width: 0; }
        .notice h2 { font-size: 1rem; margin-bottom: 0.25rem; }
        .metering { display: flex; flex-direction: column; gap: 0.375rem; }
        .figures { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; }
        .figures .figure { text-decoration: none; color: var(--text); border-radius: 0.375rem; }
        .figures .figure:hover span { color: var(--accent); text-decoration: underline; }
        .figures .figure b { font-size: 1.5rem; }
        .chart { margin: 0; display: flex; flex-direction: column; gap: 0.5rem; }
        .chart svg { display: block; width: 100%; height: 10rem; }
        .chart .axis { stroke: var(--line); stroke-width: 1; }
        .chart rect.allowed { fill: var(--accent); }
        .chart rect.refused { fill: var(--bad); }
        .chart figcaption { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
        .key::before { content: ""; display: inline-block; width: 0.625rem; height: 0.625rem; margin-right: 0.375rem; border-radius: 0.125rem; }
        .key.allowed::before { background: var(--accent); }
        .key.refused::before { background: var(--bad); }
        .chart details .table { margin-top: 0.5rem; max-height: 20rem; overflow: auto; }
        summary { cursor: pointer; }
        .plan { display: flex; flex-direction: column; gap: 0.5rem; }
        .plan li { padding-left: 0.75rem; border-left: 4px solid var(--line); }
        .plan li.good { border-color: var(--good); }
        .plan li.warn { border-color: var(--warn); }
        .plan li.bad { border-color: var(--bad); }
        .tabs ul { display: flex; flex-wrap: wrap; gap: 0.25rem; border-bottom: 1px solid var(--line); }
        .tabs a { display: block; padding: 0.5rem 0.75rem; color: var(--muted); text-decoration: none; border-bottom: 2px solid transparent; margin-bottom: -1px; }
        .tabs a:hover { color: var(--text); }
        .tabs a[aria-current] { color: var(--accent); border-color: var(--accent); font-weight: 600; }
        .choices.narrow { max-width: 26rem; }
        div.rows { flex-direction: row; align-items: center; justify-content: space-between; gap: 1rem; }
        .more > form { display: flex; flex-direction: column; gap: 0.75rem; padding: 0.75rem 0; min-width: 12rem; }
        .filters { display: flex; flex-wrap: wrap; align-items: flex-end; gap: 0.75rem; }
        .filters .field { flex: 1 1 9rem; max-width: 14rem; }
        .filters .field label { font-size: 0.8125rem; }
        .document { margin: 0; padding: 0.75rem 1rem; max-height: 24rem; overflow: auto; border-radius: var(--radius); background: var(--sunken); font: 0.8125rem/1.5 var(--mono); }
        .tree ul { margin-left: 0.75rem; padding-left: 1rem; border-left: 1px solid var(--line); }
        .tree li > div { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; padding: 0.375rem 0; }

        @media (max-width: 52rem) {
            .shell { grid-template-columns: minmax(0, 1fr); }
            .side { display: none; }
            .menu { display: block; }
            .bar.top { padding: 0.5rem 1rem; }
            .bar.top .who { display: none; }
            .content { padding: 1rem 1rem 3rem; }
        }
        @media (max-width: 30rem) {
            .content .card { padding: 1rem; }
            .content .facts { grid-template-columns: 1fr; }
            .content .table time { white-space: normal; }
            .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(3.25rem, 1fr)); gap: 0.5rem; }
        }
        @media (forced-colors: active) {
            .links a[aria-current] { outline: 1px solid; }
        }

        """#
}
