//! One figure: what was measured, against what, and the bounds that it is held to.
//!
//! Measures nothing and prints nothing.

use std::fmt;

/// A measured quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    Seconds(f64),
    Bytes(f64),
    BytesPerSecond(f64),
}

/// How the amount of ours becomes the number that has bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Ours as a part or multiple of the reference; less is better.
    AtMost,
    /// Ours as a part or multiple of the reference; more is better.
    AtLeast,
    /// The reference's time as a multiple of ours; more is better.
    Faster,
    /// Microseconds beyond the reference; less is better.
    More,
    /// Milliseconds; less is better, and there is no reference.
    Milliseconds,
}

#[derive(Debug)]
pub struct Figure {
    pub name: &'static str,
    pub against: &'static str,
    pub ours: Amount,
    pub reference: Option<Amount>,
    pub scale: Scale,
    /// The command fails if this is not met.
    pub floor: Option<f64>,
    pub goal: f64,
}

/// Which of its bounds a figure meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Goal,
    Floor,
    Neither,
}

impl Amount {
    /// In seconds, bytes, or bytes per second.
    pub fn number(self) -> f64 {
        let (Self::Seconds(number) | Self::Bytes(number) | Self::BytesPerSecond(number)) = self;
        number
    }
}

impl Figure {
    pub fn value(&self) -> f64 {
        let ours = self.ours.number();
        let reference = self.reference.map_or(1.0, Amount::number);
        match self.scale {
            Scale::AtMost | Scale::AtLeast => ours / reference,
            Scale::Faster => reference / ours,
            Scale::More => (ours - reference) * 1e6,
            Scale::Milliseconds => ours * 1e3,
        }
    }

    pub fn verdict(&self) -> Verdict {
        if self.scale.meets(self.value(), self.goal) {
            return Verdict::Goal;
        }
        // Without a floor there is nothing to fail.
        match self.floor {
            Some(floor) if !self.scale.meets(self.value(), floor) => Verdict::Neither,
            _ => Verdict::Floor,
        }
    }
}

impl Scale {
    fn meets(self, value: f64, bound: f64) -> bool {
        match self {
            Self::AtLeast | Self::Faster => value >= bound,
            Self::AtMost | Self::More | Self::Milliseconds => value <= bound,
        }
    }

    /// The bound with its sign, e.g. `≤ 20 µs more`.
    pub fn bound(self, bound: f64) -> String {
        let sign = if self.meets(f64::INFINITY, bound) { '≥' } else { '≤' };
        format!("{sign} {}", self.shown(bound))
    }

    pub fn shown(self, value: f64) -> String {
        format!("{}{}", short(value), self.unit())
    }

    pub fn unit(self) -> &'static str {
        match self {
            Self::AtMost | Self::AtLeast => "×",
            Self::Faster => "× faster",
            Self::More => " µs more",
            Self::Milliseconds => " ms",
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match *self {
            Self::Seconds(seconds) if seconds < 1e-3 => format!("{} µs", short(seconds * 1e6)),
            Self::Seconds(seconds) if seconds < 1.0 => format!("{} ms", short(seconds * 1e3)),
            Self::Seconds(seconds) => format!("{} s", short(seconds)),
            Self::Bytes(bytes) => format!("{} MB", short(bytes / 1e6)),
            Self::BytesPerSecond(rate) => format!("{} MB/s", short(rate / 1e6)),
        };
        f.pad(&text)
    }
}

/// Three digits, more only where they stand before the point.
fn short(value: f64) -> String {
    let decimals = match value.abs() {
        0.0 => 0,
        size if size < 1.0 => 3,
        size if size < 10.0 => 2,
        size if size < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(scale: Scale, ours: f64, reference: f64, floor: Option<f64>, goal: f64) -> Figure {
        let amount = Amount::Seconds;
        Figure {
            name: "name",
            against: "against",
            ours: amount(ours),
            reference: Some(amount(reference)),
            scale,
            floor,
            goal,
        }
    }

    #[test]
    fn a_figure_is_judged_in_the_direction_of_its_scale() {
        let verdict = |scale, ours, floor, goal| figure(scale, ours, 1.0, floor, goal).verdict();
        assert_eq!(verdict(Scale::AtMost, 4.0, Some(10.0), 5.0), Verdict::Goal);
        assert_eq!(verdict(Scale::AtMost, 7.0, Some(10.0), 5.0), Verdict::Floor);
        assert_eq!(verdict(Scale::AtMost, 11.0, Some(10.0), 5.0), Verdict::Neither);
        assert_eq!(verdict(Scale::Faster, 0.05, Some(10.0), 20.0), Verdict::Goal);
        assert_eq!(verdict(Scale::Faster, 0.2, Some(10.0), 20.0), Verdict::Neither);
        assert_eq!(verdict(Scale::AtLeast, 0.1, None, 0.3), Verdict::Floor);
        assert_eq!(verdict(Scale::More, 1.00003, Some(20.0), 8.0), Verdict::Neither);
        assert_eq!(verdict(Scale::Milliseconds, 0.004, Some(20.0), 5.0), Verdict::Goal);
    }

    #[test]
    fn numbers_are_shown_with_three_digits_and_their_unit() {
        assert_eq!(Amount::Seconds(0.000_004_321).to_string(), "4.32 µs");
        assert_eq!(Amount::Bytes(36_000_000.0).to_string(), "36 MB");
        assert_eq!(Amount::BytesPerSecond(1.234e9).to_string(), "1234 MB/s");
        assert_eq!(Scale::More.bound(20.0), "≤ 20 µs more");
        assert_eq!(Scale::Faster.bound(12.0), "≥ 12× faster");
        assert_eq!(Scale::AtLeast.bound(0.4), "≥ 0.4×");
    }
}
