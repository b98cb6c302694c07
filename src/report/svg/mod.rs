//! Pictures, drawn once wide and once narrow: what is wider than the paper would shrink until nobody can read it.
//!
//! A page shows one of the two. Marks differ by shape, place or pattern, never by colour alone.

mod bars;
mod correlations;
mod distributions;
mod forest;
mod histogram;
mod means;
mod ranks;
mod ruler;
mod scatter;
mod shares;
mod weights;

use maud::{Markup, html};

pub(super) use bars::bars;
pub(super) use correlations::correlations;
pub(super) use distributions::distributions;
pub(super) use forest::forest;
pub(super) use histogram::histogram;
pub(super) use means::means;
pub(super) use ranks::ranks;
pub(super) use ruler::ruler;
pub(super) use scatter::scatter;
pub(super) use shares::shares;
pub(super) use weights::weights;

/// How broad a picture is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breadth {
    Wide,
    Narrow,
}

impl Breadth {
    /// In units that are pixels on a screen.
    fn width(self) -> f64 {
        match self {
            Self::Wide => 672.0,
            Self::Narrow => 328.0,
        }
    }

    fn is_narrow(self) -> bool {
        self == Self::Narrow
    }

    fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }
}

/// What a picture is called and says to who cannot see it.
struct Caption<'a> {
    /// Without blanks; unlike that of any other picture of the page.
    id: &'a str,
    title: &'a str,
    description: &'a str,
}

/// Both breadths of a picture, by a drawing that gives its marks and its height.
fn both(caption: &Caption<'_>, draw: impl Fn(Breadth) -> (Markup, f64)) -> Markup {
    let one = |breadth: Breadth| {
        let (marks, height) = draw(breadth);
        let (width, height) = (px(breadth.width()), px(height));
        let id = format!("{}-{}", caption.id, breadth.class());
        html! {
            svg class=(breadth.class()) viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height)
                role="img" aria-labelledby={ (id) "-title " (id) "-desc" } {
                title id={ (id) "-title" } { (caption.title) }
                desc id={ (id) "-desc" } { (caption.description) }
                (marks)
            }
        }
    };
    html! { (one(Breadth::Wide)) (one(Breadth::Narrow)) }
}

/// A place with one decimal at most.
fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn line(class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) -> Markup {
    html! { line class=(class) x1=(px(x1)) y1=(px(y1)) x2=(px(x2)) y2=(px(y2)) {} }
}

fn rect(class: &str, [x, y]: [f64; 2], [width, height]: [f64; 2]) -> Markup {
    html! { rect class=(class) x=(px(x)) y=(px(y)) width=(px(width.max(0.0))) height=(px(height.max(0.0))) {} }
}

fn circle(class: &str, [x, y]: [f64; 2], radius: f64) -> Markup {
    html! { circle class=(class) cx=(px(x)) cy=(px(y)) r=(px(radius)) {} }
}

/// A square on a corner.
fn diamond(class: &str, [x, y]: [f64; 2], radius: f64) -> Markup {
    let points = format!(
        "{},{} {},{} {},{} {},{}",
        px(x),
        px(y - radius),
        px(x + radius),
        px(y),
        px(x),
        px(y + radius),
        px(x - radius),
        px(y)
    );
    html! { polygon class=(class) points=(points) {} }
}

/// Where a text is held.
#[derive(Debug, Clone, Copy)]
enum Hold {
    Start,
    Middle,
    End,
}

fn text(class: &str, hold: Hold, [x, y]: [f64; 2], words: &str) -> Markup {
    let anchor = match hold {
        Hold::Start => "start",
        Hold::Middle => "middle",
        Hold::End => "end",
    };
    html! { text class=(class) x=(px(x)) y=(px(y)) text-anchor=(anchor) { (words) } }
}

/// How wide a letter is taken to be: those of fonts that run wide.
const LETTER: f64 = 7.0;
const STRONG_LETTER: f64 = 7.7;

/// A text cut to about so many units, with a mark where it was cut.
fn fitted(words: &str, width: f64, letter: f64) -> String {
    if words.chars().count() as f64 * letter <= width {
        return words.to_owned();
    }
    let mut left = width / letter - 1.0;
    let kept: String = words
        .chars()
        .take_while(|_| {
            left -= 1.0;
            left >= 0.0
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// An axis at the bottom: a line a tick over the height of the plot, and its number below.
fn bottom_axis(axis: super::axis::Axis, about: f64, [top, bottom]: [f64; 2]) -> Markup {
    let ticks = axis.ticks(about);
    html! {
        @for tick in &ticks.values {
            (line("grid", [axis.at(*tick), top], [axis.at(*tick), bottom]))
            (text("tick", Hold::Middle, [axis.at(*tick), bottom + 17.0], &super::words::number(*tick, ticks.decimals)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LETTER, fitted, px};

    #[test]
    fn places_are_short() {
        assert_eq!([px(1.0), px(1.25), px(-0.04), px(99.96)], ["1", "1.2", "0", "100"]);
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(fitted("short", 100.0, LETTER), "short");
        assert_eq!(fitted("a title that does not end", 70.0, LETTER), "a title t…");
    }
}
