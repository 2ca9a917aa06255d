//! All figures of a run, printed as a table or as JSON.
//!
//! Judges no figure itself.

use serde_json::json;

use super::Format;
use super::figure::{Figure, Verdict};
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
                    "reference": figure.reference.map(super::figure::Amount::number),
                    "ratio": figure.value(),
                    "unit": figure.scale.shown(0.0).trim_start_matches('0').trim(),
                    "floor": figure.floor,
                    "goal": figure.goal,
                    "verdict": self.word(figure).trim_end(),
                })
            })
            .collect();
        json!({ "figures": figures, "differences": self.differences })
    }
}
