//! The compiler's errors, as cargo passes them on in JSON.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use serde_json::Value;

/// An error of the compiler.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Diagnostic {
    /// From the root of the checkout, or absolute if it is outside. For an error in the code of a macro, where that is invoked.
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: usize,
    /// One line, with the compiler's code of the error.
    pub(crate) message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl Diagnostic {
    /// Reads the errors in the messages of cargo, run in `root`. A file is compiled for several targets; its errors are read
    /// once.
    pub(super) fn errors(messages: &str, root: &Path) -> Vec<Self> {
        let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let errors: BTreeSet<_> = messages.filter_map(|message| Self::read(&message["message"], root)).collect();
        errors.into_iter().collect()
    }

    fn read(message: &Value, root: &Path) -> Option<Self> {
        if message["level"] != "error" {
            return None;
        }
        let spans = message["spans"].as_array()?;
        // The end of a compilation is an error without a place.
        let span = invocation(spans.iter().find(|span| span["is_primary"] == true)?);
        let file = Path::new(span["file_name"].as_str()?);
        let file = file.strip_prefix(root).unwrap_or(file).to_string_lossy();
        // Paths of the list have slashes on Windows, too.
        let file = if cfg!(windows) { file.replace('\\', "/") } else { file.into_owned() };
        let line = usize::try_from(span["line_start"].as_u64()?).ok()?;
        let text = message["message"].as_str()?.split_whitespace().collect::<Vec<_>>().join(" ");
        let code = message["code"]["code"].as_str().map_or(String::new(), |code| format!(" ({code})"));
        Some(Self { file, line, message: text + &code })
    }
}

/// Returns where the outermost macro around a span is invoked.
fn invocation(span: &Value) -> &Value {
    match &span["expansion"]["span"] {
        Value::Null => span,
        outer => invocation(outer),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_read_once_at_the_invocations_of_macros() {
        let error = |spans: Value| {
            let message =
                json!({ "level": "error", "code": { "code": "E1" }, "message": "two\nlines", "spans": spans });
            json!({ "reason": "compiler-message", "message": message }).to_string()
        };
        let span = |file: &str, line: u32| json!({ "file_name": file, "line_start": line, "is_primary": true });
        let mut of_macro = span("/root/macro.rs", 1);
        of_macro["expansion"] = json!({ "span": span("/root/src/a.rs", 3) });
        let (a, b) = (error(json!([span("src/a.rs", 2)])), error(json!([of_macro])));
        let warning = a.replace("\"error\"", "\"warning\"");
        let lines = [a.as_str(), &warning, &error(json!([])), "no JSON", &b, &a].join("\n");
        let errors: Vec<_> = Diagnostic::errors(&lines, Path::new("/root")).iter().map(ToString::to_string).collect();
        assert_eq!(errors, ["src/a.rs:2: two lines (E1)", "src/a.rs:3: two lines (E1)"]);
    }
}
