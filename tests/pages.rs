//! Findings and standings laid out as pages, Markdown and tables.

use insta::assert_snapshot;
use vointi::{
    Cohort, Definition, ErrorKind, Index, Scores,
    definition::Audience,
    explain::{self, Baseline, Findings, Scenario, Standing},
    report::{self, CsvStyle, ModelRecord},
    study::{Audit, AuditAsked, Comparison, INTENDED_USE, Summary},
    table::Table,
};

const FORBIDDEN: &str = include_str!("fixtures/pages/forbidden.txt");

/// A scored cohort.
struct Study {
    cohort: Cohort,
    index: Index,
    scores: Scores,
}

impl Study {
    fn of(definition: &Definition, cohort: Cohort) -> Self {
        let index = Index::new(definition).expect("an index");
        let scores = index.score_cohort(&cohort).expect("scores");
        Self { cohort, index, scores }
    }

    fn nhanes() -> Self {
        let definition = Definition::builtin("nhanes").expect("a definition");
        let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv").expect("a cohort");
        Self::of(&definition, cohort)
    }

    fn summary(&self) -> Summary {
        let summary = Summary::of(&self.cohort, &self.index, &self.scores).expect("a summary");
        summary.calibrated_from("shipped with the definition")
    }

    fn findings(&self) -> Findings {
        Findings::of(&self.cohort, &self.index, &self.scores, Audience::Research)
            .expect("findings")
            .calibrated_from("shipped with the definition")
    }

    fn with_model(&self) -> Findings {
        Findings::gathered(&self.cohort, &self.index, &self.scores, Audience::Research)
            .expect("findings")
            .calibrated_from("shipped with the definition")
    }

    fn audit(&self, id: &str) -> Audit {
        let asked = AuditAsked::default();
        let audit = Audit::of(&self.cohort, &self.index, &self.scores, &asked, Audience::Research);
        let audit = audit.expect("an audit").calibrated_from("shipped with the definition");
        let person = self.cohort.person(id).expect("a person");
        audit.with_person(&self.cohort, &self.scores, &person).expect("strengths")
    }

    fn standing(&self, id: &str) -> Standing {
        let table = self.cohort.with_scores(&self.scores).expect("a table");
        let fitted = explain::model_of(self.index.definition()).fit(&table).expect("a fit");
        let person = self.cohort.person(id).expect("a person");
        Standing::gathered(&self.index, &person, &self.scores, Some(&fitted), Audience::Clinic)
            .expect("a standing")
    }
}

fn csv_of(fill: impl FnOnce(&mut Vec<u8>) -> vointi::Result<()>) -> String {
    let mut file = Vec::new();
    fill(&mut file).expect("a table");
    String::from_utf8(file).expect("UTF-8")
}

/// Every output of a study, with its name.
fn outputs(study: &Study, id: &str) -> Vec<(&'static str, String)> {
    let (findings, standing) = (study.with_model(), study.standing(id));
    let figures = study.summary().for_employer();
    let style = CsvStyle::default();
    let table = study.cohort.with_scores(&study.scores).expect("a table");
    let fitted = explain::model_of(study.index.definition()).fit(&table).expect("a fit");
    let person = study.cohort.person(id).expect("a person");
    let baseline = Baseline::mean(&study.scores).expect("a baseline");
    let why = explain::contributions(&study.index, &person, &baseline).expect("contributions");
    let scenario = Scenario::new().set("sleep_hours", 7.5);
    let gain = explain::what_if(&fitted, &person, &scenario).expect("a difference");
    let share = explain::what_if_cohort(&fitted, &study.cohort, &scenario, 75.0).expect("a share");
    let remarks = explain::remarks(study.index.definition(), fitted.model());
    let record = ModelRecord::of(&fitted, remarks).expect("a record");
    let audit = study.audit(id);
    let scored = (&study.cohort, &study.scores);
    let comparison = Comparison::of([scored, scored], Audience::Research).expect("a comparison");
    vec![
        ("audit.txt", report::audit_text(&audit)),
        ("audit.html", report::audit_html(&audit)),
        ("audit.md", report::audit_markdown(&audit)),
        ("audit.json", serde_json::to_string(&audit).expect("JSON")),
        ("comparison.txt", report::comparison_text(&comparison)),
        ("comparison.html", report::comparison_html(&comparison)),
        ("comparison.md", report::comparison_markdown(&comparison)),
        ("comparison.json", serde_json::to_string(&comparison).expect("JSON")),
        ("contributions.txt", report::contributions_text(&why)),
        ("what_if.txt", report::what_if_text(&gain)),
        ("what_if_cohort.txt", report::what_if_cohort_text(&share)),
        ("model.txt", report::model_text(&record)),
        ("findings.html", report::findings_html(&findings)),
        ("findings.md", report::findings_markdown(&findings)),
        ("findings.csv", csv_of(|out| report::findings_csv(&findings, style, out))),
        ("findings.json", serde_json::to_string(&findings).expect("JSON")),
        ("standing.html", report::standing_html(&standing)),
        ("standing.md", report::standing_markdown(&standing)),
        ("standing.csv", csv_of(|out| report::standing_csv(&standing, style, out))),
        ("standing.json", serde_json::to_string(&standing).expect("JSON")),
        ("figures.html", report::figures_html(&figures)),
        ("figures.md", report::figures_markdown(&figures)),
        ("figures.csv", csv_of(|out| report::figures_csv(&figures, style, out))),
        ("figures_tidy.csv", csv_of(|out| report::figures_tidy_csv(&figures, style, out))),
        ("figures.txt", report::figures_text(&figures)),
    ]
}

/// A table with ten digits a number: the last ones of a fit are not the same on every processor.
fn rounded(table: &str) -> String {
    let cell = |cell: &str| match cell.parse::<f64>() {
        Ok(number) if cell.len() > 10 => {
            format!("{number:.9e}").parse::<f64>().expect("a number").to_string()
        }
        _ => cell.to_owned(),
    };
    let line = |line: &str| line.split(',').map(cell).collect::<Vec<_>>().join(",");
    table.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A page a tag a line, without its style sheet; runs of like hexagons or dots as their number.
fn legible(page: &str) -> String {
    let start = page.find("<style>").expect("a style sheet") + "<style>".len();
    let end = page.find("</style>").expect("a style sheet");
    let page = format!("{}…{}", &page[..start], &page[end..]).replace("><", ">\n<");
    let mut lines: Vec<String> = Vec::new();
    let mut run = 0;
    for line in page.lines() {
        let is_mark =
            ["<path class=\"cell\"", "<circle class=\"person\""].iter().any(|mark| line.starts_with(mark));
        if is_mark || (run > 0 && ["</path>", "</circle>"].contains(&line)) {
            run += usize::from(is_mark);
            continue;
        }
        if run > 0 {
            lines.push(format!("({run} marks)"));
            run = 0;
        }
        lines.push(line.to_owned());
    }
    lines.join("\n")
}

#[test]
fn pages_of_the_shipped_people() {
    let study = Study::nhanes();
    for (name, text) in outputs(&study, "3") {
        if name.ends_with(".html") {
            assert_snapshot!(name, legible(&text));
        } else if name.ends_with(".md") {
            assert_snapshot!(name, text);
        } else if name == "findings.csv" || name == "standing.csv" {
            assert_snapshot!(name, rounded(&text));
        }
    }
}

#[test]
fn findings_without_a_model() {
    assert_snapshot!(report::findings_markdown(&Study::nhanes().findings()));
}

#[test]
fn no_output_uses_a_forbidden_word() {
    let words: Vec<&str> =
        FORBIDDEN.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(words.len() > 20);
    let mut checked = 0;
    for (name, text) in outputs(&Study::nhanes(), "3") {
        // A CSS property is no word to anybody.
        let text = match (text.find("<style>"), text.find("</style>")) {
            (Some(start), Some(end)) => format!("{}{}", &text[..start], &text[end..]),
            _ => text,
        };
        assert_eq!(
            text.contains(INTENDED_USE),
            !["figures.csv", "figures.txt", "model.txt"].contains(&name),
            "{name}"
        );
        // An audit names the measures of the definition by their ids.
        let text = text.replace("diagnosed_diabetes", "").replace("diagnosed\\_diabetes", "");
        let text = text.replace(INTENDED_USE, "").to_lowercase();
        for word in &words {
            let found = text.match_indices(word).find(|(at, _)| {
                !text[..*at].chars().next_back().is_some_and(|letter| letter.is_alphanumeric())
            });
            if let Some((at, _)) = found {
                let around: String =
                    text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
                panic!("{name}: “{word}” after “{around}”");
            }
            checked += 1;
        }
    }
    assert!(checked > 200);
}

#[test]
fn the_guide_has_the_text_on_intended_use() {
    let guide = include_str!("../src/guide/intended_use.md");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(guide).contains(&words(INTENDED_USE)));
}

#[test]
fn wherever_something_is_found_its_grounds_are_said() {
    let study = Study::nhanes();
    for (name, text) in outputs(&study, "3") {
        if name.starts_with("findings") && !name.ends_with(".json") {
            for ground in ["one cross-section", "3974", "ssociation", "income"] {
                let text = text.replace(",974", "974");
                assert!(text.contains(ground), "{name}: {ground}");
            }
        }
        if name == "standing.html" || name == "standing.md" {
            for ground in ["n = 3,974", "one cross-section", "not what would happen to you", "income ratio"] {
                assert!(text.contains(ground), "{name}: {ground}");
            }
        }
    }
}

/// Names that would break out of a page, a Markdown table or a sheet if nobody took care.
const NASTY: &str = r#"
schema = 1
id = "nasty"
title = "<script>alert('title')</script> & \"co\""
population = "</p><img src=x onerror=alert(1)>"
[person]
id = "person"
[instrument.mood]
use = "who5"
columns = ["w1", "w2", "w3", "w4", "w5"]
[measure.pulse]
unit = "/min"
limits = [25, 150]
[indicator.mood]
title = "<script>mood</script> | & \"m\""
scale = "mood.total"
utility = "linear"
[indicator.pulse]
title = "</title><script>pulse</script>"
measure = "pulse"
utility = { goalposts = [100, 50] }
[pillar.felt]
title = "</svg><script>felt</script>"
children = ["mood"]
[pillar.measured]
title = "measured & more"
children = ["pulse"]
[index]
children = ["felt", "measured"]
bands = { "<b>low" = [0, 50], high = [50, 101] }
[choice.habit]
title = "<script>habit</script>"
levels = ["<i>no", "yes & no"]
reference = "<i>no"
favours = ["yes & no"]
source = "nobody"
"#;

fn nasty() -> Study {
    let definition = Definition::from_toml(NASTY).expect("a definition");
    let people = 40;
    // Those who say yes answer higher, so that a model finds it.
    let yes = |k: usize| !k.is_multiple_of(3);
    let value = |k: usize, item: usize| Some(((k + item) * 7 % 4 + usize::from(yes(k))) as f64);
    let mut table = Table::builder().text("person", (0..people).map(|k| Some(format!("<img src={k}>"))));
    for item in 1..=5 {
        table = table.number(format!("w{item}"), (0..people).map(|k| value(k, item)));
    }
    let table = table
        .number("pulse", (0..people).map(|k| (k % 9 != 4).then(|| 50.0 + (k * 11 % 37) as f64)))
        .text("habit", (0..people).map(|k| Some(if yes(k) { "yes & no" } else { "<i>no" })))
        .build()
        .expect("a table");
    let cohort = Cohort::new(&definition, table).expect("a cohort");
    Study::of(&definition, cohort)
}

#[test]
fn names_are_escaped() {
    let study = nasty();
    let findings = study.with_model().calibrated_from("<script>file");
    let id = "<img src=0>";
    let standing = study.standing(id);
    assert_eq!(standing.suggestions.len(), 1);
    for page in [
        report::findings_html(&findings),
        report::standing_html(&standing),
        report::figures_html(&study.summary().for_employer()),
        report::audit_html(&study.audit(id)),
        report::audit_markdown(&study.audit(id)),
        report::findings_markdown(&findings),
        report::standing_markdown(&standing),
    ] {
        for bad in ["<script", "<img", "<i>", "<b>low", "</title><script", "& more", "yes & no"] {
            assert!(!page.contains(bad), "{bad}");
        }
        assert!(page.contains("&lt;") || page.contains("Group figures"));
    }
}

#[test]
fn a_page_asks_for_nothing_from_outside() {
    let mut seen = 0;
    for (name, text) in outputs(&Study::nhanes(), "3").into_iter().filter(|(name, _)| name.ends_with(".html"))
    {
        let lower = text.to_lowercase();
        for bad in [
            "http:",
            "https:",
            "//",
            "<script",
            "<link",
            "@import",
            "@font-face",
            "<iframe",
            "<img",
            "<object",
            "<embed",
            " on",
        ] {
            let found = lower.match_indices(bad).find(|(at, _)| {
                // " onload=" and its like, but not the word "on".
                bad != " on"
                    || lower[at + 1..]
                        .split(|c: char| !c.is_alphanumeric())
                        .next()
                        .is_some_and(|word| lower[at + 1 + word.len()..].starts_with('='))
            });
            assert!(found.is_none(), "{name}: {bad}");
        }
        for part in lower.split("url(").skip(1) {
            assert!(part.starts_with('#'), "{name}: only what is on the page");
        }
        assert!(lower.contains("<html lang=\"en-gb\">"));
        assert!(lower.contains("default-src 'none'"), "{name}");
        let pictures = lower.matches("<svg").count();
        assert_eq!(lower.matches("role=\"img\"").count(), pictures);
        assert_eq!(lower.matches("<desc").count(), pictures);
        assert_eq!(
            lower.matches("<details").count() * 2,
            pictures,
            "a table behind each, which is drawn twice"
        );
        let ids: Vec<&str> =
            lower.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let distinct: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "{name}");
        assert!(text.len() < 400_000, "{name}: {} bytes", text.len());
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn an_employer_sees_figures_of_groups_and_nothing_else() {
    let study = Study::nhanes();
    let refused = Findings::of(&study.cohort, &study.index, &study.scores, Audience::Employer).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Audience);
    let person = study.cohort.person("17").expect("a person");
    let refused = Standing::of(&study.index, &person, Audience::Employer).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Audience);
    assert!(!refused.to_string().contains("17"));

    let figures = study.summary().for_employer();
    for page in [report::figures_html(&figures), report::figures_markdown(&figures)] {
        let page = page.replace(figures.hash.as_str(), "");
        for hidden in ["felt", "measured", "mood", "partial", "5,265", "443", "quartile", "interval", "<svg"]
        {
            let page = page.split("</style>").last().unwrap_or_default();
            assert!(!page.contains(hidden), "{hidden}");
        }
        assert!(page.contains("4,822"));
    }

    let definition = Definition::builtin("nhanes").expect("a definition");
    let nine = std::fs::read_to_string("data/nhanes/adults.csv").expect("a file");
    let nine: Vec<&str> = nine.lines().take(10).collect();
    let table =
        Cohort::csv_options(&definition).read_bytes(nine.join("\n").as_bytes(), "nine").expect("a table");
    let few = Study::of(&definition, Cohort::new(&definition, table).expect("a cohort"));
    let figures = few.summary().for_employer();
    for page in [report::figures_html(&figures), report::figures_markdown(&figures)] {
        assert!(page.contains("Fewer than 10 people"));
        assert!(!page.contains("band"), "nothing else is shown");
    }
}

#[test]
fn small_and_empty_cohorts_have_pages_too() {
    let study = nasty();
    let sides = study.findings().two_sides.expect("two sides");
    assert_eq!(sides.cloud.points.len(), sides.between.n);
    assert!(report::findings_html(&study.findings()).contains("Each dot is a person"));
    let json = serde_json::to_string(&study.findings()).expect("JSON");
    assert!(!json.contains("points"), "dots are for a picture only");

    let definition = Definition::from_toml(NASTY).expect("a definition");
    let mut table = Table::builder().text("person", [Some("a"), Some("b")]);
    for item in ["w1", "w2", "w3", "w4", "w5", "pulse"] {
        table = table.number(item, [None, None]);
    }
    let table = table.text("habit", [None::<&str>, None]).build().expect("a table");
    let empty = Study::of(&definition, Cohort::new(&definition, table).expect("a cohort"));
    let page = report::findings_html(&empty.findings());
    assert!(page.contains("Of 2 people nobody has an index.") && !page.contains("NaN"));
    let page = report::standing_html(
        &Standing::of(&empty.index, &empty.cohort.person("a").unwrap(), Audience::Clinic).unwrap(),
    );
    assert!(page.contains("There is no index") && !page.contains("NaN"));
    assert!(!report::findings_markdown(&empty.findings()).contains("NaN"));
}

#[test]
fn nothing_of_a_person_is_in_debug() {
    let study = nasty();
    let standing = study.standing("<img src=0>");
    let shown = format!("{standing:?} {:?} {:?}", standing.lifts, standing.pillars);
    let has_number = shown.split('.').zip(shown.split('.').skip(1)).any(|(before, after)| {
        before.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(|c: char| c.is_ascii_digit())
    });
    assert!(!shown.contains("img") && !has_number, "{shown}");
    assert!(format!("{:?}", study.findings()).contains("Cloud("));
}
