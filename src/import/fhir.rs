//! FHIR R4 and R5 `Questionnaire` resources as JSON.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    Imported, Importer, Source,
    draft::{Codes, Draft, Item, Names, Scale, shown},
};
use crate::error::{Fault, Result};

/// The extensions that weigh an answer: of R4, of R5 and the extensions pack, and of drafts before R4.
const WEIGHTS: &[&str] = &["ordinalValue", "itemWeight", "questionnaire-ordinalValue"];

/// The extensions of items that are computed, not answered.
const COMPUTED: &[&str] = &["sdc-questionnaire-calculatedExpression", "questionnaire-calculatedExpression"];

/// The item types of R4 and R5 that are answered with something else than a code or a number.
const NOT_SCORED: &[&str] = &[
    "boolean",
    "date",
    "dateTime",
    "time",
    "string",
    "text",
    "url",
    "attachment",
    "reference",
    "quantity",
    "question",
];

/// Imports a FHIR R4 or R5 `Questionnaire`, as JSON.
///
/// Items are found in groups of any depth, and their `linkId` becomes the item id. The codes of an answer are its weights:
/// the extension `ordinalValue` (R4) or `itemWeight` (R5) on an answer option, on its coding, or on a concept of a contained
/// value set or code system. Integers count themselves if they have no weight. Integer and decimal items need the extensions
/// `minValue` and `maxValue`. LOINC codes are kept.
///
/// The one scale, `total`, is the sum of all weighted items (of the items with numbers, if none is weighted). `FHIRPath` is not
/// run: a score computed in the questionnaire is left out by name. So are items with an option without a weight, with a value
/// set that is not contained, with several answers, and of other types.
///
/// **Missing data.** All items are needed: the resource has no rule for missing answers.
///
/// # Errors
/// What is no JSON; what departs from the shape of a questionnaire, with its path; a `linkId` given twice; a
/// questionnaire without any item that can be scored.
///
/// **Reference.** HL7, FHIR R4 (4.0.1) and R5 (5.0.0), resource `Questionnaire`; FHIR Extensions Pack, `itemWeight`.
///
/// # Example
/// ```
/// use vointi::import;
/// let weighted = |code: &str, weight: u8| format!(
///     r#"{{"valueCoding": {{"code": "{code}"}}, "extension": [{{
///         "url": "http://hl7.org/fhir/StructureDefinition/itemWeight", "valueDecimal": {weight}}}]}}"#);
/// let imported = import::fhir(&format!(
///     r#"{{"resourceType": "Questionnaire", "name": "Calm", "item": [
///         {{"linkId": "calm/1", "type": "coding", "answerOption": [{}, {}]}},
///         {{"linkId": "calm/2", "type": "string"}}]}}"#, weighted("a", 0), weighted("b", 1)))?;
/// assert_eq!(imported.id, "calm");
/// assert!(imported.toml.contains("items    = [\"calm_1\"]\nresponse = [0, 1]\n"));
/// assert_eq!(imported.notes, ["item `calm/2` is left out: answers of type `string` have no score"]);
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn fhir(text: &str) -> Result<Imported> {
    Importer::new().source(Source::Fhir).read(text)
}

type Faults = Vec<Fault>;

pub(super) fn draft(text: &str) -> std::result::Result<Draft, Faults> {
    let text = text.trim_start_matches('\u{feff}');
    let root: Value = serde_json::from_str(text).map_err(|error| {
        let fault =
            Fault::new(format!("this is no JSON from character {} on", error.column())).line(error.line());
        vec![fault.help("FHIR in XML is not read; ask for JSON")]
    })?;
    let Value::Object(root) = &root else {
        return Err(vec![Fault::new("the JSON is no resource").help("give a FHIR Questionnaire")]);
    };
    if root.get("resourceType").and_then(Value::as_str) != Some("Questionnaire") {
        let fault = Fault::new("the resource is no Questionnaire").key("resourceType");
        return Err(vec![fault.help("give the Questionnaire itself, outside any Bundle")]);
    }
    let mut reader = Reader::default();
    reader.contained = reader.objects(root, "contained", "");
    let items = reader.objects(root, "item", "");
    reader.walk(&items);
    let panel = reader.loinc(root, "");
    let name = ["name", "id"].iter().find_map(|key| reader.text(root, key, ""));
    let version = reader.text(root, "version", "");
    let Reader { mut faults, notes, found, .. } = reader;
    if !faults.is_empty() {
        // A value set is read as often as items refer to it.
        let mut told = HashSet::new();
        faults.retain(|fault| told.insert(fault.to_string()));
        return Err(faults);
    }
    let mut names = Names::default();
    let mut remarks = Vec::new();
    let mut items = Vec::with_capacity(found.len());
    for found in &found {
        let mut item = Item::new(names.item(found.key), found.codes.clone());
        item.points.clone_from(&found.points);
        item.loinc.clone_from(&found.loinc);
        if item.id != found.key {
            remarks.push(format!("linkId {} is item `{}`.", shown(found.key), item.id));
        }
        items.push(item);
    }
    let has_weights = found.iter().any(|found| found.is_weighted);
    let summed: Vec<&Item> = items
        .iter()
        .zip(&found)
        .filter(|(_, found)| found.is_weighted == has_weights)
        .map(|(item, _)| item)
        .collect();
    let total = (!summed.is_empty()).then(|| Scale::sum("total".to_owned(), &summed));
    let of =
        if has_weights { "the sum of the weights of all weighted items" } else { "the sum of all items" };
    remarks.insert(0, format!("FHIRPath is not run: `total` is {of}, whatever the questionnaire computes."));
    Ok(Draft {
        id: name.unwrap_or_default().to_owned(),
        version: version.filter(|version| is_version(version)).map(str::to_owned),
        origin: "a FHIR Questionnaire",
        remarks,
        notes,
        coding: "codes as weighted in the imported file; what a low and a high code mean: fill in",
        scales: total.into_iter().collect(),
        items,
        panel,
    })
}

/// A version is a number or a date, and no text.
fn is_version(text: &str) -> bool {
    text.len() <= 32 && text.chars().all(|sign| sign.is_ascii_alphanumeric() || "._-+".contains(sign))
}

/// An object with its path.
#[derive(Clone)]
struct At<'a> {
    object: &'a Map<String, Value>,
    path: String,
}

/// An item that can be scored.
struct Found<'a> {
    key: &'a str,
    codes: Codes,
    points: Option<Vec<f64>>,
    loinc: Option<String>,
    /// Whether its answers are options, not numbers at large.
    is_weighted: bool,
}

/// One option: its code, and its weight.
type Choice = (Option<f64>, Option<f64>);

#[derive(Default)]
struct Reader<'a> {
    /// Resources inside the questionnaire: value sets, code systems.
    contained: Vec<At<'a>>,
    faults: Faults,
    notes: Vec<String>,
    found: Vec<Found<'a>>,
    seen: HashSet<&'a str>,
}

impl<'a> Reader<'a> {
    fn walk(&mut self, items: &[At<'a>]) {
        for at in items {
            let key = self.required(at, "linkId");
            let of_type = self.required(at, "type");
            if let Some(key) = key.filter(|key| !self.seen.insert(key)) {
                let fault =
                    Fault::new(format!("the linkId {} is given twice", shown(key))).key(at.key("linkId"));
                self.faults.push(fault.help("every item has a linkId of its own"));
            }
            if let (Some(key), Some(of_type)) = (key, of_type) {
                self.item(key, of_type, at);
            }
            let below = self.objects(at.object, "item", &at.path);
            self.walk(&below);
        }
    }

    fn item(&mut self, key: &'a str, of_type: &str, at: &At<'a>) {
        let extensions = self.objects(at.object, "extension", &at.path);
        let is_computed = extensions.iter().any(|extension| is_one_of(extension, COMPUTED));
        let loinc = self.loinc(at.object, &at.path);
        let read = match of_type {
            "group" | "display" => return,
            _ if is_computed => {
                let code = loinc.as_ref().map(|code| format!(" (LOINC {})", shown(code))).unwrap_or_default();
                Err(format!("it is computed by an expression, which is not run{code}"))
            }
            _ if at.object.get("repeats").and_then(Value::as_bool) == Some(true) => {
                Err("it takes several answers".to_owned())
            }
            "choice" | "coding" | "open-choice" => self.weighted(key, at),
            "integer" | "decimal" if at.object.contains_key("answerOption") => self.weighted(key, at),
            "integer" | "decimal" => self.limits(&extensions, of_type == "integer"),
            word if NOT_SCORED.contains(&word) => Err(format!("answers of type `{word}` have no score")),
            word => {
                let what = format!("{} is no type of an item", shown(word));
                self.faults
                    .push(Fault::new(what).key(at.key("type")).help("see the types of FHIR R4 and R5"));
                return;
            }
        };
        match read {
            Ok((codes, points)) => {
                if at.object.contains_key("enableWhen") {
                    self.notes.push(format!(
                        "item {} is asked on a condition only; without an answer it is missing here",
                        shown(key)
                    ));
                }
                let is_weighted =
                    !matches!(of_type, "integer" | "decimal") || at.object.contains_key("answerOption");
                self.found.push(Found { key, codes, points, loinc, is_weighted });
            }
            Err(why) => self.notes.push(format!("item {} is left out: {why}", shown(key))),
        }
    }

    /// The codes of an item with options, and what they count where that is something else.
    fn weighted(&mut self, key: &str, at: &At<'a>) -> std::result::Result<(Codes, Option<Vec<f64>>), String> {
        let choices = if at.object.contains_key("answerOption") {
            self.options(at)
        } else {
            match self.text(at.object, "answerValueSet", &at.path) {
                Some(reference) => self.value_set(reference)?,
                None => return Err("it has no answer options".to_owned()),
            }
        };
        let without = choices.iter().filter(|(_, weight)| weight.is_none()).count();
        match (without, choices.len()) {
            (_, 0) => return Err("it has no answer options".to_owned()),
            (0, _) => {}
            (without, all) if without == all => {
                return Err("its answer options have no weights (ordinalValue or itemWeight)".to_owned());
            }
            (without, all) => return Err(format!("{without} of its {all} answer options have no weight")),
        }
        // Options without a number of their own are answered by their weight.
        let mut pairs: Vec<(f64, f64)> =
            choices.iter().filter_map(|(code, weight)| Some((code.or(*weight)?, (*weight)?))).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        pairs.dedup();
        if pairs.len() < choices.len() {
            self.notes.push(format!("item {}: options of one weight are one code here", shown(key)));
        }
        let (codes, points): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        if codes.iter().zip(codes.iter().skip(1)).any(|(a, b)| a == b) {
            return Err("one of its numbers has two weights".to_owned());
        }
        let counts_itself = codes == points;
        let codes = Codes::of(codes).ok_or("all its answers have the same weight")?;
        Ok((codes, (!counts_itself).then_some(points)))
    }

    fn options(&mut self, at: &At<'a>) -> Vec<Choice> {
        let mut choices = Vec::new();
        for option in self.objects(at.object, "answerOption", &at.path) {
            let own = self.weight(&option);
            let whole = option
                .object
                .get("valueInteger")
                .map(|value| self.number(value, &option.key("valueInteger")));
            choices.push(match (whole, option.object.get("valueCoding")) {
                (Some(code), _) => (code, own.or(code)),
                (None, Some(Value::Object(coding))) => {
                    let coding = At { object: coding, path: option.key("valueCoding") };
                    (None, own.or_else(|| self.weight(&coding)).or_else(|| self.weight_in(None, &coding)))
                }
                _ => (None, own),
            });
        }
        choices
    }

    /// The concepts of a contained value set, by its local reference or its address.
    fn value_set(&mut self, reference: &str) -> std::result::Result<Vec<Choice>, String> {
        let address = reference.split('|').next().unwrap_or_default();
        let (key, wanted) = match reference.strip_prefix('#') {
            Some(id) => ("id", id),
            None => ("url", address),
        };
        let is_meant = |set: &At<'_>| set.object.get(key).and_then(Value::as_str) == Some(wanted);
        let Some(set) = self.contained("ValueSet", is_meant) else {
            return Err("its value set is not contained in the questionnaire".to_owned());
        };
        let mut concepts = Vec::new();
        if let Some(Value::Object(expansion)) = set.object.get("expansion") {
            let path = set.key("expansion");
            concepts.extend(
                self.objects(expansion, "contains", &path).into_iter().map(|concept| (None, concept)),
            );
        } else if let Some(Value::Object(compose)) = set.object.get("compose") {
            for include in self.objects(compose, "include", &set.key("compose")) {
                let system = self.text(include.object, "system", &include.path);
                let mut listed = self.objects(include.object, "concept", &include.path);
                let is_plain =
                    !include.object.contains_key("filter") && !include.object.contains_key("valueSet");
                if listed.is_empty() && is_plain {
                    // The whole code system, which has to be contained too.
                    listed = self.code_system(system);
                }
                if listed.is_empty() {
                    return Err("its value set does not list its concepts".to_owned());
                }
                concepts.extend(listed.into_iter().map(|concept| (system, concept)));
            }
        }
        let mut choices = Vec::with_capacity(concepts.len());
        for (system, concept) in concepts {
            let own = self.weight(&concept);
            choices.push((None, own.or_else(|| self.weight_in(system, &concept))));
        }
        Ok(choices)
    }

    fn code_system(&mut self, system: Option<&str>) -> Vec<At<'a>> {
        let Some(system) = system else { return Vec::new() };
        let is_meant = |set: &At<'_>| set.object.get("url").and_then(Value::as_str) == Some(system);
        let found = self.contained("CodeSystem", is_meant);
        found.map(|set| self.objects(set.object, "concept", &set.path)).unwrap_or_default()
    }

    /// The weight that a contained code system gives a concept of another place.
    fn weight_in(&mut self, system: Option<&'a str>, concept: &At<'a>) -> Option<f64> {
        let system = system.or_else(|| self.text(concept.object, "system", &concept.path));
        let code = concept.object.get("code")?.as_str()?;
        let same = |known: &At<'_>| known.object.get("code").and_then(Value::as_str) == Some(code);
        let known = self.code_system(system).into_iter().find(same)?;
        self.weight(&known)
    }

    /// The weight of an option, a coding or a concept: an extension, or in a code system a property.
    fn weight(&mut self, at: &At<'a>) -> Option<f64> {
        let mut found = None;
        for extension in self.objects(at.object, "extension", &at.path) {
            if is_one_of(&extension, WEIGHTS) {
                found = found.or_else(|| self.value(&extension));
            }
        }
        if at.object.contains_key("property") {
            for property in self.objects(at.object, "property", &at.path) {
                if property
                    .object
                    .get("code")
                    .and_then(Value::as_str)
                    .is_some_and(|code| WEIGHTS.contains(&code))
                {
                    found = found.or_else(|| self.value(&property));
                }
            }
        }
        found
    }

    /// The range of an item that is answered with a number.
    fn limits(
        &mut self,
        extensions: &[At<'a>],
        whole: bool,
    ) -> std::result::Result<(Codes, Option<Vec<f64>>), String> {
        let mut limit = |name: &str| {
            let extension = extensions.iter().find(|extension| is_one_of(extension, &[name]))?;
            self.value(extension)
        };
        match (limit("minValue"), limit("maxValue")) {
            (Some(low), Some(high)) if low < high => Ok((Codes::Range { low, high, whole }, None)),
            (Some(_), Some(_)) => Err("its minValue is not below its maxValue".to_owned()),
            _ => Err("its lowest and highest number are not given (minValue and maxValue)".to_owned()),
        }
    }

    /// The number an extension holds.
    fn value(&mut self, at: &At<'a>) -> Option<f64> {
        let keys = ["valueDecimal", "valueInteger"];
        match keys.iter().find_map(|key| Some((key, at.object.get(*key)?))) {
            Some((key, value)) => self.number(value, &at.key(key)),
            None => {
                let fault = Fault::new("the extension holds no number").key(at.path.clone());
                self.faults.push(fault.help("give it as `valueDecimal` or `valueInteger`"));
                None
            }
        }
    }

    fn number(&mut self, value: &Value, path: &str) -> Option<f64> {
        let number = value.as_f64().filter(|number| number.is_finite());
        if number.is_none() {
            self.faults.push(Fault::new(format!("found {}, expected a number", kind(value))).key(path));
        }
        number
    }

    /// The LOINC code among the codes of an item or of the whole.
    fn loinc(&mut self, object: &'a Map<String, Value>, path: &str) -> Option<String> {
        let codes = self.objects(object, "code", path);
        let of_loinc =
            |code: &&At<'_>| code.object.get("system").and_then(Value::as_str) == Some("http://loinc.org");
        let code = codes.iter().find(of_loinc)?;
        self.text(code.object, "code", &code.path).map(str::to_owned)
    }

    /// The contained resource of a kind of which something is so.
    fn contained(&self, kind: &str, is_so: impl Fn(&At<'a>) -> bool) -> Option<At<'a>> {
        let is_of_kind = |at: &&At<'_>| at.object.get("resourceType").and_then(Value::as_str) == Some(kind);
        self.contained.iter().filter(is_of_kind).find(|at| is_so(at)).cloned()
    }

    /// The objects of a list; what is not there is an empty one.
    fn objects(&mut self, object: &'a Map<String, Value>, key: &str, path: &str) -> Vec<At<'a>> {
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let list = match object.get(key) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(other) => {
                self.faults.push(Fault::new(format!("found {}, expected a list", kind(other))).key(path));
                return Vec::new();
            }
        };
        let mut objects = Vec::with_capacity(list.len());
        for (position, value) in list.iter().enumerate() {
            let path = format!("{path}[{position}]");
            match value {
                Value::Object(object) => objects.push(At { object, path }),
                other => {
                    self.faults
                        .push(Fault::new(format!("found {}, expected an object", kind(other))).key(path));
                }
            }
        }
        objects
    }

    /// A text; what is not there is `None`.
    fn text(&mut self, object: &'a Map<String, Value>, key: &str, path: &str) -> Option<&'a str> {
        match object.get(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            other => {
                let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                self.faults.push(Fault::new(format!("found {}, expected a text", kind(other))).key(path));
                None
            }
        }
    }

    fn required(&mut self, at: &At<'a>, key: &str) -> Option<&'a str> {
        if !at.object.contains_key(key) {
            let fault = Fault::new(format!("the key `{key}` is missing")).key(at.path.clone());
            self.faults.push(fault.help("every item has one"));
        }
        self.text(at.object, key, &at.path)
    }
}

impl At<'_> {
    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }
}

/// Whether an extension has one of these names, at whatever address.
fn is_one_of(extension: &At<'_>, names: &[&str]) -> bool {
    let url = extension.object.get("url").and_then(Value::as_str);
    url.and_then(|url| url.rsplit('/').next()).is_some_and(|name| names.contains(&name))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(text) if text.trim().is_empty() => "an empty text",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
