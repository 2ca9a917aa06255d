//! Checks that a module of recorded data is a docstring and assignments of
//! literals, so that importing it can run nothing.
//!
//! Allows less than Python does: whatever is not known here is refused.

use super::tokens::{Token, tokens};

/// Names that stand for literals or in the types of assigned names.
const NAMES: &[&str] = &["True", "False", "None", "dict", "list", "str"];

/// Says what in a module is no literal, if anything is.
pub fn check_literals(source: &str) -> Result<(), String> {
    let mut depth = 0_usize;
    let mut line_start = true;
    let mut previous = "";
    for token in tokens(source) {
        let text = match token {
            Token::Name(name) => {
                let target = line_start && depth == 0;
                if target && !is_constant(name) || !target && !NAMES.contains(&name) {
                    return Err(format!("the name `{name}` in a module of literals"));
                }
                name
            }
            // A formatted string holds expressions.
            Token::Text(text) if prefix(text).contains(['f', 'F']) => {
                return Err("a formatted string in a module of literals".to_owned());
            }
            Token::Text(_) => "\"",
            Token::Comment(_) => continue,
            Token::Other(text) => text,
        };
        match text {
            "(" | "[" | "{" => {
                // A bracket behind a value would call or index it.
                let types = matches!(previous, "dict" | "list") && text == "[";
                if !types && !matches!(previous, "=" | "," | ":" | "(" | "[" | "{") {
                    return Err(format!("`{text}` behind `{previous}` in a module of literals"));
                }
                depth += 1;
            }
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "\n" => {
                line_start = true;
                continue;
            }
            " " => {
                line_start = false;
                continue;
            }
            "," | ":" | "=" | "\"" => {}
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => {}
            name if matches!(token, Token::Name(_)) && !name.is_empty() => {}
            other => return Err(format!("`{other}` in a module of literals")),
        }
        line_start = false;
        previous = text;
    }
    Ok(())
}

fn prefix(literal: &str) -> &str {
    literal.split(['"', '\'']).next().unwrap_or_default()
}

fn is_constant(name: &str) -> bool {
    name.bytes().all(|byte| byte == b'_' || byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::check_literals;

    #[test]
    fn literals_pass() {
        let source = "\"\"\"Doc.\"\"\"\n\nA = \"fx\"\nB = (\n    r\"\"\"f(x)\n\"\"\",\n)\n\
                      C: list[str] = []\nG: dict[str, str] = {\n    \"a\": 'b',\n}\nD = 7\nE = ()\nF = [None, True]\n";
        assert_eq!(check_literals(source), Ok(()));
    }

    #[test]
    fn anything_else_is_refused() {
        let refused = [
            "import os\n",
            "A = f(1)\n",
            "A = f\"{x}\"\n",
            "A = rf\"{x}\"\n",
            "A = \"a\"(1)\n",
            "A = \"a\"[0]\n",
            "A = (1)(2)\n",
            "A = lambda: 0\n",
            "A = 1 + 1\n",
            "A = B\n",
            "a = 1\n",
            "A = {x: 1}\n",
            "@A\n",
            "A = 1; B = 2\n",
            "A = \"a\".upper\n",
            "A = 0x1f\n",
        ];
        for source in refused {
            assert!(check_literals(source).is_err(), "{source}");
        }
    }
}
