//! A strict reader of data modules: a docstring and literals assigned to names.
//!
//! Written apart from the check that the generator itself makes, and narrower
//! than Python: what it does not know is an error.

/// A literal of a module.
#[derive(Debug, PartialEq, Eq)]
pub enum Literal {
    Text(String),
    Number(u64),
    Many(Vec<Literal>),
}

/// The assignments of a module.
pub fn read(source: &str) -> Result<Vec<(String, Literal)>, String> {
    let mut reader = Reader { rest: source };
    if reader.rest.starts_with('#') {
        reader.skip_line();
    }
    reader.text()?;
    reader.demand("\n")?;
    let mut all = Vec::new();
    loop {
        while reader.take("\n") {}
        if reader.rest.is_empty() {
            return Ok(all);
        }
        let name = reader.name()?;
        if reader.take(": ") {
            let types = ["dict[str, str]", "list[str]"];
            if !types.iter().any(|each| reader.take(each)) {
                return Err(reader.fault("a type"));
            }
        }
        reader.demand(" = ")?;
        let value = reader.literal()?;
        reader.demand("\n")?;
        all.push((name, value));
    }
}

struct Reader<'s> {
    rest: &'s str,
}

impl Reader<'_> {
    fn fault(&self, wanted: &str) -> String {
        let shown: String = self.rest.chars().take(60).collect();
        format!("{wanted} should stand at {shown:?}")
    }

    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn demand(&mut self, text: &str) -> Result<(), String> {
        if self.take(text) { Ok(()) } else { Err(self.fault(&format!("{text:?}"))) }
    }

    fn skip_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\n']);
    }

    fn name(&mut self) -> Result<String, String> {
        let end = self.rest.find(|c: char| c != '_' && !c.is_ascii_uppercase());
        let (name, rest) = self.rest.split_at(end.unwrap_or(0));
        if name.is_empty() {
            return Err(self.fault("a name in capitals"));
        }
        self.rest = rest;
        Ok(name.to_owned())
    }

    fn literal(&mut self) -> Result<Literal, String> {
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}")] {
            if self.take(open) {
                return self.many(close);
            }
        }
        let digits = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        if digits > 0 {
            let (number, rest) = self.rest.split_at(digits);
            self.rest = rest;
            return number.parse().map(Literal::Number).map_err(|error| error.to_string());
        }
        self.text().map(Literal::Text)
    }

    fn many(&mut self, close: &str) -> Result<Literal, String> {
        let mut items = Vec::new();
        loop {
            self.space();
            if self.take(close) {
                return Ok(Literal::Many(items));
            }
            items.push(self.literal()?);
            if close == "}" {
                self.demand(": ")?;
                items.push(self.literal()?);
            }
            self.space();
            if !self.take(",") && !self.rest.starts_with(close) {
                return Err(self.fault("a comma"));
            }
        }
    }

    fn text(&mut self) -> Result<String, String> {
        let raw = self.take("r");
        for quote in ["\"\"\"", "\"", "'"] {
            // An empty text is no opening of a longer one.
            if self.rest.starts_with(quote) && (quote.len() == 3 || !raw) {
                self.take(quote);
                return if raw { self.raw(quote) } else { self.escaped(quote) };
            }
        }
        Err(self.fault("a literal"))
    }

    fn raw(&mut self, quote: &str) -> Result<String, String> {
        let end = self.rest.find(quote).ok_or_else(|| self.fault("an end of the text"))?;
        let text = &self.rest[..end];
        self.rest = &self.rest[end + quote.len()..];
        // Behind a backslash Python does not see the quote; a quote before it
        // would be taken for the first of the three.
        if text.ends_with('\\') || self.rest.starts_with('"') || text.contains(['\r', '\0']) {
            return Err(format!("a raw text that Python would read otherwise: {text:?}"));
        }
        Ok(text.to_owned())
    }

    fn escaped(&mut self, quote: &str) -> Result<String, String> {
        let mut text = String::new();
        loop {
            if self.take(quote) {
                return Ok(text);
            }
            let mut chars = self.rest.chars();
            let next = chars.next().ok_or_else(|| self.fault("an end of the text"))?;
            self.rest = chars.as_str();
            match next {
                '\\' => text.push(self.escape()?),
                '\n' | '\r' | '\0' => return Err(self.fault("an escape of a control character")),
                other => text.push(other),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let kind = self.rest.chars().next().ok_or_else(|| self.fault("an escape"))?;
        self.rest = &self.rest[kind.len_utf8()..];
        let length = match kind {
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            't' => return Ok('\t'),
            '\\' | '"' | '\'' => return Ok(kind),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return Err(self.fault("an escape that is known")),
        };
        let digits = self.rest.get(..length).ok_or_else(|| self.fault("digits"))?;
        let code = u32::from_str_radix(digits, 16).map_err(|error| error.to_string())?;
        self.rest = &self.rest[length..];
        char::from_u32(code).ok_or_else(|| self.fault("a character"))
    }
}

#[test]
fn literals_are_read_and_nothing_else() {
    let text = |text: &str| Literal::Text(text.to_owned());
    let source = "# By.\n\"\"\"Doc.\"\"\"\n\nA = \"a\\n\\x00\\u2028'\"\nB: list[str] = [\n    \
                  r\"\"\"x\\ \"y\" \"\"\",\n    '\"',\n]\nC = (\n    \"\"\n)\nD: dict[str, str] = {}\nE = 7\n";
    let expected = vec![
        ("A".to_owned(), text("a\n\0\u{2028}'")),
        ("B".to_owned(), Literal::Many(vec![text("x\\ \"y\" "), text("\"")])),
        ("C".to_owned(), Literal::Many(vec![text("")])),
        ("D".to_owned(), Literal::Many(Vec::new())),
        ("E".to_owned(), Literal::Number(7)),
    ];
    assert_eq!(read(source), Ok(expected));
    let refused = [
        "A = 1\n",
        "\"\"\"Doc.\"\"\"\nA = f\"x\"\n",
        "\"\"\"Doc.\"\"\"\nA = \"x\".y\n",
        "\"\"\"Doc.\"\"\"\nA = \"x\" \"y\"\n",
        "\"\"\"Doc.\"\"\"\nA = r\"\"\"x\\\"\"\"\n",
        "\"\"\"Doc.\"\"\"\nA = r\"\"\"x\"\"\"\"\n",
        "\"\"\"Doc.\"\"\"\nA = \"\\N{BULLET}\"\n",
        "\"\"\"Doc.\"\"\"\nA = g()\n",
        "\"\"\"Doc.\"\"\"\nimport os\n",
        "\"\"\"Doc.\"\"\"\nA = \"x\ny\"\n",
        "\"\"\"Doc.\"\"\"\nA = [x]\n",
        "\"\"\"Doc.\"\"\"\nA = 1; B = 2\n",
    ];
    for source in refused {
        assert!(read(source).is_err(), "{source}");
    }
}
