//! Transforms: what the code of a column becomes.

use crate::error::Fault;

use super::super::draft::Codes;

/// The most codes that are written out with what each counts.
const MOST_CODES: usize = 100;

/// What a `transform` line does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mapping {
    /// Nothing.
    Same,
    /// The line through two points.
    Linear { from: [f64; 2], onto: [f64; 2] },
    /// A score for each code.
    Discrete(Vec<[f64; 2]>),
    /// Texts, which are no scores, and why that is so.
    NoNumbers(&'static str),
}

/// What codes count.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Counting {
    Same,
    /// Lowest + highest − code.
    Reversed,
    /// From the lowest code up.
    Points(Vec<f64>),
    /// A line between codes that cannot be listed.
    NoList,
}

impl Mapping {
    pub(super) fn read(text: &str) -> Result<Self, Box<Fault>> {
        let text = text.trim();
        if text.is_empty() || text == "identity" || text == "identity()" {
            return Ok(Self::Same);
        }
        let Some((name, inside)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
            let fault = Fault::new("the transform is not written as `map(1:5,5:1)`");
            return Err(fault.help("a cell with a comma in it must stand in quotes").into());
        };
        match name.trim() {
            "map" => Self::read_linear(inside),
            "discrete_map" => Self::read_discrete(inside),
            "passthrough_map" => Ok(Self::NoNumbers("passthrough_map() does not say which codes there are")),
            _ => {
                let fault = Fault::new("the transform is not known");
                Err(fault.help("allowed: map, discrete_map, passthrough_map").into())
            }
        }
    }

    fn read_linear(inside: &str) -> Result<Self, Box<Fault>> {
        let fault = || Fault::new("the map is not of four numbers").help("write it as `map(1:5,5:1)`");
        let pair = |text: &str| {
            let (a, b) = text.split_once(':')?;
            let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            Some([number(a)?, number(b)?])
        };
        let (from, onto) = inside.split_once(',').ok_or_else(fault)?;
        let (from, onto) = (pair(from).ok_or_else(fault)?, pair(onto).ok_or_else(fault)?);
        let [a, b] = from;
        if a == b {
            let fault = Fault::new("the map begins from one number");
            return Err(fault.help("its first two numbers have to differ").into());
        }
        Ok(Self::Linear { from, onto })
    }

    /// `"1":"0", "2":"3"`
    fn read_discrete(inside: &str) -> Result<Self, Box<Fault>> {
        let fault = || {
            Fault::new("the map is not of pairs").help("write it as `discrete_map(\"1\":\"0\", \"2\":\"3\")`")
        };
        let mut pairs: Vec<[f64; 2]> = Vec::new();
        let mut are_numbers = true;
        let mut rest = inside.trim();
        loop {
            let (key, after) = quoted(rest).ok_or_else(fault)?;
            let after = after.trim_start().strip_prefix(':').ok_or_else(fault)?;
            let (value, after) = quoted(after.trim_start()).ok_or_else(fault)?;
            let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            match (number(key), number(value)) {
                (Some(key), Some(_)) if pairs.iter().any(|[known, _]| *known == key) => {
                    return Err(Fault::new("the map gives a code twice").into());
                }
                (Some(key), Some(value)) => pairs.push([key, value]),
                _ => are_numbers = false,
            }
            let after = after.trim_start();
            if after.is_empty() {
                break;
            }
            rest = after.strip_prefix(',').ok_or_else(fault)?.trim_start();
        }
        if !are_numbers {
            return Ok(Self::NoNumbers("its discrete_map() is not from numbers to numbers"));
        }
        pairs.sort_by(|[a, _], [b, _]| a.total_cmp(b));
        Ok(Self::Discrete(pairs))
    }

    /// The codes it is for, where it says so.
    pub(super) fn codes(&self) -> Option<Codes> {
        match self {
            Self::Linear { from: [a, b], .. } => {
                let (low, high) = (a.min(*b), a.max(*b));
                Some(Codes::Range { low, high, whole: low.fract() == 0.0 && high.fract() == 0.0 })
            }
            Self::Discrete(pairs) => Codes::of(pairs.iter().map(|[code, _]| *code).collect()),
            Self::Same | Self::NoNumbers(_) => None,
        }
    }

    /// What these codes, which are its own, count.
    pub(super) fn counting(&self, codes: &Codes) -> Counting {
        let [low, high] = codes.ends();
        let points: Vec<f64> = match self {
            Self::Same | Self::NoNumbers(_) => return Counting::Same,
            Self::Linear { from, onto } => {
                if [low, high].map(|code| line(*from, *onto, code)) == [low, high] {
                    return Counting::Same;
                }
                if [low, high].map(|code| line(*from, *onto, code)) == [high, low] {
                    return Counting::Reversed;
                }
                let Some(codes) = codes.all(MOST_CODES) else { return Counting::NoList };
                codes.into_iter().map(|code| line(*from, *onto, code)).collect()
            }
            Self::Discrete(pairs) => pairs.iter().map(|[_, points]| *points).collect(),
        };
        let Some(codes) = codes.all(MOST_CODES) else { return Counting::NoList };
        if points == codes {
            return Counting::Same;
        }
        if points.iter().zip(&codes).all(|(points, code)| *points == low + high - code) {
            return Counting::Reversed;
        }
        Counting::Points(points)
    }
}

/// The straight line, multiplied before it is divided, so that whole numbers stay whole.
fn line([from, to]: [f64; 2], [onto, end]: [f64; 2], code: f64) -> f64 {
    (code - from) * (end - onto) / (to - from) + onto
}

/// A text in quotes, and what follows it. A backslash keeps a quote in the text.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, sign) in inside.char_indices() {
        match sign {
            '"' if !escaped => return Some((inside.get(..at)?, inside.get(at + 1..)?)),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Counting, Mapping};

    fn counting(text: &str) -> Counting {
        let mapping = Mapping::read(text).unwrap();
        mapping.counting(&mapping.codes().unwrap())
    }

    #[test]
    fn maps_are_same_reversed_or_points() {
        assert_eq!(counting("map(1:5,1:5)"), Counting::Same);
        assert_eq!(counting("map(1:5, 5:1)"), Counting::Reversed);
        assert_eq!(counting("map(5:1,1:5)"), Counting::Reversed);
        assert_eq!(counting("map(5:1,5:1)"), Counting::Same);
        assert_eq!(counting("map(1:3,0:100)"), Counting::Points(vec![0.0, 50.0, 100.0]));
        assert_eq!(counting("map(0.5:2,2:0.5)"), Counting::Reversed);
        assert_eq!(counting("map(0.5:2,0:1)"), Counting::NoList);
        assert_eq!(counting("discrete_map(\"1\":\"0\",\"3\":\"5\")"), Counting::Points(vec![0.0, 5.0]));
        assert_eq!(counting("discrete_map(\"0\":\"2\", \"2\" : \"0\")"), Counting::Reversed);
    }

    #[test]
    fn what_is_no_map_is_refused() {
        for text in
            ["map(1:5", "map(1:5,a:1)", "map(1:1,2:3)", "map(1:5,5:inf)", "twist(1)", "discrete_map(1:2)"]
        {
            assert!(Mapping::read(text).is_err(), "{text}");
        }
        let words = Mapping::read("discrete_map(\"1\":\"f\", \"2\":\"m\\\"\")").unwrap();
        assert!(matches!(words, Mapping::NoNumbers(_)));
    }
}
