extension Stylesheet {
    /// What the pages of an account's applications add to ``console``.
    ///
    /// ```text
    /// rules     the rows of a policy or group, each with its fields and a button that removes it; rule-add below them
    /// field-grid fields of a log side by side; answer for what policies say; path for the rules that settled it
    /// diff      fields before and after; secret for what is shown once; group-set for boxes that belong together
    /// ```
    package static let consoleAccess = #"""

        /* Console: applications and who may use them */
        html { scroll-padding-top: 4.5rem; }
        .content .table { position: relative; }
        .content .card > form.inline { align-self: flex-start; }
        .rules { display: flex; flex-direction: column; gap: 0.75rem; margin: 0; padding: 1rem; border: 1px solid var(--line); border-radius: var(--radius); min-width: 0; }
        .rules > legend, .group-set > legend { padding: 0 0.375rem; font-weight: 600; font-size: 0.9375rem; }
        .rule { display: grid; grid-template-columns: minmax(8rem, 12rem) minmax(0, 1fr) auto; gap: 0.5rem 1rem; align-items: start; padding-bottom: 0.75rem; border-bottom: 1px solid var(--line); }
        .rule > .kind { font-weight: 600; padding-top: 0.375rem; }
        .rule > .values { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; min-width: 0; }
        .rule > .values > .field { flex: 1 1 12rem; min-width: 0; }
        .rule > .values > p { padding-top: 0.375rem; }
        .rule-add { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: end; }
        .rule-add .field { flex: 0 1 18rem; }
        .field-grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(11rem, 100%), 1fr)); gap: 0.75rem 1rem; align-items: start; }
        .group-set { margin: 0; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: var(--radius); display: flex; flex-direction: column; gap: 0.5rem; min-width: 0; }
        .answer { display: flex; flex-direction: column; gap: 0.75rem; }
        .answer ol { display: flex; flex-direction: column; gap: 0.75rem; margin: 0; padding-left: 1.5rem; list-style: decimal; }
        .answer .path { color: var(--muted); font-size: 0.9375rem; }
        .diff td code, .diff td del, .wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
        .diff .was { color: var(--bad); background: var(--bad-soft); padding: 0 0.25rem; border-radius: 0.25rem; }
        .diff .is { color: var(--good); background: var(--good-soft); padding: 0 0.25rem; border-radius: 0.25rem; }
        .secret { padding: 1rem; border: 2px solid var(--good); border-radius: var(--radius); display: flex; flex-direction: column; gap: 0.75rem; }
        .secret code { overflow-wrap: anywhere; font-size: 1rem; }
        .swatch { inline-size: 1rem; block-size: 1rem; vertical-align: -0.125rem; }
        .content pre { margin: 0; padding: 0.75rem 1rem; border-radius: var(--radius); background: var(--sunken); overflow-x: auto; font-family: var(--mono); font-size: 0.875rem; }
        .summary-rules { margin: 0; padding: 0; list-style: none; display: flex; flex-direction: column; gap: 0.25rem; }
        .summary-rules b { font-weight: 600; }

        @media (max-width: 40rem) {
            .rule { grid-template-columns: minmax(0, 1fr) auto; }
            .rule > .values { grid-column: 1 / -1; grid-row: 2; }
        }

        """#
}
