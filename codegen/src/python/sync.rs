//! Derives the synchronous half of the Python code from the asynchronous one,
//! token by token.
//!
//! Knows no grammar. Whatever this table cannot express is written so that both
//! halves need no difference.

use std::collections::BTreeSet;

use super::tokens::{Token, is_name, tokens};

/// What stands in the name of a module that has a synchronous half.
pub const SUFFIX: &str = "_async";

/// Keywords that vanish with the spaces behind them.
const DROPPED: &[&str] = &["async", "await"];

/// Names that become others. Besides, a class named `AsyncX` becomes `X`, one
/// named `MockAsyncX` becomes `MockX`, and a module named `x_async` becomes `x`.
const NAMES: &[(&str, &str)] = &[
    ("__aenter__", "__enter__"),
    ("__aexit__", "__exit__"),
    ("__aiter__", "__iter__"),
    ("__anext__", "__next__"),
    ("StopAsyncIteration", "StopIteration"),
    ("aclose", "close"),
    ("aiter", "iter"),
    ("anext", "next"),
    ("asynccontextmanager", "contextmanager"),
    ("asyncio", "threading"),
];

/// The synchronous half of a module. `modules` are the names of all modules that
/// have one, as `cursor_async`.
pub fn derive(source: &str, modules: &BTreeSet<String>) -> String {
    let mut out = String::with_capacity(source.len());
    let mut dropped = false;
    for token in tokens(source) {
        match token {
            Token::Other(space) if dropped && (space == " " || space == "\t") => continue,
            Token::Name(name) if DROPPED.contains(&name) => {
                dropped = true;
                continue;
            }
            Token::Name(name) => out.push_str(&renamed(name, modules)),
            // Prose keeps its words, but a class must be called by its name.
            Token::Text(text) | Token::Comment(text) => rename_classes(text, &mut out),
            Token::Other(text) => out.push_str(text),
        }
        dropped = false;
    }
    out
}

/// The name of the synchronous half of a module of this path, if it has one.
pub fn derived_path(path: &str) -> Option<String> {
    path.strip_suffix(".py").and_then(|stem| stem.strip_suffix(SUFFIX)).map(|stem| {
        let mut path = String::from(stem);
        path.push_str(".py");
        path
    })
}

fn renamed(name: &str, modules: &BTreeSet<String>) -> String {
    if let Some((_, other)) = NAMES.iter().find(|(from, _)| *from == name) {
        return (*other).to_owned();
    }
    if modules.contains(name) {
        return name.trim_end_matches(SUFFIX).to_owned();
    }
    class(name).unwrap_or_else(|| name.to_owned())
}

/// The synchronous class of an asynchronous one, private ones included.
fn class(name: &str) -> Option<String> {
    let bare = name.trim_start_matches('_');
    let private = &name[..name.len() - bare.len()];
    ["Async", "MockAsync"].iter().find_map(|prefix| {
        let rest = bare.strip_prefix(prefix)?;
        let kept = prefix.trim_end_matches("Async");
        rest.starts_with(|c: char| c.is_ascii_uppercase()).then(|| format!("{private}{kept}{rest}"))
    })
}

fn rename_classes(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find(is_name) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        match class(&rest[..end]) {
            Some(class) => out.push_str(&class),
            None => out.push_str(&rest[..end]),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{derive, derived_path};

    fn sync(source: &str) -> String {
        derive(source, &BTreeSet::from(["cursor_async".to_owned()]))
    }

    #[test]
    fn every_row_of_the_table() {
        let rows = [
            ("async def f(self):", "def f(self):"),
            ("async with a as b:", "with a as b:"),
            ("    async for x in y:", "    for x in y:"),
            ("[x async for x in y]", "[x for x in y]"),
            ("return await f(await g())", "return f(g())"),
            ("return (await f()).x", "return (f()).x"),
            ("from .cursor_async import MockAsyncCursor", "from .cursor import MockCursor"),
            ("class AsyncX(AsyncY[int]):", "class X(Y[int]):"),
            ("class _AsyncX:", "class _X:"),
            ("AsyncIterator[int]", "Iterator[int]"),
            ("AsyncGenerator[int]", "Generator[int]"),
            ("def __aenter__(self):", "def __enter__(self):"),
            ("def __aexit__(self):", "def __exit__(self):"),
            ("def __aiter__(self):", "def __iter__(self):"),
            ("def __anext__(self):", "def __next__(self):"),
            ("raise StopAsyncIteration", "raise StopIteration"),
            ("@asynccontextmanager", "@contextmanager"),
            ("await x.aclose()", "x.close()"),
            ("await anext(aiter(x))", "next(iter(x))"),
            ("import asyncio", "import threading"),
            ("asyncio.Lock()", "threading.Lock()"),
        ];
        for (from, to) in rows {
            assert_eq!(sync(from), to);
        }
    }

    #[test]
    fn prose_keeps_its_words_but_names_classes() {
        let source = "\"\"\"An async MockAsyncCursor; await it.\"\"\"  # await AsyncX\n";
        let derived = "\"\"\"An async MockCursor; await it.\"\"\"  # await X\n";
        assert_eq!(sync(source), derived);
        assert_eq!(sync("__all__ = [\"MockAsyncCursor\"]"), "__all__ = [\"MockCursor\"]");
    }

    #[test]
    fn other_names_stay() {
        for source in ["is_async = asynchronous", "Asyncio", "awaited", "x.async_", "MyAsyncX"] {
            assert_eq!(sync(source), source);
        }
    }

    #[test]
    fn only_modules_of_the_name_have_a_synchronous_half() {
        assert_eq!(derived_path("a/cursor_async.py").as_deref(), Some("a/cursor.py"));
        assert_eq!(derived_path("cursor.py"), None);
    }
}
