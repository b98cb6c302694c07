//! Scores of whatever measures are listed: each becomes a rule like any other, with parts and an equation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    definition::{
        Direction,
        parts::{Cut, Formula, Steps},
        rule::{Bands, Body, Combine, Constant, FEWEST_DEFICITS, Form, Input, Part, RuleKey, misnamed},
    },
    error::{Error, ErrorKind, Fault, Result},
    expression::Expression,
};

/// What a listed measure has beside its name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) direction: Option<Direction>,
    pub(super) cut: Option<Cut>,
}

impl Listed {
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), unit: String::new(), direction: None, cut: None }
    }
}

/// What a reference taught about listed measures, by sex.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LearnedRule {
    pub(crate) female: LearnedOfSex,
    pub(crate) male: LearnedOfSex,
}

impl LearnedRule {
    /// Whether its numbers are such as learning gives: finite, and spreads above 0.
    pub(crate) fn is_sound(&self) -> bool {
        [&self.female, &self.male].into_iter().all(|sex| {
            let is_line = |[q, k, s, r]: [f64; 4]| [q, k, s, r].iter().all(|x| x.is_finite()) && s > 0.0;
            sex.s_ba2.is_none_or(|s2| s2.is_finite() && s2 > 0.0)
                && sex
                    .marker
                    .values()
                    .all(|marker| marker.line.is_none_or(is_line) && marker.cut.is_none_or(f64::is_finite))
        })
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LearnedOfSex {
    pub(crate) n: usize,
    /// Of Klemera and Doubal: the variance of biological age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) s_ba2: Option<f64>,
    pub(crate) marker: BTreeMap<String, LearnedMarker>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LearnedMarker {
    pub(crate) n: usize,
    /// Intercept, slope, residual sd and correlation of the marker on age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<[f64; 4]>,
    /// The worst quartile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cut: Option<f64>,
}

/// Whether an algorithm has to be learned from a reference.
pub(super) fn is_learned(algorithm: &str) -> bool {
    matches!(algorithm, KLEMERA_DOUBAL | QUARTILES)
}

pub(super) const KLEMERA_DOUBAL: &str = "klemera_doubal";
const QUARTILES: &str = "allostatic_quartiles";
const HIGH_RISK: &str = "high_risk_count";
const FRAILTY: &str = "frailty_index";

/// Missing markers that are allowed, after the R package BioAge.
const MOST_MISSING: usize = 2;
/// The share of deficits that has to be observed.
const SHARE_OF_DEFICITS: f64 = 0.8;

/// The rule for the listed measures.
pub(super) fn key(base: &RuleKey, listed: &[Listed], learned: Option<&LearnedRule>) -> Result<RuleKey> {
    let Body::Algorithm(algorithm) = &base.body else { return Ok(base.clone()) };
    let refuse =
        |what: String, help: &str| Error::new(ErrorKind::Definition, vec![Fault::new(what).help(help)]);
    let lack = || {
        let what = format!("`{}` has to be learned from a reference", base.name);
        Error::new(ErrorKind::Calibration, vec![Fault::new(what).help("learn it with `vointi calibrate`")])
    };
    let mut faults = listed.iter().filter_map(|marker| misnamed(&marker.name)).peekable();
    if faults.peek().is_some() {
        let faults = faults.map(|(what, help)| Fault::new(what).help(help)).collect();
        return Err(Error::new(ErrorKind::Definition, faults));
    }
    let mut rule = base.clone();
    rule.inputs = listed.iter().map(input).collect();
    match algorithm.as_str() {
        KLEMERA_DOUBAL => klemera_doubal(&mut rule, listed, learned.ok_or_else(lack)?)?,
        QUARTILES => {
            let learned = learned.ok_or_else(lack)?;
            rule.inputs.push(Input::sex());
            rule.body =
                Body::Parts(listed.iter().map(|marker| by_quartile(marker, learned)).collect::<Result<_>>()?);
            rule.combine = Some(Combine::Sum);
        }
        HIGH_RISK => {
            let without: Vec<&str> = listed
                .iter()
                .filter(|marker| marker.cut.is_none())
                .map(|marker| marker.name.as_str())
                .collect();
            if !without.is_empty() || listed.is_empty() {
                let what = format!("`{}` lacks a cut for {}", base.name, without.join(", "));
                return Err(refuse(what, "give cuts = { name = { above = … } } or { below = … }"));
            }
            let parts = listed.iter().filter_map(|marker| {
                let bands = beyond(marker.cut?);
                Some(part(&marker.name, Form::Bands { input: marker.name.clone(), bands: Bands::All(bands) }))
            });
            rule.body = Body::Parts(parts.collect());
            rule.combine = Some(Combine::Sum);
        }
        FRAILTY => {
            if listed.len() < FEWEST_DEFICITS {
                let what = format!(
                    "a frailty index has at least {FEWEST_DEFICITS} deficits, and {} listed",
                    match listed.len() {
                        1 => "1 is".to_owned(),
                        count => format!("{count} are"),
                    }
                );
                return Err(refuse(what, "list more deficits: `inputs`, each a measure from 0 to 1"));
            }
            for input in &mut rule.inputs {
                input.limits = Some([0.0, 1.0]);
            }
            let parts =
                listed.iter().map(|marker| Ok(part(&marker.name, Form::From(formula(&marker.name)?))));
            rule.body = Body::Parts(parts.collect::<Result<_>>()?);
            rule.combine = Some(Combine::Mean);
            rule.at_least = rule.at_least.or(Some(least_deficits(listed.len())));
        }
        other => return Err(refuse(format!("there is no algorithm `{other}`"), "")),
    }
    Ok(rule)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
fn least_deficits(count: usize) -> usize {
    (SHARE_OF_DEFICITS * count as f64).ceil() as usize
}

fn input(listed: &Listed) -> Input {
    Input { is_needed: false, ..Input::needed(&listed.name, &listed.unit, "") }
}

fn part(name: &str, form: Form) -> Part {
    Part { name: name.to_owned(), title: String::new(), form, deduct: None }
}

fn formula(text: &str) -> Result<Formula> {
    match Expression::parse(text) {
        Ok(expression) => Ok(Formula { text: text.to_owned(), expression }),
        Err(error) => {
            Err(Error::new(ErrorKind::Definition, vec![Fault::new(format!("`{text}`: {}", error.what))]))
        }
    }
}

/// 1 strictly beyond the cut, else 0.
fn beyond(cut: Cut) -> Steps {
    let case = vec![String::new(); 2];
    match cut {
        Cut::Above(cut) => Steps { at: vec![cut.next_up()], score: vec![0.0, 1.0], case },
        Cut::Below(cut) => Steps { at: vec![cut], score: vec![1.0, 0.0], case },
    }
}

fn by_quartile(marker: &Listed, learned: &LearnedRule) -> Result<Part> {
    let of = |sex: &LearnedOfSex| sex.marker.get(&marker.name).and_then(|marker| marker.cut);
    let direction = marker.direction.unwrap_or(Direction::LowerBetter);
    let cut = |cut: f64| if direction == Direction::LowerBetter { Cut::Above(cut) } else { Cut::Below(cut) };
    let (Some(female), Some(male)) = (of(&learned.female), of(&learned.male)) else {
        return Err(not_learned(&marker.name));
    };
    let rows = vec![(0.0, beyond(cut(female))), (1.0, beyond(cut(male)))];
    let bands = Bands::By { input: "sex".to_owned(), rows };
    Ok(part(&marker.name, Form::Bands { input: marker.name.clone(), bands }))
}

fn not_learned(marker: &str) -> Error {
    let fault = Fault::new(format!("the calibration has nothing of `{marker}`"));
    Error::new(ErrorKind::Calibration, vec![fault.help("learn it again with `vointi calibrate`")])
}

/// **Formula** (Σ (xⱼ − qⱼ) kⱼ/sⱼ² + age/s²) / (Σ (kⱼ/sⱼ)² + 1/s²), sums over the markers that are there.
fn klemera_doubal(rule: &mut RuleKey, listed: &[Listed], learned: &LearnedRule) -> Result<()> {
    rule.inputs.insert(0, Input::sex());
    rule.inputs.insert(1, Input::age());
    rule.strata =
        vec![("female".to_owned(), formula("sex == 0")?), ("male".to_owned(), formula("sex == 1")?)];
    let by_sex = |of: &dyn Fn(&LearnedOfSex) -> Option<f64>, name: &str| match (
        of(&learned.female),
        of(&learned.male),
    ) {
        (Some(female), Some(male)) => {
            let by = [("female", female), ("male", male)];
            Ok(Constant::By(by.map(|(sex, value)| (sex.to_owned(), Constant::Number(value))).to_vec()))
        }
        _ => Err(not_learned(name)),
    };
    // Names of its own have two underscores, which no marker's name has.
    rule.constants.push(("weight__age".to_owned(), by_sex(&|sex| sex.s_ba2.map(|s2| 1.0 / s2), "age")?));
    let mut add = |name: String, text: String| -> Result<()> {
        rule.lets.push((name, formula(&text)?));
        Ok(())
    };
    for marker in listed {
        let name = &marker.name;
        let line = |sex: &LearnedOfSex| sex.marker.get(name).and_then(|marker| marker.line);
        let weight = |sex: &LearnedOfSex| line(sex).map(|[_, k, s, _]| k / (s * s));
        let square = |sex: &LearnedOfSex| line(sex).map(|[_, k, s, _]| (k / s) * (k / s));
        let at_zero = |sex: &LearnedOfSex| line(sex).map(|[q, ..]| q);
        rule.constants.push((format!("weight__{name}"), by_sex(&weight, name)?));
        rule.constants.push((format!("square__{name}"), by_sex(&square, name)?));
        rule.constants.push((format!("zero__{name}"), by_sex(&at_zero, name)?));
        add(format!("above__{name}"), format!("({name} - zero__{name}) * weight__{name}"))?;
        add(format!("below__{name}"), format!("square__{name} + 0 * {name}"))?;
    }
    let all = |what: &str| {
        listed.iter().map(|marker| format!("{what}__{}", marker.name)).collect::<Vec<_>>().join(", ")
    };
    add("there__all".to_owned(), format!("count_observed({})", all("above")))?;
    add("above__all".to_owned(), format!("sum_observed({}) + age * weight__age", all("above")))?;
    add("below__all".to_owned(), format!("sum_observed({}) + weight__age", all("below")))?;
    let needed = listed.len().saturating_sub(MOST_MISSING).max(1);
    rule.refuse.push(crate::definition::rule::Remark {
        when: formula(&format!("there__all < {needed}"))?,
        code: "too_few".to_owned(),
        because: format!("fewer than {needed} of {} markers are there", listed.len()),
    });
    rule.body = Body::Result;
    rule.result = Some(formula("above__all / below__all")?);
    Ok(())
}

/// What a reference teaches: columns of the listed measures, and age and sex of the same rows.
pub(super) fn learn(
    algorithm: &str,
    listed: &[Listed],
    columns: &[&[f64]],
    ages: &[f64],
    sexes: &[f64],
) -> Result<LearnedRule> {
    let of = |code: f64, word: &str| {
        let rows: Vec<usize> =
            sexes.iter().enumerate().filter(|(_, sex)| **sex == code).map(|(row, _)| row).collect();
        match algorithm {
            QUARTILES => quartiles(listed, columns, &rows),
            _ => lines(listed, columns, ages, &rows),
        }
        .map_err(|fault| {
            let fault =
                Fault::new(format!("{}, of the {word} of the reference", fault.what())).help(fault.remedy());
            Error::new(ErrorKind::Calibration, vec![fault])
        })
    };
    Ok(LearnedRule { female: of(0.0, "women")?, male: of(1.0, "men")? })
}

type LearnedOrLack = std::result::Result<LearnedOfSex, Fault>;

/// **Formula** quantile 0.75 of a measure where less is better, 0.25 where more is, by linear interpolation (type 7 of
/// Hyndman and Fan 1996).
fn quartiles(listed: &[Listed], columns: &[&[f64]], rows: &[usize]) -> LearnedOrLack {
    let mut marker = BTreeMap::new();
    for (listed, column) in listed.iter().zip(columns) {
        let mut values: Vec<f64> =
            rows.iter().filter_map(|row| column.get(*row).copied()).filter(|x| !x.is_nan()).collect();
        values.sort_by(f64::total_cmp);
        let share = if listed.direction == Some(Direction::HigherBetter) { 0.25 } else { 0.75 };
        let Some(cut) = quantile_of(&values, share) else {
            return Err(Fault::new(format!("no value of `{}`", listed.name)).help("take another reference"));
        };
        marker.insert(listed.name.clone(), LearnedMarker { n: values.len(), line: None, cut: Some(cut) });
    }
    Ok(LearnedOfSex { n: rows.len(), s_ba2: None, marker })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position in a list")]
fn quantile_of(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * (sorted.len().checked_sub(1)? as f64);
    let below = sorted.get(place.floor() as usize)?;
    let above = sorted.get(place.ceil() as usize)?;
    Some(below + (place - place.floor()) * (above - below))
}

/// **Formula** per marker x = q + k age, s the residual sd over n − 2, r the correlation; then
/// r_char = Σ|k r/s| / Σ|k/s|, s_r = (1 − r_char²)/r_char² (age_max − age_min)²/(12 m), and the variance of biological
/// age is that of BA_E − age (over n) less s_r.
fn lines(listed: &[Listed], columns: &[&[f64]], ages: &[f64], rows: &[usize]) -> LearnedOrLack {
    let mut marker = BTreeMap::new();
    let rows: Vec<usize> =
        rows.iter().copied().filter(|row| ages.get(*row).is_some_and(|age| !age.is_nan())).collect();
    let at = |column: &[f64], row: usize| column.get(row).copied().unwrap_or(f64::NAN);
    let mut fitted = Vec::new();
    for (listed, column) in listed.iter().zip(columns) {
        let pairs: Vec<(f64, f64)> =
            rows.iter().map(|row| (at(ages, *row), at(column, *row))).filter(|(_, x)| !x.is_nan()).collect();
        let line = line_of(&pairs).ok_or_else(|| {
            Fault::new(format!("`{}` does not change with age", listed.name))
                .help("leave it out, or take another reference")
        })?;
        fitted.push(line);
        marker.insert(listed.name.clone(), LearnedMarker { n: pairs.len(), line: Some(line), cut: None });
    }
    let size: f64 = fitted.iter().map(|[_, k, s, _]| (k / s).abs()).sum();
    let r_char = fitted.iter().map(|[_, k, s, r]| (k / s).abs() * r.abs()).sum::<f64>() / size;
    let ages_there = rows.iter().map(|row| at(ages, *row));
    let (youngest, oldest) =
        ages_there.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), age| (a.min(age), b.max(age)));
    let s_r = (1.0 - r_char * r_char) / (r_char * r_char) * (oldest - youngest) * (oldest - youngest)
        / (12.0 * listed.len() as f64);
    let gaps: Vec<f64> = rows
        .iter()
        .filter_map(|row| {
            let there = fitted.iter().zip(columns).map(|(line, column)| (line, at(column, *row)));
            let there = there.filter(|(_, x)| !x.is_nan());
            let missing = listed.len() - there.clone().count();
            let above: f64 = there.clone().map(|([q, k, s, _], x)| (x - q) * k / (s * s)).sum();
            let below: f64 = there.map(|([_, k, s, _], _)| (k / s) * (k / s)).sum();
            (missing <= MOST_MISSING).then_some(above / below - at(ages, *row))
        })
        .collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let s_ba2 = gaps.iter().map(|gap| (gap - mean) * (gap - mean)).sum::<f64>() / gaps.len() as f64 - s_r;
    if s_ba2.is_nan() || s_ba2 <= 0.0 {
        let help = "take markers that follow age more closely, or a larger reference";
        return Err(Fault::new("the markers say too little of age for a biological age").help(help));
    }
    Ok(LearnedOfSex { n: rows.len(), s_ba2: Some(s_ba2), marker })
}

/// Intercept, slope, residual sd over n − 2, correlation; none where there is no slope.
fn line_of(pairs: &[(f64, f64)]) -> Option<[f64; 4]> {
    let n = pairs.len() as f64;
    if pairs.len() < 3 {
        return None;
    }
    let mean_age = pairs.iter().map(|(age, _)| age).sum::<f64>() / n;
    let mean = pairs.iter().map(|(_, x)| x).sum::<f64>() / n;
    let (mut saa, mut sax, mut sxx) = (0.0, 0.0, 0.0);
    for (age, x) in pairs {
        saa += (age - mean_age) * (age - mean_age);
        sax += (age - mean_age) * (x - mean);
        sxx += (x - mean) * (x - mean);
    }
    let k = sax / saa;
    let q = mean - k * mean_age;
    let residual: f64 = pairs.iter().map(|(age, x)| x - q - k * age).map(|e| e * e).sum();
    let (s, r) = ((residual / (n - 2.0)).sqrt(), sax / (saa * sxx).sqrt());
    (k != 0.0 && [q, k, s, r].iter().all(|number| number.is_finite()) && s > 0.0).then_some([q, k, s, r])
}
