//! `cargo xtask lint`: ruff, mypy and the literals check over the Python of the repository.
//!
//! Changes no file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::{Environment, embedded};
use crate::error::{Error, Result};
use crate::tally::Tally;
use crate::{paths, process, tool};

pub fn run() -> Result<Tally> {
    let tools = embedded(include_str!("../environments/tools.txt"))?;
    let client = embedded(include_str!("../environments/client.txt"))?;
    let environment = Environment::of(&tools)?;
    let with_driver = Environment::of(&tools.and(client))?;
    let mut tally = Tally::default();
    let python = [paths::generated_python(), paths::tests(), paths::programs()];
    for folder in python.into_iter().chain(paths::plain_templates()) {
        let name = paths::shown(&folder);
        check(
            &mut tally,
            &format!("ruff check {name}"),
            &mut ruff(&environment, &["check", "--quiet"], &folder),
        )?;
        let mut format = ruff(&environment, &["format", "--check", "--quiet"], &folder);
        check(&mut tally, &format!("ruff format {name}"), &mut format)?;
    }
    let fixtures = folders(&paths::generated_python())?;
    if fixtures.is_empty() {
        return Err(Error::failed(format!(
            "{}: no fixture",
            paths::shown(&paths::generated_python())
        ))
        .hint("cargo xtask gen"));
    }
    for fixture in &fixtures {
        let name = fixture.file_name().unwrap_or_default().to_string_lossy();
        check(&mut tally, &format!("mypy {name}"), &mut mypy(&environment, fixture))?;
        let modules = data_modules(fixture)?;
        tally.enter(&format!("literals {name}"), &literals(&environment, &modules)?);
    }
    let scratch = process::scratch("lint")?;
    let launcher = tool::launcher(scratch.path())?;
    let recorder = launcher.join("mock_cursor_recorder");
    check(&mut tally, "mypy mock_cursor_recorder", &mut mypy(&with_driver, &recorder))?;
    let plugin = launcher.join("mock_cursor_pytest");
    check(&mut tally, "mypy mock_cursor_pytest", &mut mypy(&environment, &plugin))?;
    Ok(tally)
}

fn ruff(environment: &Environment, arguments: &[&str], folder: &Path) -> Command {
    let mut command = environment.command("ruff");
    command.args(arguments).args(["--target-version", "py311"]);
    command
        .arg("--cache-dir")
        .arg(paths::tool_cache("ruff"))
        .arg(folder)
        .current_dir(paths::root());
    command
}

fn mypy(environment: &Environment, package: &Path) -> Command {
    let mut command = environment.command("mypy");
    command.args(["--strict", "--python-version", "3.11", "--no-error-summary"]);
    command.arg("--cache-dir").arg(paths::tool_cache("mypy"));
    command.arg(package).current_dir(package.parent().unwrap_or(package));
    command
}

fn check(tally: &mut Tally, name: &str, command: &mut Command) -> Result<()> {
    let said = process::run(command)?;
    let failure = (!said.success()).then(|| format!("{}\n{}", said.status, said.everything()));
    tally.enter(name, failure.as_slice());
    Ok(())
}

/// What in these modules is no literal, as Python parses them.
pub fn literals(environment: &Environment, modules: &[PathBuf]) -> Result<Vec<String>> {
    let scratch = process::scratch("literals")?;
    let list = scratch.path().join("modules");
    let names: Vec<String> = modules.iter().map(|module| module.display().to_string()).collect();
    fs::write(&list, names.join("\n")).map_err(Error::io("write", &list))?;
    let mut command = environment.script(include_str!("literals.py"), &[]);
    let stdin = fs::File::open(&list).map_err(Error::io("read", &list))?;
    let output = command
        .stdin(Stdio::from(stdin))
        .output()
        .map_err(Error::io("run", Path::new("python")))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    match (output.status.success(), text.is_empty()) {
        (true, true) => Ok(Vec::new()),
        _ => Ok(vec![format!("{}\n{}", output.status, text.trim_end())]),
    }
}

/// `index.py` and all modules of `scopes`.
pub fn data_modules(fixture: &Path) -> Result<Vec<PathBuf>> {
    let mut modules = vec![fixture.join("index.py")];
    let scopes = fixture.join("scopes");
    for entry in fs::read_dir(&scopes).map_err(Error::io("read", &scopes))? {
        let path = entry.map_err(Error::io("read", &scopes))?.path();
        if path.extension().is_some_and(|extension| extension == "py") {
            modules.push(path);
        }
    }
    modules.sort();
    Ok(modules)
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(parent).map_err(Error::io("read", parent))? {
        let path = entry.map_err(Error::io("read", parent))?.path();
        if path.join("__init__.py").is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the check on one module.
    fn violations(python: &str, source: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let module = folder.path().join("index.py");
        fs::write(&module, source).unwrap();
        let list = folder.path().join("list");
        fs::write(&list, module.display().to_string()).unwrap();
        let mut command = Command::new(python);
        command.args(["-I", "-c", include_str!("literals.py")]);
        let output = command.stdin(fs::File::open(&list).unwrap()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(i32::from(!text.is_empty())));
        text.replace(&format!("{}:", module.display()), "").trim_end().to_owned()
    }

    #[test]
    fn literals_pass() {
        let python = crate::python::find().unwrap().executable;
        assert_eq!(
            violations(
                &python,
                "\"\"\"Doc.\"\"\"\nA: dict[str, int] = {}\nB = (r\"x\", -2.5, [None, {\"a\": b\"c\"}])\n"
            ),
            ""
        );
    }

    #[test]
    fn what_could_run_code_is_found_with_its_place() {
        let python = crate::python::find().unwrap().executable;
        let cases = [
            ("A = 1\nimport os\n", "2:1: Import is no assignment"),
            ("A = print(1)\n", "1:1: the value is no literal"),
            ("A = f\"{1}\"\n", "1:1: the value is no literal"),
            ("A = {**{}}\n", "1:1: the value is no literal"),
            ("A = B = 1 + 1\n", "1:1: the value is no literal"),
            ("A: print(1) = 1\n", "1:1: the annotation is no type"),
            ("A.b = 1\n", "1:1: the target is no plain name"),
            ("A = 1\n\"text\"\n", "2:1: Expr is no assignment"),
            ("print(1)\n", "1:1: Expr is no assignment"),
        ];
        for (source, expected) in cases {
            assert_eq!(violations(&python, source), expected, "{source}");
        }
    }
}
