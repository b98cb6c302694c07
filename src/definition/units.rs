//! Units of measures, by their UCUM codes: a closed table, and what one unit is in another.
//!
//! Mass and amount of substance meet only where it is known what is measured: 7.0 mmol/L is 126 mg/dL of glucose
//! and 271 mg/dL of cholesterol. What is not in the table is refused, with what is accepted instead.

use serde::Serialize;

use crate::error::{Error, ErrorKind, Fault, Result, nearest};

/// From a number in one unit to the number in another: y = (x + before) × times / over + after.
///
/// The four are kept apart so that a published factor multiplies or divides as published.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Conversion {
    pub(crate) before: f64,
    pub(crate) times: f64,
    pub(crate) over: f64,
    pub(crate) after: f64,
}

impl Conversion {
    pub(crate) const SAME: Self = Self { before: 0.0, times: 1.0, over: 1.0, after: 0.0 };

    /// A missing value stays missing.
    #[inline]
    pub(crate) fn apply(self, x: f64) -> f64 {
        (x + self.before) * self.times / self.over + self.after
    }

    pub(crate) fn is_same(&self) -> bool {
        *self == Self::SAME
    }

    /// Of y = slope·x + offset; above 0.
    pub(crate) fn slope(self) -> f64 {
        self.times / self.over
    }

    /// Of y = slope·x + offset.
    pub(crate) fn offset(self) -> f64 {
        self.before * self.times / self.over + self.after
    }

    /// The least number whose image reaches `threshold`: to ask for it is to ask for the threshold, to the last bit.
    pub(crate) fn least(self, threshold: f64) -> f64 {
        let reaches = |x: f64| self.apply(x) >= threshold;
        let mut x = self.inverse().apply(threshold);
        // Roundings on the way there and back are a few units in the last place.
        while reaches(x.next_down()) {
            x = x.next_down();
        }
        while !reaches(x) {
            x = x.next_up();
        }
        x
    }

    /// The way back.
    pub(crate) fn inverse(self) -> Self {
        // Zero less zero has no sign.
        Self { before: 0.0 - self.after, times: self.over, over: self.times, after: 0.0 - self.before }
    }

    /// First `self`, then `next`. Between the two nothing may be added: `self` ends and `next` begins at the first
    /// unit of a quantity, which every way there reaches by a factor.
    fn then(self, next: Self) -> Self {
        let [times, over] = reduced(self.times * next.times, self.over * next.over);
        Self { before: self.before, times, over, after: next.after }
    }
}

/// Whole numbers without their common divisor, so that 1000/1000 is 1.
fn reduced(times: f64, over: f64) -> [f64; 2] {
    let is_whole = |x: f64| x >= 1.0 && x <= 9e15 && x == x.trunc();
    if !is_whole(times) || !is_whole(over) {
        return if times == over { [1.0, 1.0] } else { [times, over] };
    }
    let (mut a, mut b) = (times, over);
    while b > 0.0 {
        (a, b) = (b, a % b);
    }
    [times / a, over / a]
}

/// What a unit is a unit of. Units of one quantity convert to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Mass,
    Length,
    Time,
    Pressure,
    Temperature,
    Share,
    /// Haemoglobin A1c in the units of the IFCC; for that analyte alone it is a share by the master equation.
    Glycated,
    MassConcentration,
    SubstanceConcentration,
    EnzymeActivity,
    HormoneActivity,
    CellCount,
    CellVolume,
    PerMinute,
    /// How often.
    Frequency,
    DaysOfAWeek,
    TimePerTime,
    Steps,
    Drinks,
    MassPerTime,
    BodyMassIndex,
    OxygenUptake,
    Filtration,
    PerCreatinine,
}

/// A unit: its code, its quantity, and the way to the first unit of the quantity.
struct Unit {
    code: &'static str,
    quantity: Quantity,
    to_first: Conversion,
}

const fn unit(code: &'static str, quantity: Quantity, times: f64, over: f64) -> Unit {
    Unit { code, quantity, to_first: Conversion { before: 0.0, times, over, after: 0.0 } }
}

/// Every unit we know; the first of a quantity is the one the others are said in.
const UNITS: &[Unit] = &[
    unit("kg", Quantity::Mass, 1.0, 1.0),
    unit("g", Quantity::Mass, 1.0, 1000.0),
    unit("[lb_av]", Quantity::Mass, 0.453_592_37, 1.0),
    unit("cm", Quantity::Length, 1.0, 1.0),
    unit("m", Quantity::Length, 100.0, 1.0),
    unit("mm", Quantity::Length, 1.0, 10.0),
    unit("[in_i]", Quantity::Length, 2.54, 1.0),
    unit("[ft_i]", Quantity::Length, 30.48, 1.0),
    unit("min", Quantity::Time, 1.0, 1.0),
    unit("h", Quantity::Time, 60.0, 1.0),
    unit("s", Quantity::Time, 1.0, 60.0),
    unit("ms", Quantity::Time, 1.0, 60_000.0),
    unit("d", Quantity::Time, 1440.0, 1.0),
    unit("wk", Quantity::Time, 10_080.0, 1.0),
    // A year of 365.25 days and a twelfth of it, as UCUM has them.
    unit("mo", Quantity::Time, 43_830.0, 1.0),
    unit("a", Quantity::Time, 525_960.0, 1.0),
    unit("mm[Hg]", Quantity::Pressure, 1.0, 1.0),
    unit("kPa", Quantity::Pressure, 1.0, 0.133_322),
    unit("Cel", Quantity::Temperature, 1.0, 1.0),
    Unit {
        code: "[degF]",
        quantity: Quantity::Temperature,
        to_first: Conversion { before: -32.0, times: 5.0, over: 9.0, after: 0.0 },
    },
    unit("%", Quantity::Share, 1.0, 1.0),
    unit("1", Quantity::Share, 100.0, 1.0),
    unit("mmol/mol", Quantity::Glycated, 1.0, 1.0),
    unit("mg/dL", Quantity::MassConcentration, 1.0, 1.0),
    unit("g/L", Quantity::MassConcentration, 100.0, 1.0),
    unit("g/dL", Quantity::MassConcentration, 1000.0, 1.0),
    unit("mg/L", Quantity::MassConcentration, 1.0, 10.0),
    unit("ug/dL", Quantity::MassConcentration, 1.0, 1000.0),
    unit("ug/L", Quantity::MassConcentration, 1.0, 10_000.0),
    unit("ng/mL", Quantity::MassConcentration, 1.0, 10_000.0),
    unit("mmol/L", Quantity::SubstanceConcentration, 1.0, 1.0),
    unit("umol/L", Quantity::SubstanceConcentration, 1.0, 1000.0),
    unit("nmol/L", Quantity::SubstanceConcentration, 1.0, 1e6),
    unit("pmol/L", Quantity::SubstanceConcentration, 1.0, 1e9),
    unit("U/L", Quantity::EnzymeActivity, 1.0, 1.0),
    unit("m[IU]/L", Quantity::HormoneActivity, 1.0, 1.0),
    unit("u[IU]/mL", Quantity::HormoneActivity, 1.0, 1.0),
    unit("10*9/L", Quantity::CellCount, 1.0, 1.0),
    unit("10*3/uL", Quantity::CellCount, 1.0, 1.0),
    unit("fL", Quantity::CellVolume, 1.0, 1.0),
    unit("/min", Quantity::PerMinute, 1.0, 1.0),
    unit("{beats}/min", Quantity::PerMinute, 1.0, 1.0),
    unit("{breaths}/min", Quantity::PerMinute, 1.0, 1.0),
    unit("/wk", Quantity::Frequency, 1.0, 1.0),
    unit("/d", Quantity::Frequency, 7.0, 1.0),
    unit("d/wk", Quantity::DaysOfAWeek, 1.0, 1.0),
    unit("min/wk", Quantity::TimePerTime, 1.0, 1.0),
    unit("min/d", Quantity::TimePerTime, 7.0, 1.0),
    unit("h/wk", Quantity::TimePerTime, 60.0, 1.0),
    unit("h/d", Quantity::TimePerTime, 420.0, 1.0),
    unit("{steps}/d", Quantity::Steps, 1.0, 1.0),
    unit("{steps}/wk", Quantity::Steps, 1.0, 7.0),
    unit("{drinks}/wk", Quantity::Drinks, 1.0, 1.0),
    unit("{drinks}/d", Quantity::Drinks, 7.0, 1.0),
    unit("g/wk", Quantity::MassPerTime, 1.0, 1.0),
    unit("g/d", Quantity::MassPerTime, 7.0, 1.0),
    unit("kg/m2", Quantity::BodyMassIndex, 1.0, 1.0),
    unit("mL/kg/min", Quantity::OxygenUptake, 1.0, 1.0),
    unit("mL/min/{1.73_m2}", Quantity::Filtration, 1.0, 1.0),
    unit("ug/g", Quantity::PerCreatinine, 1.0, 1.0),
];

/// What is measured in both ways of saying how much of it there is: mass = substance × times / over.
struct Analyte {
    name: &'static str,
    mass: &'static str,
    substance: &'static str,
    times: f64,
    over: f64,
}

const ANALYTES: &[Analyte] = &[
    Analyte { name: "glucose", mass: "mg/dL", substance: "mmol/L", times: 18.016, over: 1.0 },
    Analyte { name: "cholesterol", mass: "mg/dL", substance: "mmol/L", times: 38.67, over: 1.0 },
    Analyte { name: "triglycerides", mass: "mg/dL", substance: "mmol/L", times: 88.57, over: 1.0 },
    Analyte { name: "creatinine", mass: "mg/dL", substance: "umol/L", times: 1.0, over: 88.42 },
    // The molar mass of 25-hydroxyvitamin D3 is 400.64 g/mol.
    Analyte { name: "vitamin_d", mass: "ng/mL", substance: "nmol/L", times: 1.0, over: 2.496 },
];

/// The analyte whose share in % (NGSP) and mmol/mol (IFCC) are joined by the master equation.
const GLYCATED: &str = "hba1c";
/// mmol/mol = (% − 2.15) × 10.929
const MASTER_EQUATION: Conversion = Conversion { before: -2.15, times: 10.929, over: 1.0, after: 0.0 };

/// How units are written by those who do not write UCUM.
const ALIASES: &[(&str, &str)] = &[
    ("mmhg", "mm[Hg]"),
    ("bpm", "/min"),
    ("1/min", "/min"),
    ("beats/min", "/min"),
    ("years", "a"),
    ("year", "a"),
    ("y", "a"),
    ("yr", "a"),
    ("hours", "h"),
    ("hr", "h"),
    ("minutes", "min"),
    ("days", "d"),
    ("percent", "%"),
    ("kg/m^2", "kg/m2"),
    ("kg/m²", "kg/m2"),
    ("inches", "[in_i]"),
    ("inch", "[in_i]"),
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("°c", "Cel"),
    ("°f", "[degF]"),
    ("µmol/l", "umol/L"),
    ("μmol/l", "umol/L"),
    ("µg/l", "ug/L"),
    ("μg/l", "ug/L"),
    ("steps/d", "{steps}/d"),
    ("steps/day", "{steps}/d"),
    ("ml/min/kg", "mL/kg/min"),
    ("miu/l", "m[IU]/L"),
    ("uiu/ml", "u[IU]/mL"),
    ("iu/l", "U/L"),
];

/// What the analytes with a factor are called.
pub(crate) fn analytes() -> impl Iterator<Item = &'static str> {
    ANALYTES.iter().map(|analyte| analyte.name).chain([GLYCATED])
}

/// A list of codes such as `{no:0,yes:1}`: a unit that is no quantity, equal only to itself.
pub(crate) fn is_coded(unit: &str) -> bool {
    unit.starts_with('{') && unit.contains(':')
}

fn find(code: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.code == code)
}

/// Every unit that `unit` can be said in, itself first.
fn accepted(unit: &str, analyte: Option<&str>) -> Vec<&'static str> {
    let others = UNITS.iter().map(|other| other.code).filter(|other| *other != unit);
    let itself = find(unit).map(|unit| unit.code);
    itself.into_iter().chain(others.filter(|other| between(unit, other, analyte).is_some())).collect()
}

/// The unit of the table that an unknown one could have meant.
fn meant(code: &str) -> Option<&'static str> {
    let lower = code.to_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == lower).map(|(_, code)| *code);
    let same_letters = || UNITS.iter().map(|unit| unit.code).find(|known| known.to_lowercase() == lower);
    alias.or_else(same_letters).or_else(|| nearest(code, UNITS.iter().map(|unit| unit.code)))
}

/// What one unit of `from` is in `to`, where that is known.
fn between(from: &str, to: &str, analyte: Option<&str>) -> Option<Conversion> {
    let (of, into) = (find(from)?, find(to)?);
    if of.code == into.code {
        return Some(Conversion::SAME);
    }
    if of.quantity == into.quantity {
        return Some(of.to_first.then(into.to_first.inverse()));
    }
    let analyte = analyte?;
    match (of.code, into.code) {
        ("%", "mmol/mol") => return (analyte == GLYCATED).then_some(MASTER_EQUATION),
        ("mmol/mol", "%") => return (analyte == GLYCATED).then_some(MASTER_EQUATION.inverse()),
        _ => {}
    }
    let known = ANALYTES.iter().find(|known| known.name == analyte)?;
    let to_mass = Conversion { times: known.times, over: known.over, ..Conversion::SAME };
    match (of.quantity, into.quantity) {
        (Quantity::SubstanceConcentration, Quantity::MassConcentration) => {
            let [first, last] = [between(from, known.substance, None)?, between(known.mass, to, None)?];
            Some(first.then(last).then(to_mass))
        }
        (Quantity::MassConcentration, Quantity::SubstanceConcentration) => {
            let [first, last] = [between(from, known.mass, None)?, between(known.substance, to, None)?];
            Some(first.then(last).then(to_mass.inverse()))
        }
        _ => None,
    }
}

/// From `from` to `to`, of `analyte` where that matters. `Err` is what is wrong, and what to do: it lists the
/// accepted units of the quantity that `to` is a unit of.
///
/// Two equal codes need no table, whatever they are.
pub(crate) fn conversion(
    from: &str,
    to: &str,
    analyte: Option<&str>,
) -> std::result::Result<Conversion, (String, String)> {
    if from == to {
        return Ok(Conversion::SAME);
    }
    if let Some(found) = between(from, to, analyte) {
        return Ok(found);
    }
    if let Some(coded) = [to, from].into_iter().find(|code| is_coded(code)) {
        let help = format!("give the unit `{coded}`, and map other codes with `answers`");
        return Err((format!("`{from}` is not `{to}`: a list of codes is equal only to itself"), help));
    }
    let list = accepted(to, analyte).iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
    let accepted = if list.is_empty() { String::new() } else { format!("accepted: {list}") };
    if let Some(unknown) = [from, to].into_iter().find(|code| find(code).is_none()) {
        let help = match meant(unknown) {
            Some(known) if accepted.is_empty() => format!("did you mean `{known}`?"),
            Some(known) => format!("did you mean `{known}`? {accepted}"),
            None if accepted.is_empty() => "units are written as UCUM codes".to_owned(),
            None => accepted,
        };
        return Err((format!("unknown unit `{unknown}`"), help));
    }
    let quantities = [find(from), find(to)].map(|unit| unit.map(|unit| unit.quantity));
    let needs_analyte = quantities.contains(&Some(Quantity::MassConcentration))
        && quantities.contains(&Some(Quantity::SubstanceConcentration))
        || quantities.contains(&Some(Quantity::Share)) && quantities.contains(&Some(Quantity::Glycated));
    if needs_analyte {
        let names = analytes().collect::<Vec<_>>().join(", ");
        let why = match analyte {
            None => "without its analyte".to_owned(),
            Some(analyte) => format!("of `{analyte}`: no factor is known"),
        };
        let what = format!("`{from}` cannot be said in `{to}` {why}");
        return Err((what, format!("{accepted}; known analytes: {names}")));
    }
    Err((format!("`{from}` cannot be said in `{to}`: they measure different things"), accepted))
}

/// A number in another unit.
///
/// Units are UCUM codes of a closed table: `mg/dL`, `mmol/L`, `mm[Hg]`, `kPa`, `cm`, `[in_i]`, … Between mass and
/// amount of substance it must be said what is measured, by `analyte`: `glucose`, `cholesterol`,
/// `triglycerides`, `creatinine`, `vitamin_d`; `hba1c` joins `%` (NGSP) and `mmol/mol` (IFCC).
///
/// **Formula** mg/dL = f × mmol/L with f = 18.016 (glucose), 38.67 (cholesterol), 88.57 (triglycerides);
/// creatinine µmol/L = 88.42 × mg/dL; HbA1c mmol/mol = (% − 2.15) × 10.929.
///
/// **Missing data** has no unit: a value that is not a finite number is refused.
///
/// # Errors
/// An unknown unit, with the nearest known one; units that do not convert, with those that do.
///
/// **Reference** Schadow & McDonald, The Unified Code for Units of Measure; Hoelzel et al. 2004, Clin Chem 50:166
/// (HbA1c).
///
/// # Example
/// ```
/// use vointi::definition::convert;
///
/// let glucose = convert(7.0, "mmol/L", "mg/dL", Some("glucose"))?;
/// assert_eq!(glucose.round(), 126.0);
/// assert_eq!(convert(6.5, "%", "mmol/mol", Some("hba1c"))?.round(), 48.0);
/// assert_eq!(convert(1.8, "m", "cm", None)?, 180.0);
///
/// let error = convert(126.0, "mg/dl", "mg/dL", None).unwrap_err();
/// assert!(error.to_string().contains("did you mean `mg/dL`?"));
/// assert!(convert(126.0, "mg/dL", "mmol/L", None).is_err(), "of what?");
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn convert(value: f64, from: &str, to: &str, analyte: Option<&str>) -> Result<f64> {
    let refuse = |what: String, help: String| Error::new(ErrorKind::Data, vec![Fault::new(what).help(help)]);
    let found = conversion(from, to, analyte).map_err(|(what, help)| refuse(what, help))?;
    if find(from).is_none() && !is_coded(from) {
        let help = meant(from).map_or_else(String::new, |known| format!("did you mean `{known}`?"));
        return Err(refuse(format!("unknown unit `{from}`"), help));
    }
    if !value.is_finite() {
        return Err(refuse("the value is not a finite number".to_owned(), String::new()));
    }
    Ok(if found.is_same() { value } else { found.apply(value) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(value: f64, from: &str, to: &str, analyte: Option<&str>) -> f64 {
        conversion(from, to, analyte).expect("a conversion").apply(value)
    }

    /// Published pairs: ADA (HbA1c, glucose), ESC (cholesterol, triglycerides), KDIGO (creatinine), UCUM.
    #[test]
    fn published_pairs_hold() {
        let near = |found: f64, published: f64, half_a_digit: f64| {
            assert!((found - published).abs() <= half_a_digit, "{found} is not {published}");
        };
        near(said(6.5, "%", "mmol/mol", Some("hba1c")), 47.5, 0.05);
        near(said(5.7, "%", "mmol/mol", Some("hba1c")), 39.0, 0.5);
        near(said(48.0, "mmol/mol", "%", Some("hba1c")), 6.5, 0.05);
        near(said(7.0, "mmol/L", "mg/dL", Some("glucose")), 126.0, 0.5);
        near(said(126.0, "mg/dL", "mmol/L", Some("glucose")), 7.0, 0.05);
        near(said(5.0, "mmol/L", "mg/dL", Some("cholesterol")), 193.0, 0.5);
        near(said(1.7, "mmol/L", "mg/dL", Some("triglycerides")), 150.0, 0.6);
        assert_eq!(said(1.0, "mg/dL", "umol/L", Some("creatinine")), 88.42);
        near(said(20.0, "ng/mL", "nmol/L", Some("vitamin_d")), 50.0, 0.5);
        near(said(120.0, "mm[Hg]", "kPa", None), 16.0, 0.05);
        assert_eq!(said(10.0, "mg/L", "mg/dL", None), 1.0);
        assert_eq!(said(14.5, "g/dL", "g/L", None), 145.0);
        assert_eq!(said(1.8, "m", "cm", None), 180.0);
        assert_eq!(said(40.0, "[in_i]", "cm", None), 101.6);
        assert_eq!(said(1.0, "kg", "g", None), 1000.0);
        near(said(150.0, "[lb_av]", "kg", None), 68.0, 0.05);
        assert_eq!(said(7.5, "h", "min", None), 450.0);
        assert_eq!(said(20.0, "min/d", "min/wk", None), 140.0);
        assert_eq!(said(70_000.0, "{steps}/wk", "{steps}/d", None), 10_000.0);
        assert_eq!(said(98.6, "[degF]", "Cel", None), 37.0);
        assert_eq!(said(37.0, "Cel", "[degF]", None), 98.6);
        assert_eq!(said(0.85, "1", "%", None), 85.0);
        assert_eq!(said(1.0, "a", "d", None), 365.25);
    }

    /// A published factor is applied as it is: one multiplication or one division, no product of roundings.
    #[test]
    fn factors_divide_as_published() {
        for value in [3.9, 99.0, 126.0, 250.1] {
            assert_eq!(said(value, "mg/dL", "mmol/L", Some("glucose")), value / 18.016);
            assert_eq!(said(value, "mg/dL", "mmol/L", Some("cholesterol")), value / 38.67);
            assert_eq!(said(value, "umol/L", "mg/dL", Some("creatinine")), value / 88.42);
            assert_eq!(said(value, "mmol/mol", "%", Some("hba1c")), value / 10.929 + 2.15);
            assert_eq!(said(value, "kPa", "mm[Hg]", None), value / 0.133_322);
        }
    }

    #[test]
    fn dangerous_confusions_are_refused_with_what_is_accepted() {
        let refused = |from: &str, to: &str, analyte| conversion(from, to, analyte).expect_err("a refusal");
        let (what, help) = refused("mg/dL", "mmol/L", None);
        assert_eq!(what, "`mg/dL` cannot be said in `mmol/L` without its analyte");
        assert!(help.starts_with("accepted: `mmol/L`, `umol/L`") && help.contains("glucose"), "{help}");
        let (what, help) = refused("mg/dL", "nmol/L", Some("lpa"));
        assert_eq!(what, "`mg/dL` cannot be said in `nmol/L` of `lpa`: no factor is known");
        assert!(!help.contains("`mg/dL`"), "{help}");
        let (what, help) = refused("mg/dl", "mmol/L", Some("glucose"));
        assert_eq!(what, "unknown unit `mg/dl`");
        assert!(help.starts_with("did you mean `mg/dL`? accepted: `mmol/L`, `mg/dL`"), "{help}");
        let (_, help) = refused("mmHg", "mm[Hg]", None);
        assert_eq!(help, "did you mean `mm[Hg]`? accepted: `mm[Hg]`, `kPa`");
        let (what, help) = refused("kg", "cm", None);
        assert_eq!(what, "`kg` cannot be said in `cm`: they measure different things");
        assert_eq!(help, "accepted: `cm`, `m`, `mm`, `[in_i]`, `[ft_i]`");
        for (from, to, analyte) in [
            ("%", "mmol/mol", None),
            ("%", "mmol/mol", Some("glucose")),
            ("mmol/L", "mmol/mol", Some("hba1c")),
            ("min/d", "/d", None),
            ("/min", "/d", None),
            ("{steps}/d", "{drinks}/d", None),
            ("g/wk", "{drinks}/wk", None),
            ("U/L", "m[IU]/L", None),
            ("d/wk", "min/wk", None),
            ("mg/dL", "{no:0,yes:1}", None),
        ] {
            assert!(conversion(from, to, analyte).is_err(), "{from} is no {to}");
        }
    }

    #[test]
    fn a_list_of_codes_is_equal_only_to_itself() {
        assert_eq!(conversion("{no:0,yes:1}", "{no:0,yes:1}", None), Ok(Conversion::SAME));
        let (what, help) =
            conversion("{yes:0,no:1}", "{no:0,yes:1}", None).expect_err("turned round is another code");
        assert_eq!(what, "`{yes:0,no:1}` is not `{no:0,yes:1}`: a list of codes is equal only to itself");
        assert_eq!(help, "give the unit `{no:0,yes:1}`, and map other codes with `answers`");
    }

    #[test]
    fn the_table_is_consistent() {
        for (at, unit) in UNITS.iter().enumerate() {
            assert!(UNITS.iter().skip(at + 1).all(|other| other.code != unit.code), "{} twice", unit.code);
            let first = UNITS.iter().find(|other| other.quantity == unit.quantity).expect("a first");
            assert!(first.to_first.is_same(), "{} is not said in itself", first.code);
            assert!(unit.to_first.slope() > 0.0);
        }
        for (_, code) in ALIASES {
            assert!(find(code).is_some(), "{code}");
        }
        for analyte in ANALYTES {
            assert!(between(analyte.mass, analyte.substance, Some(analyte.name)).is_some());
        }
    }

    fn every_pair() -> Vec<(&'static str, &'static str, Option<&'static str>)> {
        let mut pairs = Vec::new();
        for from in UNITS {
            for to in UNITS {
                for analyte in [None].into_iter().chain(analytes().map(Some)) {
                    if between(from.code, to.code, analyte).is_some() {
                        pairs.push((from.code, to.code, analyte));
                    }
                }
            }
        }
        pairs
    }

    proptest! {
        /// There and back is the same number, and the line `slope·x + offset` is the conversion.
        #[test]
        fn there_and_back(pair in proptest::sample::select(every_pair()), x in -1e4..1e4) {
            let (from, to, analyte) = pair;
            let there = conversion(from, to, analyte).expect("there");
            let back = conversion(to, from, analyte).expect("back");
            // An addend of up to 40 loses what is small beside it.
            let near = |a: f64, b: f64, scale: f64| (a - b).abs() <= 1e-13 * (a.abs().max(b.abs()) + scale);
            prop_assert!(near(back.apply(there.apply(x)), x, 600.0), "{from} → {to}");
            prop_assert!(near(there.slope() * x + there.offset(), there.apply(x), there.slope() * 600.0));
            prop_assert!(there.slope() > 0.0 && there.apply(f64::NAN).is_nan());
        }

        /// By another unit of the same quantity is the same as straight.
        #[test]
        fn by_way_of_another(a in proptest::sample::select(every_pair()), b in proptest::sample::select(every_pair()), x in 0.1..1e4) {
            let (from, over, analyte) = a;
            let (_, to, _) = b;
            if let (Ok(second), Ok(straight)) = (conversion(over, to, analyte), conversion(from, to, analyte)) {
                let there = conversion(from, over, analyte).expect("a pair");
                let (two, one) = (second.apply(there.apply(x)), straight.apply(x));
                let scale = straight.slope() * 600.0;
                prop_assert!((two - one).abs() <= 1e-12 * (one.abs() + scale), "{from} → {over} → {to}");
            }
        }
    }
}
