//! Pinned requirements: read, without the driver, or with other pins.
//!
//! Installs nothing, and resolves nothing: what is not a pin is refused.

use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// As written, without the comment: `psycopg[binary]==3.3.9 ; python_version < "3.14"`.
    text: String,
    /// Normalised as PEP 503 says: `psycopg-binary` for `Psycopg_Binary`.
    name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements(Vec<Requirement>);

impl Requirements {
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        Self::parse(&text).map_err(|(line, what)| Error::Input {
            path: path.to_path_buf(),
            line,
            column: 1,
            what,
            hint: Some("write one `name==version` a line".into()),
        })
    }

    /// The error is the line's number and what is wrong with it.
    pub fn parse(text: &str) -> std::result::Result<Self, (usize, String)> {
        let mut all = Vec::new();
        for (number, line) in text.lines().enumerate() {
            // pip: a comment starts at the line's start or after white space.
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            all.push(Requirement::parse(line).map_err(|what| (number + 1, what))?);
        }
        Ok(Self(all))
    }

    /// Without a driver's packages, and without the extras that ask for it.
    #[must_use]
    pub fn without(self, driver: &[String]) -> Self {
        let kept = self.0.into_iter().filter(|requirement| !driver.contains(&requirement.name));
        Self(kept.map(Requirement::without_driver_extras).collect())
    }

    /// Puts each pin (`sqlalchemy==2.0.58`) in the place of the one with its name.
    pub fn with(mut self, pins: &[String]) -> Result<Self> {
        for pin in pins {
            let pin = Requirement::parse(pin).map_err(Error::failed)?;
            let Some(place) = self.0.iter_mut().find(|requirement| requirement.name == pin.name)
            else {
                let names: Vec<_> =
                    self.0.iter().map(|requirement| requirement.name.as_str()).collect();
                return Err(Error::failed(format!("no requirement is named {}", pin.name))
                    .hint(format!("--with replaces one of: {}", names.join(", "))));
            };
            *place = pin.with_extras_of(place);
        }
        Ok(self)
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|requirement| requirement.name == name)
    }

    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|requirement| requirement.text.as_str())
    }

    /// Adds the requirements of another file.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl Requirement {
    fn parse(line: &str) -> std::result::Result<Self, String> {
        if !line.contains("==") {
            return Err(format!("{line:?} is not a pin"));
        }
        let end =
            line.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(0);
        let name = line[..end].to_ascii_lowercase().replace(['_', '.'], "-");
        if name.is_empty() {
            return Err(format!("{line:?} does not start with the name of a package"));
        }
        Ok(Self { text: line.to_owned(), name })
    }

    fn extras(&self) -> Option<(usize, usize)> {
        Some((self.text.find('[')?, self.text.find(']')?))
    }

    /// `sqlalchemy[asyncio,postgresql-psycopg]` would install psycopg as well.
    fn without_driver_extras(mut self) -> Self {
        if let Some((open, close)) = self.extras() {
            let extras = self.text[open + 1..close].split(',').map(str::trim);
            let kept: Vec<_> = extras.filter(|extra| !extra.starts_with("postgresql")).collect();
            let kept =
                if kept.is_empty() { String::new() } else { format!("[{}]", kept.join(",")) };
            self.text.replace_range(open..=close, &kept);
        }
        self
    }

    /// `--with psycopg==3.2.0` means another version, not another build.
    fn with_extras_of(mut self, replaced: &Self) -> Self {
        if let (None, Some((open, close))) = (self.extras(), replaced.extras())
            && let Some(version) = self.text.find(['=', ' '])
        {
            self.text.insert_str(version, &replaced.text[open..=close]);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# pinned\nfastapi==0.165.0\n\nSQLAlchemy[asyncio,postgresql-psycopg]==2.1.9 # the ORM\n\
        psycopg[binary]==3.3.9\nPsycopg_Pool==3.3.3\npsycopg2-nothing==1.0\n";

    fn lines(requirements: &Requirements) -> Vec<&str> {
        requirements.lines().collect()
    }

    #[test]
    fn the_driver_and_the_extras_that_bring_it_are_left_out() {
        let driver = ["psycopg".to_owned(), "psycopg-pool".to_owned()];
        let without = Requirements::parse(TEXT).unwrap().without(&driver);
        let expected = ["fastapi==0.165.0", "SQLAlchemy[asyncio]==2.1.9", "psycopg2-nothing==1.0"];
        assert_eq!(lines(&without), expected);
    }

    #[test]
    fn a_pin_replaces_its_namesake_and_keeps_its_extras() {
        let pins = ["sqlalchemy==2.0.58".to_owned(), "psycopg==3.2.1".to_owned()];
        let replaced = Requirements::parse(TEXT).unwrap().with(&pins).unwrap();
        let expected = [
            "fastapi==0.165.0",
            "sqlalchemy[asyncio,postgresql-psycopg]==2.0.58",
            "psycopg[binary]==3.2.1",
            "Psycopg_Pool==3.3.3",
            "psycopg2-nothing==1.0",
        ];
        assert_eq!(lines(&replaced), expected);
    }

    #[test]
    fn a_pin_of_nothing_that_is_required_is_an_error() {
        let error =
            Requirements::parse(TEXT).unwrap().with(&["flask==3.0".to_owned()]).unwrap_err();
        assert!(
            error.to_string().starts_with(
                "no requirement is named flask\n  hint: --with replaces one of: fastapi"
            )
        );
    }

    #[test]
    fn what_is_not_a_pin_is_refused_with_its_line() {
        let error = Requirements::parse("fastapi==1\nuvicorn>=0.5\n").unwrap_err();
        assert_eq!(error, (2, "\"uvicorn>=0.5\" is not a pin".to_owned()));
    }
}
