//! Pages: one file each, with nothing from outside, no script, and pictures drawn in place.

mod figures;
mod findings;
mod judge;
mod sensitivity;
mod standing;

use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use figures::figures_html;
pub use findings::findings_html;
pub use judge::{audit_html, comparison_html};
pub use sensitivity::sensitivity_html;
pub use standing::standing_html;

/// Browsers are told to load nothing, whatever a later change of the page may ask for.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The whole page around its content.
fn page(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ "vointi " (env!("CARGO_PKG_VERSION")) };
                title { (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body { main { (body) } }
        }
    }
    .into_string()
        + "\n"
}

/// A name and what it says, in the strip below the title.
fn fact(name: &str, value: &str, is_large: bool) -> Markup {
    html! { div { dt { (name) } dd class=[is_large.then_some("large")] { (value) } } }
}

fn paragraphs(texts: &[String]) -> Markup {
    html! { @for text in texts { p { (text) } } }
}

fn bullets(texts: &[String]) -> Markup {
    html! { @if !texts.is_empty() { ul { @for text in texts { li { (text) } } } } }
}

/// A picture with its number, what it shows, remarks to it, and the table behind it.
fn figure(number: usize, shows: &[String], picture: &Markup, table: &Markup) -> Markup {
    let (first, remarks) = shows.split_at(1.min(shows.len()));
    html! {
        figure {
            (picture)
            figcaption {
                b { "Figure " (number) "." } " " (first.concat())
                @for remark in remarks { span { (remark) } }
            }
        }
        details {
            summary { "The numbers behind figure " (number) }
            (table)
        }
    }
}

/// A table whose columns `numbers` hold numbers; a row of one cell heads those that follow.
fn table(caption: &str, heads: &[&str], numbers: std::ops::Range<usize>, rows: &[Vec<String>]) -> Markup {
    let class = |at: usize| numbers.contains(&at).then_some("n");
    html! {
        div class="scroll" {
            table {
                caption { (caption) }
                thead { tr { @for (at, head) in heads.iter().enumerate() { th scope="col" class=[class(at)] { (head) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @if let [cell] = row.as_slice() {
                                th scope="colgroup" colspan=(heads.len()) { (cell) }
                            } @else {
                                @for (at, cell) in row.iter().enumerate() {
                                    @if at == 0 { th scope="row" { (cell) } } @else { td class=[class(at)] { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the numbers are for, and what not; at the end of every page.
fn intended_use(text: &str) -> Markup {
    html! {
        section class="use" {
            h2 { "What this is for" }
            p { (text) }
        }
    }
}
