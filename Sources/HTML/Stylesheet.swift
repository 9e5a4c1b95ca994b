/// The style sheet of all pages: no script, no image, no import.
///
/// ```text
/// Layout    sign-in       main of a page with one card in the middle; header above, footer below it
///           card          a raised surface; wide inside sign-in for more room
///           brand         logo and name at the top of a card; logo for an image, mark for a drawn one
///           footer        text below the card
///           bar           the top of a larger page: brand on the left, person on the right
///           page          main of a larger page; columns for cards beside each other
/// Text      lead          the sentence below a heading; muted, small, center, code (to be read out or copied)
/// Actions   button        also secondary, danger, quiet; actions for several, stacked when narrow
///           or            a line with a word in the middle, between two ways
/// Fields    field         label, control, hint, and error with aria-invalid on the control
///           check         a box with its label; pin for an input of digits
/// Lists     choices       ways to go on, each a link or a button with icon and name
///           apps          tiles of the launcher; programs that act for somebody; facts for a dl
///           table         a scrolling frame around a table; number for columns of numbers
/// Signs     icon          with icon-mail, -key, -person, -lock, -check, -cross, -warning, -app, -organization, -out;
///           monogram      one letter instead; good, warn, bad for the colour, large at the top of a card
///           badge, notice plain, or good, warn, bad; meter on a progress or meter element
///           figure        a number with its label
///           hidden        for screen readers only
/// ```
///
/// The pairs of colours that lie on each other have a contrast of at least 4.5:1 in both schemes; a test computes it.
package enum Stylesheet {
    /// CSS, to be served as `text/css; charset=utf-8`.
    package static let text = #"""
        :root {
            color-scheme: light dark;
            --canvas: #f3f5f9;
            --surface: #ffffff;
            --sunken: #f1f4f8;
            --text: #18212f;
            --muted: #556072;
            --line: #dbe1ea;
            --field-line: #7c889a;
            --accent: #2457d6;
            --accent-strong: #1b45b0;
            --on-accent: #ffffff;
            --accent-soft: #e9effd;
            --good: #12693c;
            --good-soft: #e2f5ea;
            --warn: #7a4f00;
            --warn-soft: #fdf1d8;
            --bad: #ad1f2d;
            --bad-strong: #8c1622;
            --bad-soft: #fdeaec;
            --on-bad: #ffffff;
            --focus: #2457d6;
            --shadow: 0 1px 2px rgb(20 30 50 / 0.06), 0 8px 28px rgb(20 30 50 / 0.08);
            --radius: 0.625rem;
            --backdrop: var(--canvas);
            --on-backdrop: var(--muted);
            --font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif;
            --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
        }
        @media (prefers-color-scheme: dark) {
            :root {
                --canvas: #10141b;
                --surface: #1a202a;
                --sunken: #232b37;
                --text: #e8ecf3;
                --muted: #a8b3c4;
                --line: #313b49;
                --field-line: #77859a;
                --accent: #8fb2ff;
                --accent-strong: #b1caff;
                --on-accent: #0d1c3d;
                --accent-soft: #21304f;
                --good: #7fd8a5;
                --good-soft: #173527;
                --warn: #f0c46c;
                --warn-soft: #3a2d10;
                --bad: #ff9ba4;
                --bad-strong: #ffbcc2;
                --bad-soft: #43191f;
                --on-bad: #3a0a10;
                --focus: #b1caff;
                --shadow: 0 0 0 1px rgb(255 255 255 / 0.04), 0 10px 30px rgb(0 0 0 / 0.4);
            }
        }

        *, *::before, *::after { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
            margin: 0;
            font: 1rem/1.5 var(--font);
            color: var(--text);
            background: var(--backdrop);
            overflow-wrap: anywhere;
        }
        h1, h2, h3 { margin: 0; line-height: 1.25; font-weight: 650; letter-spacing: -0.01em; text-wrap: balance; }
        h1 { font-size: 1.5rem; }
        h2 { font-size: 1.125rem; }
        h3 { font-size: 1rem; }
        p { margin: 0; text-wrap: pretty; }
        ul, ol { margin: 0; padding: 0; list-style: none; }
        img { max-width: 100%; }
        a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: from-font; }
        a:hover { color: var(--accent-strong); }
        form { margin: 0; }
        :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 0.25rem; }
        code, .code { font-family: var(--mono); font-size: 0.875em; }
        .code { padding: 0.125rem 0.375rem; border-radius: 0.375rem; background: var(--sunken); color: var(--text); }
        .lead { color: var(--muted); }
        .muted { color: var(--muted); }
        .small { font-size: 0.875rem; }
        .center { text-align: center; }
        .hidden {
            position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden;
            clip-path: inset(50%); white-space: nowrap;
        }

        /* Layout */
        .sign-in {
            min-height: 100vh;
            min-height: 100svh;
            display: flex;
            flex-direction: column;
            align-items: center;
            justify-content: center;
            gap: 1.25rem;
            padding: 2rem 1rem;
        }
        .sign-in > .card { width: 100%; max-width: 26rem; }
        .sign-in > .card.wide { max-width: 34rem; }
        .card {
            display: flex;
            flex-direction: column;
            gap: 1.25rem;
            padding: 2rem;
            background: var(--surface);
            border: 1px solid var(--line);
            border-radius: 1rem;
            box-shadow: var(--shadow);
        }
        .card > header { display: flex; flex-direction: column; gap: 0.375rem; }
        .card form { display: flex; flex-direction: column; gap: 1.25rem; }
        .card > header > .icon.large, .card > header > .brand { margin-bottom: 0.5rem; }
        .choices form, .bar form { display: block; }
        .brand { display: flex; align-items: center; gap: 0.75rem; font-weight: 600; min-width: 0; }
        .brand .logo { display: block; max-height: 2.5rem; max-width: 12rem; object-fit: contain; }
        .mark {
            display: grid;
            place-items: center;
            flex: none;
            width: 2.5rem;
            height: 2.5rem;
            border-radius: 0.75rem;
            background: var(--accent);
            color: var(--on-accent);
        }
        .footer { max-width: 26rem; text-align: center; font-size: 0.875rem; color: var(--on-backdrop); }
        .footer a { color: inherit; }
        .bar {
            display: flex;
            align-items: center;
            justify-content: space-between;
            gap: 0.75rem 1rem;
            padding: 0.75rem max(1rem, calc((100% - 70rem) / 2));
            background: var(--surface);
            border-bottom: 1px solid var(--line);
        }
        .bar .mark { width: 2rem; height: 2rem; border-radius: 0.625rem; }
        .bar .brand { flex: none; max-width: 60%; }
        .bar > :last-child { display: flex; align-items: center; gap: 0.5rem; min-width: 0; }
        .bar .muted { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .bar .button { flex: none; }
        .page {
            display: flex;
            flex-direction: column;
            gap: 1.5rem;
            width: 100%;
            max-width: 72rem;
            margin: 0 auto;
            padding: 2rem 1rem 3rem;
        }
        .page > header { display: flex; flex-direction: column; gap: 0.375rem; }
        .page .card { padding: 1.5rem; min-width: 0; }
        .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: 1rem; }

        /* Actions */
        .button {
            display: inline-flex;
            align-items: center;
            justify-content: center;
            gap: 0.5rem;
            min-height: 2.75rem;
            padding: 0.5rem 1.125rem;
            border: 1px solid transparent;
            border-radius: var(--radius);
            font: inherit;
            font-weight: 600;
            text-align: center;
            text-decoration: none;
            color: var(--on-accent);
            background: var(--accent);
            cursor: pointer;
            transition: background-color 0.12s, border-color 0.12s;
        }
        .button:hover { color: var(--on-accent); background: var(--accent-strong); }
        .button:active { transform: translateY(1px); }
        .button:focus-visible { border-radius: var(--radius); }
        .button.secondary { color: var(--text); background: var(--surface); border-color: var(--field-line); }
        .button.secondary:hover { background: var(--sunken); }
        .button.danger { color: var(--on-bad); background: var(--bad); }
        .button.danger:hover { background: var(--bad-strong); }
        .button.quiet { color: var(--accent); background: transparent; padding-inline: 0.5rem; min-height: 2.25rem; }
        .button.quiet:hover { background: var(--accent-soft); color: var(--accent); }
        .button:disabled { color: var(--muted); background: var(--sunken); border-color: var(--line); cursor: not-allowed; }
        .actions { display: flex; flex-direction: row-reverse; flex-wrap: wrap; gap: 0.75rem; }
        .actions > .button, .actions > form { flex: 1 1 auto; }
        .actions > form > .button { width: 100%; }
        .page .actions > * { flex: 0 1 auto; min-width: 7rem; }
        .or { display: flex; align-items: center; gap: 0.75rem; color: var(--muted); font-size: 0.875rem; }
        .or::before, .or::after { content: ""; flex: 1; height: 1px; background: var(--line); }

        /* Fields */
        .field { display: flex; flex-direction: column; gap: 0.375rem; }
        .field label, .field legend { font-weight: 600; font-size: 0.9375rem; }
        .field input, .field select, .field textarea {
            width: 100%;
            min-height: 2.75rem;
            padding: 0.5rem 0.75rem;
            border: 1px solid var(--field-line);
            border-radius: var(--radius);
            font: inherit;
            color: var(--text);
            background: var(--surface);
        }
        .field textarea { min-height: 6rem; resize: vertical; }
        .field input::placeholder, .field textarea::placeholder { color: var(--muted); opacity: 1; }
        .field :is(input, select, textarea):focus-visible {
            outline: 3px solid var(--focus); outline-offset: -1px; border-radius: var(--radius); border-color: transparent;
        }
        .field [aria-invalid="true"] { border-color: var(--bad); box-shadow: inset 0 0 0 1px var(--bad); }
        .field .hint { font-size: 0.875rem; color: var(--muted); }
        .field .error { font-size: 0.875rem; font-weight: 500; color: var(--bad); }
        .field input.pin {
            min-height: 3.5rem;
            text-align: center;
            font: 600 1.75rem/1 var(--mono);
            letter-spacing: 0.35em;
            padding-left: calc(0.75rem + 0.35em);
            font-variant-numeric: tabular-nums;
        }
        .check { display: flex; align-items: flex-start; gap: 0.625rem; }
        .check input { flex: none; width: 1.125rem; height: 1.125rem; margin: 0.1875rem 0 0; accent-color: var(--accent); }

        /* Lists */
        .choices { display: flex; flex-direction: column; gap: 0.625rem; }
        .choices a, .choices button {
            display: flex;
            align-items: center;
            gap: 0.875rem;
            width: 100%;
            min-height: 3.25rem;
            padding: 0.5rem 0.875rem;
            border: 1px solid var(--line);
            border-radius: var(--radius);
            font: inherit;
            font-weight: 550;
            text-align: start;
            text-decoration: none;
            color: var(--text);
            background: var(--surface);
            cursor: pointer;
            transition: background-color 0.12s, border-color 0.12s;
        }
        .choices a::after, .choices button::after {
            content: "";
            flex: none;
            width: 20px;
            height: 20px;
            margin-inline-start: auto;
            background: var(--muted);
            clip-path: path("M7.6 4.8 12.8 10l-5.2 5.2-1.3-1.3 3.9-3.9-3.9-3.9z");
        }
        .choices a:hover, .choices button:hover { border-color: var(--accent); background: var(--accent-soft); color: var(--text); }
        .choices a:focus-visible, .choices button:focus-visible { border-radius: var(--radius); }
        .choices small, .apps small { display: block; font-size: 0.8125rem; font-weight: 400; color: var(--muted); }
        .programs { margin: 0 0 1.25rem; padding: 0; list-style: none; }
        .programs li { padding: 1rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
        .programs p { margin: 0 0 0.5rem; }
        .apps { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 1rem; }
        .apps a {
            display: flex;
            align-items: center;
            gap: 0.875rem;
            height: 100%;
            padding: 1rem;
            border: 1px solid var(--line);
            border-radius: 0.875rem;
            font-weight: 600;
            text-decoration: none;
            color: var(--text);
            background: var(--surface);
            transition: border-color 0.12s, box-shadow 0.12s;
        }
        .apps a:hover { border-color: var(--accent); color: var(--text); box-shadow: var(--shadow); }
        .apps a:focus-visible { border-radius: 0.875rem; }
        .apps .icon { width: 2.75rem; height: 2.75rem; border-radius: 0.75rem; }
        .apps span:not(.icon) { min-width: 0; }
        .apps small { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .facts {
            display: grid;
            grid-template-columns: minmax(5rem, auto) 1fr;
            gap: 0.375rem 1rem;
            margin: 0;
            padding: 0.875rem 1rem;
            border-radius: var(--radius);
            background: var(--sunken);
            font-size: 0.9375rem;
        }
        .facts dt { color: var(--muted); }
        .facts dd { margin: 0; }
        .table { overflow-x: auto; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
        .table table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; overflow-wrap: normal; }
        .table caption { padding: 0.75rem 1rem 0.25rem; text-align: start; font-weight: 600; }
        .table th, .table td { padding: 0.625rem 1rem; text-align: start; vertical-align: top; }
        .table thead th { font-size: 0.8125rem; font-weight: 600; color: var(--muted); background: var(--sunken); white-space: nowrap; }
        .table tbody tr + tr > * { border-top: 1px solid var(--line); }
        .table tbody th { font-weight: 600; }
        .table .number { text-align: end; font-variant-numeric: tabular-nums; }

        /* Signs */
        .icon {
            display: inline-grid;
            place-items: center;
            flex: none;
            width: 2.25rem;
            height: 2.25rem;
            border-radius: 0.625rem;
            overflow: hidden;
            color: var(--accent);
            background: var(--accent-soft);
        }
        img.icon { object-fit: contain; background: none; }
        .icon::before { width: 20px; height: 20px; background: currentColor; }
        .mark .icon, .button .icon { width: 20px; height: 20px; border-radius: 0; color: inherit; background: none; }
        .icon.good { color: var(--good); background: var(--good-soft); }
        .icon.warn { color: var(--warn); background: var(--warn-soft); }
        .icon.bad { color: var(--bad); background: var(--bad-soft); }
        .icon.large { width: 3.25rem; height: 3.25rem; border-radius: 1rem; }
        .icon.large::before { transform: scale(1.3); }
        .monogram { font-weight: 700; font-size: 1.0625rem; line-height: 1; text-transform: uppercase; }
        .icon-mail::before { content: ""; clip-path: path(evenodd, "M3.5 4h13A1.5 1.5 0 0 1 18 5.5v9a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 2 14.5v-9A1.5 1.5 0 0 1 3.5 4zM3.6 5.6 10 10.6 16.4 5.6zM3.6 7.5v6.9h12.8V7.5L10 12.5z"); }
        .icon-key::before { content: ""; clip-path: path(evenodd, "M6.5 5.5a4.5 4.5 0 1 0 4.2 6.2H13v2.2h2.5v-2.2H18V8.5h-7.3A4.5 4.5 0 0 0 6.5 5.5zM6.5 8.4a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2z"); }
        .icon-person::before { content: ""; clip-path: path("M10 2.5a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2zM3 17c0-3.4 3.1-5.7 7-5.7s7 2.3 7 5.7z"); }
        .icon-lock::before { content: ""; clip-path: path(evenodd, "M5.8 8.5V6.7a4.2 4.2 0 0 1 8.4 0v1.8h.3a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 4 16v-6a1.5 1.5 0 0 1 1.5-1.5zM7.8 8.5h4.4V6.7a2.2 2.2 0 0 0-4.4 0zM9.2 11.5v3h1.6v-3z"); }
        .icon-check::before { content: ""; clip-path: path("M8 15.4 3.2 10.6l1.6-1.6L8 12.2 15.2 5l1.6 1.6z"); }
        .icon-cross::before { content: ""; clip-path: path("M5.5 4 10 8.5 14.5 4 16 5.5 11.5 10l4.5 4.5-1.5 1.5L10 11.5 5.5 16 4 14.5 8.5 10 4 5.5z"); }
        .icon-warning::before { content: ""; clip-path: path(evenodd, "M10 2.2 18.7 17H1.3zM9.1 7.5v5h1.8v-5zM9.1 13.6v1.8h1.8v-1.8z"); }
        .icon-app::before { content: ""; clip-path: path("M3 3h6v6H3zM11 3h6v6h-6zM3 11h6v6H3zM11 11h6v6h-6z"); }
        .icon-organization::before { content: ""; clip-path: path(evenodd, "M3 17.5V3h9v4h5v10.5zM5 5v2h2V5zM8.5 5v2h2V5zM5 9v2h2V9zM8.5 9v2h2V9zM5 13v2h2v-2zM8.5 13v2h2v-2zM13 9.5v2h2v-2zM13 13v2h2v-2z"); }
        .icon-out::before { content: ""; clip-path: path("M3 3h7v2H5v10h5v2H3zM13 5.8 17.2 10 13 14.2 11.6 12.8 13.4 11H8V9h5.4l-1.8-1.8z"); }
        .badge {
            display: inline-flex;
            align-items: center;
            padding: 0.0625rem 0.5625rem;
            border-radius: 999px;
            font-size: 0.8125rem;
            font-weight: 600;
            white-space: nowrap;
            color: var(--text);
            background: var(--sunken);
        }
        .badge.good { color: var(--good); background: var(--good-soft); }
        .badge.warn { color: var(--warn); background: var(--warn-soft); }
        .badge.bad { color: var(--bad); background: var(--bad-soft); }
        .notice {
            padding: 0.75rem 1rem;
            border-radius: var(--radius);
            border-inline-start: 4px solid var(--accent);
            color: var(--text);
            background: var(--accent-soft);
            font-size: 0.9375rem;
        }
        .notice.good { border-color: var(--good); background: var(--good-soft); }
        .notice.warn { border-color: var(--warn); background: var(--warn-soft); }
        .notice.bad { border-color: var(--bad); background: var(--bad-soft); }
        .meter {
            appearance: none;
            display: block;
            width: 100%;
            height: 0.5rem;
            border: 0;
            border-radius: 999px;
            overflow: hidden;
            background: var(--line);
        }
        .meter::-webkit-meter-inner-element { display: grid; grid-template-rows: 1fr; height: 0.5rem; }
        .meter::-webkit-meter-bar, .meter::-webkit-progress-bar {
            grid-row: 1 / -1; height: 100%; border: 0; border-radius: 0; background: var(--line);
        }
        .meter::-webkit-meter-optimum-value, .meter::-webkit-progress-value { height: 100%; background: var(--accent); }
        .meter::-webkit-meter-suboptimum-value { height: 100%; background: var(--warn); }
        .meter::-webkit-meter-even-less-good-value { height: 100%; background: var(--bad); }
        .meter::-moz-meter-bar, .meter::-moz-progress-bar { background: var(--accent); }
        .meter:-moz-meter-sub-optimum::-moz-meter-bar { background: var(--warn); }
        .meter:-moz-meter-sub-sub-optimum::-moz-meter-bar { background: var(--bad); }
        .figure { display: flex; flex-direction: column; }
        .card.figure { gap: 0.125rem; }
        .figure b { font-size: 1.75rem; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
        .figure span { color: var(--muted); font-size: 0.875rem; }

        @media (max-width: 30rem) {
            .sign-in { padding: 1rem; }
            .card { padding: 1.5rem 1.25rem; }
            .page { padding-top: 1.25rem; }
            .facts { grid-template-columns: 1fr; gap: 0; }
            .facts dd + dt { margin-top: 0.5rem; }
        }
        @media (prefers-reduced-motion: reduce) {
            * { transition: none !important; }
        }
        @media (forced-colors: active) {
            .icon::before, .choices a::after, .choices button::after { forced-color-adjust: none; background: CanvasText; }
            .badge, .notice, .facts { border: 1px solid; }
        }

        """#
}
