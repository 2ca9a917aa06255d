//! All figures of a run, printed as a table or as JSON.
//!
//! Judges no figure itself.

use serde_json::json;

use super::Format;
use super::figure::{Amount, Figure, Verdict};
use crate::tally::Tally;

pub struct Report {
    figures: Vec<Figure>,
    /// Answers that should have been equal and were not.
    differences: Vec<String>,
    /// Whether floors are held; a quick run is too short for that.
    measured: bool,
}

impl Report {
    pub fn new(measured: bool) -> Self {
        Self { figures: Vec::new(), differences: Vec::new(), measured }
    }

    pub fn figure(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// Keeps what is wrong with an answer; a figure over wrong answers means nothing.
    pub fn demand(&mut self, equal: bool, otherwise: impl FnOnce() -> String) {
        if !equal {
            self.differences.push(otherwise());
        }
    }

    pub fn tally(&self) -> Tally {
        let failed = self.figures.iter().filter(|figure| self.word(figure) == "FAIL").count();
        Tally { passed: self.figures.len() - failed, failed: failed + self.differences.len() }
    }

    pub fn print(&self, format: Format) {
        match format {
            Format::Text => println!("{}", self.table()),
            Format::Json => println!("{:#}", self.json()),
        }
    }

    fn word(&self, figure: &Figure) -> &'static str {
        match figure.verdict() {
            _ if !self.measured => "ran ",
            Verdict::Goal => "goal",
            Verdict::Floor => "ok  ",
            Verdict::Neither => "FAIL",
        }
    }

    fn table(&self) -> String {
        let mut rows = vec![
            ["", "figure", "against", "ours", "reference", "ratio", "floor", "goal"]
                .map(str::to_owned),
        ];
        for figure in &self.figures {
            let dash = || "–".to_owned();
            rows.push([
                self.word(figure).to_owned(),
                figure.name.to_owned(),
                figure.against.to_owned(),
                figure.ours.to_string(),
                figure.reference.map_or_else(dash, |amount| amount.to_string()),
                figure.scale.shown(figure.value()),
                figure.floor.map_or_else(dash, |floor| figure.scale.bound(floor)),
                figure.scale.bound(figure.goal),
            ]);
        }
        let width = |place: usize| rows.iter().map(|row| row[place].chars().count()).max();
        let widths: Vec<usize> = (0..rows[0].len()).filter_map(width).collect();
        let line = |row: &[String; 8]| {
            let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let differences = self.differences.iter().map(|text| format!("FAIL {text}"));
        let lines: Vec<String> = rows.iter().map(line).chain(differences).collect();
        lines.join("\n")
    }

    fn json(&self) -> serde_json::Value {
        let figures: Vec<_> = self
            .figures
            .iter()
            .map(|figure| {
                json!({
                    "name": figure.name,
                    "against": figure.against,
                    "ours": figure.ours.number(),
                    "reference": figure.reference.map(Amount::number),
                    "ratio": figure.value(),
                    "unit": figure.scale.unit().trim_start(),
                    "floor": figure.floor,
                    "goal": figure.goal,
                    "verdict": self.word(figure).trim_end(),
                })
            })
            .collect();
        json!({ "figures": figures, "differences": self.differences })
    }
}

#[cfg(test)]
mod tests {
    use super::super::figure::Scale;
    use super::*;

    fn report(measured: bool, milliseconds: f64) -> Report {
        let mut report = Report::new(measured);
        report.figure(Figure {
            name: "import",
            against: "–",
            ours: Amount::Seconds(milliseconds / 1e3),
            reference: None,
            scale: Scale::Milliseconds,
            floor: Some(20.0),
            goal: 5.0,
        });
        report
    }

    #[test]
    fn a_figure_below_its_floor_fails_where_something_is_measured() {
        assert_eq!(report(true, 4.0).tally(), Tally { passed: 1, failed: 0 });
        assert_eq!(report(true, 19.0).tally(), Tally { passed: 1, failed: 0 });
        assert_eq!(report(true, 21.0).tally(), Tally { passed: 0, failed: 1 });
        assert_eq!(report(false, 21.0).tally(), Tally { passed: 1, failed: 0 });
    }

    #[test]
    fn other_answers_fail_a_quick_run_too_and_are_shown() {
        let mut report = report(false, 4.0);
        report.demand(true, || "equal".to_owned());
        report.demand(false, || "other rows".to_owned());
        assert_eq!(report.tally(), Tally { passed: 1, failed: 1 });
        assert!(report.table().ends_with("\nFAIL other rows"));
        assert_eq!(report.json()["differences"][0], "other rows");
    }

    #[test]
    fn json_has_numbers_in_base_units_and_what_they_are_held_to() {
        let json = report(true, 4.0).json();
        let figure = &json["figures"][0];
        assert_eq!((&figure["ours"], &figure["ratio"]), (&0.004.into(), &4.0.into()));
        assert_eq!((&figure["unit"], &figure["verdict"]), (&"ms".into(), &"goal".into()));
    }
}
